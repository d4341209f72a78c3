/** Rows on either side that a price is held against. */
const REACH = 3
/** Standard deviations of a one-row change that a price may stand away from its neighbours. */
const FARTHEST = 10
/** Makes the median of |x| the standard deviation of a normal x. */
const NORMAL_MAD = 1.4826

export type Masked = { readonly column: Float64Array; readonly count: number }

/**
 * A column of log prices with bad ticks left out: a row farther from the median of the seven rows around it than ten
 * standard deviations of its one-row changes becomes NaN. The deviation is 1.4826 × the median of |changes|, which a
 * few bad ticks cannot move; where more than half of the changes are 0 their mean size stands for the median. A level
 * that changes and stays is no spike, whatever its size. Masks runs of up to three rows, at the ends too.
 * `logPrices`: [n], NaN where not observed, which stays so. Looks three rows ahead: for training windows only.
 * Source: the Hampel identifier; Pearson (2002), IEEE Transactions on Control Systems Technology 10(1), 55–63.
 */
export function maskSpikes(logPrices: Float64Array): Masked {
  const farthest = FARTHEST * typicalChange(logPrices)
  const column = logPrices.slice()
  let count = 0
  for (let t = 0; t < column.length; t++) {
    const around = logPrices.subarray(Math.max(0, t - REACH), t + REACH + 1)
    if (Math.abs(logPrices[t] - medianOf(around)) > farthest) {
      column[t] = Number.NaN
      count++
    }
  }
  return { column, count }
}

function typicalChange(x: Float64Array): number {
  const changes = x
    .map((value, t) => (t === 0 ? Number.NaN : Math.abs(value - x[t - 1])))
    .filter((change) => !Number.isNaN(change))
  const median = medianOf(changes)
  return NORMAL_MAD * (median > 0 ? median : changes.reduce((sum, change) => sum + change, 0) / changes.length)
}

function medianOf(x: Float64Array): number {
  const sorted = x.filter((value) => !Number.isNaN(value)).sort()
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
