import { type Outcome, ok, refuse } from '#domain/outcome.ts'
import type { Split } from './training-split.ts'

/** How windows are cut into folds that go forward in time. */
export type WalkForwardRules = {
  /** `expanding`: a fold trains on all that came before; `rolling`: on as many windows as the first fold does, the latest. */
  readonly kind: 'expanding' | 'rolling'
  /** Test parts, one behind the other; >= 1. */
  readonly folds: number
  /** Of the windows before the untouched part, those that come before the first test part, in (0, 1). */
  readonly firstFraction: number
  /** Of the windows before a test part, the latest, which validate, in (0, 1). */
  readonly validationFraction: number
  /** Of all windows, the latest, which no fold sees, in [0, 1). */
  readonly untouchedFraction: number
  /** Bars in one window. */
  readonly sequenceBars: number
  /** Bars that a label looks ahead. */
  readonly labelHorizonBars: number
  /** Bars left out beside. */
  readonly embargoBars: number
}

export type WalkForward = {
  /** In the order of time; each is cut as one training takes it. */
  readonly folds: readonly Split[]
  /** Rows on which the windows end that are kept for the last word. */
  readonly untouchedEnds: Int32Array
}

export type TooFewWindows = { readonly kind: 'too-few-windows'; readonly windows: number; readonly fold: number | 'untouched' }

/**
 * Cuts windows, which end on the ascending rows `ends`, into folds by time: training, validation and test part behind one
 * another, the test parts without overlap, and the latest windows kept apart. An earlier part loses its last windows to the
 * purge: none of its windows, nor the rows that its labels look ahead to, comes within `embargoBars` of a row of the next
 * part's windows; later parts stay whole. The test parts of two folds lie wall to wall; the last one keeps its distance from
 * the untouched part. Refuses where a part would be empty. Throws RangeError for rules outside their domain.
 * Source: López de Prado (2018), Advances in Financial Machine Learning, chapter 7, for purge and embargo.
 */
export function walkForward(ends: Int32Array, rules: WalkForwardRules): Outcome<WalkForward, TooFewWindows> {
  requireDomain(rules)
  const seen = ends.length - Math.floor(ends.length * rules.untouchedFraction)
  const untouchedEnds = ends.subarray(seen)
  const first = Math.floor(seen * rules.firstFraction)
  const startOf = (fold: number) => first + Math.floor(((seen - first) * fold) / rules.folds)
  const folds = Array.from({ length: rules.folds }, (_, fold): Split => {
    const [from, until] = [startOf(fold), startOf(fold + 1)]
    return foldOf(ends, {
      begin: rules.kind === 'rolling' ? from - first : 0,
      from,
      until,
      isLast: fold === rules.folds - 1,
      rules,
    })
  })
  const empty = folds.findIndex((fold) => Object.values(fold).some((part) => part.length === 0))
  if (empty >= 0) return refuse({ kind: 'too-few-windows', windows: ends.length, fold: empty })
  if (rules.untouchedFraction > 0 && untouchedEnds.length === 0) {
    return refuse({ kind: 'too-few-windows', windows: ends.length, fold: 'untouched' })
  }
  return ok({ folds, untouchedEnds })
}

type Cut = {
  readonly begin: number
  readonly from: number
  readonly until: number
  readonly isLast: boolean
  readonly rules: WalkForwardRules
}

/** Of the windows [begin, from) the last fraction validates; [from, until) is tested. */
function foldOf(ends: Int32Array, { begin, from, until, isLast, rules }: Cut): Split {
  const validation = from - Math.floor((from - begin) * rules.validationFraction)
  return {
    trainEnds: purged(ends, begin, validation, rules),
    validationEnds: purged(ends, validation, from, rules),
    // The next fold's test part is another training's business; what is kept for the last word is not.
    testEnds: isLast ? purged(ends, from, until, rules) : ends.subarray(from, until),
  }
}

/** The windows [from, until) less those that reach into the window at `until`, if there is one. */
function purged(ends: Int32Array, from: number, until: number, rules: WalkForwardRules): Int32Array {
  if (until >= ends.length) return ends.subarray(from, until)
  const limit = ends[until] - gapBetweenParts(rules)
  let last = until
  while (last > from && ends[last - 1] >= limit) last--
  return ends.subarray(from, last)
}

/**
 * Rows that must lie between the ends of two windows of different parts: a window's length, the label's horizon and the
 * embargo.
 */
export function gapBetweenParts({
  sequenceBars,
  labelHorizonBars,
  embargoBars,
}: Pick<WalkForwardRules, 'sequenceBars' | 'labelHorizonBars' | 'embargoBars'>): number {
  return sequenceBars - 1 + labelHorizonBars + embargoBars
}

function requireDomain({ folds, firstFraction, validationFraction, untouchedFraction }: WalkForwardRules): void {
  const isInside = (fraction: number) => fraction > 0 && fraction < 1
  if (!(folds >= 1)) throw new RangeError(`a walk forward has a fold at least, got ${folds}`)
  if (![firstFraction, validationFraction].every(isInside) || !(untouchedFraction >= 0 && untouchedFraction < 1)) {
    throw new RangeError(`fractions must lie in (0, 1), got ${firstFraction}, ${validationFraction} and ${untouchedFraction}`)
  }
}
