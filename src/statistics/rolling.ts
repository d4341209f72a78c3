/**
 * Moving windows over a column. NaN is skipped inside a window; a row whose window holds fewer than `minimum` observed
 * values is NaN. Every row is computed from its own window alone, in two passes about the window's first value, so
 * nothing cancels and nothing of an old outlier stays behind; rows before t do not depend on rows after it.
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
export function rollingZScore(x: Float64Array, { window, minimum = window }: Window): Float64Array {
  const z = new Float64Array(x.length).fill(Number.NaN)
  for (let t = 0; t < x.length; t++) {
    const { count, mean, sumOfSquares } = momentsOf(x, Math.max(0, t - window + 1), t)
    if (count >= Math.max(2, minimum) && sumOfSquares > 0) z[t] = (x[t] - mean) / Math.sqrt(sumOfSquares / (count - 1))
  }
  return z
}

/** [n] mean of rows 0..t, in the unit of `x`; NaN until `minimum` values were observed. */
export function expandingMean(x: Float64Array, { minimum }: { readonly minimum: number }): Float64Array {
  return expanding(x, ({ count, mean }) => (count >= Math.max(1, minimum) ? mean : Number.NaN))
}

/** [n] sample standard deviation (n − 1) of rows 0..t, in the unit of `x`; needs two observed values. */
export function expandingStd(x: Float64Array, { minimum }: { readonly minimum: number }): Float64Array {
  return expanding(x, ({ count, sumOfSquares }) =>
    count >= Math.max(2, minimum) ? Math.sqrt(sumOfSquares / (count - 1)) : Number.NaN,
  )
}

/** [n] (x − mean) / standard deviation of rows 0..t; NaN as in `rollingZScore`. */
export function expandingZScore(x: Float64Array, { minimum }: { readonly minimum: number }): Float64Array {
  return expanding(x, ({ count, mean, sumOfSquares }, value) =>
    count >= Math.max(2, minimum) && sumOfSquares > 0 ? (value - mean) / Math.sqrt(sumOfSquares / (count - 1)) : Number.NaN,
  )
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

/** Welford's update, about the first observed value. Source: Welford (1962), Technometrics 4(3), 419–420. */
function expanding(x: Float64Array, read: (moments: Moments, value: number) => number): Float64Array {
  const column = new Float64Array(x.length)
  let origin = Number.NaN
  let count = 0
  let shift = 0
  let sumOfSquares = 0
  for (let t = 0; t < x.length; t++) {
    if (!Number.isNaN(x[t])) {
      if (count === 0) origin = x[t]
      count++
      const before = x[t] - origin - shift
      shift += before / count
      sumOfSquares += before * (x[t] - origin - shift)
    }
    column[t] = read({ count, mean: origin + shift, sumOfSquares }, x[t])
  }
  return column
}
