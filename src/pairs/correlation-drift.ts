import type { PriceColumn } from '#domain/units.ts'
import { logReturns } from '#features/log-returns.ts'
import { pearson } from '#statistics/correlation.ts'

/** How the correlation of a pair's returns has moved. `change` is now − before. */
export type CorrelationDrift =
  | { readonly kind: 'measured'; readonly before: number; readonly now: number; readonly change: number; readonly bars: number }
  | { readonly kind: 'too-short' | 'constant' }

/**
 * Pearson's correlation of the one-bar log returns of y and x in their first `head` rows, those that a screen read, and in the
 * rows after them. `y`, `x`: [n] USD per share on one clock, NaN where not observed. Correlations of returns and not of log
 * prices are compared, since those of two short trends say nothing of how the two move together. `too-short`: fewer than
 * `minimumBars` common returns on either side. `constant`: one of the two does not move.
 */
export function correlationDrift(
  y: PriceColumn,
  x: PriceColumn,
  { head, minimumBars }: { readonly head: number; readonly minimumBars: number },
): CorrelationDrift {
  const [ry, rx] = [logReturns(y), logReturns(x)]
  const before = pearson(ry.subarray(0, head), rx.subarray(0, head))
  const now = pearson(ry.subarray(head), rx.subarray(head))
  if (before.kind === 'constant' || now.kind === 'constant') return { kind: 'constant' }
  if (before.kind === 'too-short' || now.kind === 'too-short') return { kind: 'too-short' }
  if (Math.min(before.observations, now.observations) < minimumBars) return { kind: 'too-short' }
  return { kind: 'measured', before: before.r, now: now.r, change: now.r - before.r, bars: now.observations }
}
