import { type ExpandingMoments, expandingMoments } from './moving-moments.ts'

/**
 * Moving windows over a column. NaN is skipped inside a window; a row whose window holds fewer than `minimum` observed
 * values is NaN. Every row of a rolling column is computed from its own window alone, in two passes about the window's
 * first value, so nothing cancels, nothing of an old outlier stays behind, and it is the same number wherever the column
 * begins; rows before t do not depend on rows after it. For many columns there is the quicker `rollingMoments`.
 * Checked against pandas 1.5.3, `Series.rolling(window, min_periods)` and `Series.expanding(min_periods)`.
 */
export type Window = {
  /** Rows in the window, the current one included. */
  readonly window: number
  /** Observed values that a row needs; the whole window unless given. */
  readonly minimum?: number
}

/** [n] mean of the last `window` rows, in the unit of `x`; NaN during warm-up. */
export function rollingMean(x: Float64Array, { window, minimum = window }: Window): Float64Array {
  return mapRows(
    x,
    (t) => momentsOf(x, Math.max(0, t - window + 1), t),
    ({ count, mean }) => (count >= minimum ? mean : Number.NaN),
  )
}

/** [n] sample standard deviation (n − 1) of the last `window` rows, in the unit of `x`; needs two observed values. */
export function rollingStd(x: Float64Array, { window, minimum = window }: Window): Float64Array {
  return mapRows(
    x,
    (t) => momentsOf(x, Math.max(0, t - window + 1), t),
    ({ count, sumOfSquares }) => (count >= Math.max(2, minimum) ? Math.sqrt(sumOfSquares / (count - 1)) : Number.NaN),
  )
}

/**
 * [n] (x − rolling mean) / rolling standard deviation, the current value included, without a unit.
 * NaN during warm-up, where `x` is NaN, and in a window without variation.
 */
export function rollingZScore(x: Float64Array, window: Window): Float64Array {
  return continuedZScore(undefined, x, window)
}

/** A column with its rolling z-scores. */
export type ScoredColumn = { readonly x: Float64Array; readonly z: Float64Array }

/**
 * The same as `rollingZScore(x, …)`, quicker when `x` begins as the column of `before` did, which was scored with the same window:
 * what its rows depend on has not changed, so they are taken over and only the others are computed.
 */
export function continuedZScore(
  before: ScoredColumn | undefined,
  x: Float64Array,
  { window, minimum = window }: Window,
): Float64Array {
  const z = new Float64Array(x.length).fill(Number.NaN)
  const known = before === undefined ? 0 : commonRows(before.x, x)
  if (before !== undefined) z.set(before.z.subarray(0, known))
  for (let t = known; t < x.length; t++) z[t] = zScoreAt(x, t, { window, minimum })
  return z
}

/** How many first rows of two columns are the same; NaN is the same as NaN. */
function commonRows(a: Float64Array, b: Float64Array): number {
  const rows = Math.min(a.length, b.length)
  let t = 0
  while (t < rows && (a[t] === b[t] || (Number.isNaN(a[t]) && Number.isNaN(b[t])))) t++
  return t
}

function zScoreAt(x: Float64Array, t: number, { window, minimum }: Required<Window>): number {
  const { count, mean, sumOfSquares } = momentsOf(x, Math.max(0, t - window + 1), t)
  return count >= Math.max(2, minimum) && sumOfSquares > 0 ? (x[t] - mean) / Math.sqrt(sumOfSquares / (count - 1)) : Number.NaN
}

/** [n] mean of rows 0..t, in the unit of `x`; NaN until `minimum` values were observed. */
export function expandingMean(x: Float64Array, minimum: { readonly minimum: number }): Float64Array {
  return expanding(x, minimum).mean
}

/** [n] sample standard deviation (n − 1) of rows 0..t, in the unit of `x`; needs two observed values. */
export function expandingStd(x: Float64Array, minimum: { readonly minimum: number }): Float64Array {
  return expanding(x, minimum).deviation
}

/** [n] (x − mean) / standard deviation of rows 0..t; NaN as in `rollingZScore`. */
export function expandingZScore(x: Float64Array, minimum: { readonly minimum: number }): Float64Array {
  return expanding(x, minimum).zScore
}

type Moments = { count: number; mean: number; sumOfSquares: number }

function mapRows(x: Float64Array, momentsAt: (t: number) => Moments, read: (moments: Moments) => number): Float64Array {
  const column = new Float64Array(x.length)
  for (let t = 0; t < x.length; t++) column[t] = read(momentsAt(t))
  return column
}

function momentsOf(x: Float64Array, from: number, to: number): Moments {
  let first = from
  while (first <= to && Number.isNaN(x[first])) first++
  if (first > to) return { count: 0, mean: Number.NaN, sumOfSquares: Number.NaN }
  const origin = x[first]
  let count = 0
  let sum = 0
  for (let i = first; i <= to; i++) {
    if (Number.isNaN(x[i])) continue
    count++
    sum += x[i] - origin
  }
  const shift = sum / count
  let sumOfSquares = 0
  for (let i = first; i <= to; i++) {
    const deviation = x[i] - origin - shift
    if (!Number.isNaN(deviation)) sumOfSquares += deviation * deviation
  }
  return { count, mean: origin + shift, sumOfSquares }
}

function expanding(x: Float64Array, minimum: { readonly minimum: number }): ExpandingMoments {
  const column = () => new Float64Array(x.length)
  const moments = { mean: column(), deviation: column(), zScore: column() }
  expandingMoments(x, minimum, moments)
  return moments
}
