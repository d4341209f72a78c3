/** Mean and sample standard deviation (n − 1) of the rows that end at t: [n] columns in the unit of what they are of. */
export type MovingMoments = { readonly mean: Float64Array; readonly deviation: Float64Array }

/**
 * Moments of the last `window` rows, for one column of `rows` rows after another: the function given back writes those of
 * `x` [rows] and makes nothing anew. A row is NaN during warm-up and where its window holds a NaN. The columns written to
 * must not be `x`. Throws RangeError for a window that is not a whole number of 2 or more.
 * A row costs the same for every window: the column is cut every `window` rows, and sums about the value at the cut, from
 * it forwards and backwards, are added up. That value is in every window that the sums are for, so at most a factor of
 * `window` cancels, and what has left a window is in none of its sums. Row t depends on its window and on where the cuts lie,
 * that is in its last bits on where the column begins; where that may not be there is `rollingStd`. Rows before t do not
 * depend on rows after it. Source: van Herk (1992), Pattern Recognition Letters 13(7), 517–521, for the cuts.
 */
export function rollingMoments({ rows, window }: { readonly rows: number; readonly window: number }) {
  if (!Number.isInteger(window) || window < 2) throw new RangeError(`a window has 2 rows or more, got ${window}`)
  // Of the i rows before the cut.
  const before = { sum: new Float64Array(window), squares: new Float64Array(window) }
  return (x: Float64Array, into: MovingMoments): void => {
    const warmup = Math.min(rows, window - 1)
    into.mean.fill(Number.NaN, 0, warmup)
    into.deviation.fill(Number.NaN, 0, warmup)
    for (let cut = warmup; cut < rows; cut += window) {
      sumBackwards(x, cut, before)
      writeFrom(x, cut, { ...into, before })
    }
  }
}

type Sums = { readonly sum: Float64Array; readonly squares: Float64Array }

function sumBackwards(x: Float64Array, cut: number, { sum, squares }: Sums): void {
  const window = sum.length
  const origin = x[cut]
  let [s, q] = [0, 0]
  for (let i = 1; i < window; i++) {
    const value = x[cut - i] - origin
    s += value
    q += value * value
    sum[i] = s
    squares[i] = q
  }
}

/** The rows from the cut on whose window reaches back to it. */
function writeFrom(x: Float64Array, cut: number, { mean, deviation, before }: MovingMoments & { readonly before: Sums }): void {
  const { sum, squares } = before
  const window = sum.length
  const origin = x[cut]
  const [perRow, perFreedom] = [1 / window, 1 / (window - 1)]
  const rows = Math.min(window, x.length - cut)
  let [s, q] = [0, 0]
  for (let i = 0; i < rows; i++) {
    const value = x[cut + i] - origin
    s += value
    q += value * value
    const total = s + sum[window - 1 - i]
    const shift = total * perRow
    mean[cut + i] = origin + shift
    deviation[cut + i] = Math.sqrt((q + squares[window - 1 - i] - total * shift) * perFreedom)
  }
}

export type ExpandingMoments = MovingMoments & { readonly zScore: Float64Array }

/**
 * Writes mean and deviation of rows 0..t of `x` [n], and how many deviations x[t] is from the mean; NaN is skipped. A row is
 * NaN until `minimum` values were observed (one for the mean, two for the others at the least); the z-score also where x[t]
 * is, and while there is no variation. The columns are [n] and must not be `x`. Row t depends on rows <= t.
 * Source: Welford (1962), Technometrics 4(3), 419–420, about the first observed value.
 */
export function expandingMoments(
  x: Float64Array,
  { minimum }: { readonly minimum: number },
  { mean, deviation, zScore }: ExpandingMoments,
): void {
  const rows = x.length
  let origin = Number.NaN
  let count = 0
  let weight = Number.NaN
  let shift = 0
  let sumOfSquares = 0
  let spread = Number.NaN
  for (let t = 0; t < rows; t++) {
    const value = x[t]
    let distance = Number.NaN
    if (!Number.isNaN(value)) {
      if (count === 0) origin = value
      const freedom = weight
      count++
      weight = 1 / count
      const before = value - origin - shift
      shift += before * weight
      distance = value - origin - shift
      sumOfSquares += before * distance
      spread = Math.sqrt(sumOfSquares * freedom)
    }
    const isKnown = count >= minimum
    mean[t] = isKnown ? origin + shift : Number.NaN
    deviation[t] = isKnown ? spread : Number.NaN
    zScore[t] = isKnown && spread > 0 ? distance / spread : Number.NaN
  }
}
