import type { Measure } from '#statistics/measure.ts'
import { numbersIn, type ReferenceCase } from './reference-case.ts'

/** What this program says to one figure of a case, and how near it must come. */
export type Figure = {
  readonly ours: ArrayLike<number>
  /** The case's expected value of the same name unless given. */
  readonly theirs?: ArrayLike<number>
  /** Largest error allowed; 1e-8 unless given. */
  readonly bound?: number
  /** Differences count relative to the larger of this and the expected value; the column's largest value unless given. */
  readonly floor?: number
  /** Ours may be larger by any amount; the error is how far it falls short, in its own unit. */
  readonly isAtLeast?: true
}

export type Answer =
  | {
      readonly kind: 'answered'
      readonly figures: Readonly<Record<string, Figure>>
      /** Expected figures that are not compared: what the other program did on the way, or what follows from the rest. */
      readonly aside?: readonly string[]
    }
  | { readonly kind: 'refused'; readonly why: string }

export type Checker = (one: ReferenceCase) => Answer

export const DEFAULT_BOUND = 1e-8

export function answered(figures: Readonly<Record<string, Figure>>, aside: readonly string[] = []): Answer {
  return { kind: 'answered', figures, aside }
}

export function refused(why: string): Answer {
  return { kind: 'refused', why }
}

/** A figure that may have no value: NaN, which agrees with NaN and with an infinity. */
export function measureFigure(measure: Measure, options: Omit<Figure, 'ours'> = {}): Figure {
  return { ...options, ours: [measure.kind === 'measured' ? measure.value : Number.NaN] }
}

/**
 * What is left of 1e-8 where a case's own numbers say that the other program lost digits, and how many: of a figure that
 * magnifies rounding `magnification` times double precision keeps 2⁻⁵² of that at best.
 */
export function withinRounding(magnification: number): number {
  return Math.max(DEFAULT_BOUND, Number.EPSILON * magnification)
}

/** The error of a figure that counts most: one number for a column. */
export type Measured = { readonly figure: string; readonly error: number; readonly bound: number }

/** The errors of the figures that the case expects; of those that say themselves what is expected, in any case. */
export function errorsOf(one: ReferenceCase, figures: Readonly<Record<string, Figure>>): Measured[] {
  const asked = Object.entries(figures).filter(([figure, { theirs }]) => theirs !== undefined || figure in one.expected)
  return asked.map(([figure, { ours, theirs, bound = DEFAULT_BOUND, floor, isAtLeast }]) => {
    const expected = theirs ?? numbersIn(one.expected[figure])
    const error = isAtLeast ? Math.max(0, expected[0] - ours[0]) : worstError(ours, expected, floor)
    return { figure, error, bound }
  })
}

/** Infinite for other lengths and where only one of the two is a finite number. */
function worstError(ours: ArrayLike<number>, theirs: ArrayLike<number>, floor = largestOf(theirs)): number {
  if (ours.length !== theirs.length) return Number.POSITIVE_INFINITY
  let worst = 0
  for (let i = 0; i < theirs.length; i++) {
    const [our, their] = [ours[i], theirs[i]]
    if (our === their || (!Number.isFinite(our) && !Number.isFinite(their))) continue
    const error = Math.abs(our - their) / Math.max(floor, Math.abs(their))
    worst = Number.isNaN(error) ? Number.POSITIVE_INFINITY : Math.max(worst, error)
  }
  return worst
}

function largestOf(values: ArrayLike<number>): number {
  let largest = 0
  for (let i = 0; i < values.length; i++) if (Number.isFinite(values[i])) largest = Math.max(largest, Math.abs(values[i]))
  return largest
}
