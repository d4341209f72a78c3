import { adf } from '#statistics/adf.ts'
import type { ScreenRules, TailFigures } from './screened-pair.ts'

/** A spread with the hedge of its head: [rows of the head] and the rows held back. */
export type SplitSpread = { readonly head: Float64Array; readonly tail: Float64Array }

/** Below it the table of the test, which is for long series, says little. */
const FEWEST_ROWS = 20

export type OutOfSample =
  | ({ readonly kind: 'reverts' | 'broke' } & TailFigures)
  /** The tail is too short for the test, or does not vary. */
  | { readonly kind: 'untestable'; readonly why: string }

/**
 * Whether the held-back spread still reverts, and to the mean that it had. The mean is known, 0, and hedge and constant were
 * fixed before, so the test is Dickey–Fuller's without a constant and with its own table: it asks for a return to the
 * old mean, and on a short tail it finds one about twice as often as the test with a constant does (docs/screen.md has the
 * figures, and the history of the default level). A spread that settles around another mean can pass where it reverts fast, so the distance of the tail's mean, in standard
 * deviations of the head, has a limit of its own. Lags by Schwarz's criterion.
 * `head`: residuals of the cointegrating regression, mean 0; `tail`: [m] finite. Source: Dickey & Fuller (1979), JASA 74(366).
 */
export function outOfSample({ head, tail }: SplitSpread, rules: ScreenRules): OutOfSample {
  if (tail.length < FEWEST_ROWS) return { kind: 'untestable', why: 'too-short' }
  const test = adf(tail, { trend: 'n', lagRule: 'bic' })
  if (test.kind !== 'tested') return { kind: 'untestable', why: test.kind }
  const figures = { tailPValue: test.pValue, tailShift: Math.abs(meanOf(tail)) / Math.sqrt(meanOf(head.map((s) => s * s))) }
  const reverts = figures.tailPValue <= rules.maximumTailPValue && figures.tailShift <= rules.maximumTailShift
  return { kind: reverts ? 'reverts' : 'broke', ...figures }
}

function meanOf(x: Float64Array): number {
  return x.reduce((sum, value) => sum + value, 0) / x.length
}
