/**
 * Changes in units of their own deviation, with what the likelihood keeps fixed while parameters move: the variance
 * before the first row and bounds on every variance, all from the residuals about the mean of the changes.
 */
export type ScaledChanges = {
  readonly y: Float64Array
  /** Deviation of the changes in the caller's unit. */
  readonly scale: number
  /** What the residuals are measured from, in units of the deviation. */
  readonly centre: number
  readonly initialVariance: number
  readonly lower: Float64Array
  readonly upper: Float64Array
}

const DECAY = 0.94
const BACKCAST_ROWS = 75
const WIDEST = 1e6

/**
 * `centre`: what the residuals are measured from, the mean of the changes or 0. The variance before the first row is the
 * 0.94-weighted mean of the first 75 squared residuals; a variance stays within 1e±6 of the residuals' own 0.94-weighted
 * one. As arch 6.2.0, but in units of the deviation, so that nothing depends on the caller's unit.
 */
export function scaleChanges(changes: Float64Array, centre: number): ScaledChanges {
  const n = changes.length
  const scale = deviationOf(changes, centre)
  const y = new Float64Array(n)
  const squared = new Float64Array(n)
  let sum = 0
  for (let t = 0; t < n; t++) {
    y[t] = changes[t] / scale
    const residual = y[t] - centre / scale
    sum += residual
    squared[t] = residual * residual
  }
  const initialVariance = backcast(squared)
  // The variance of the residuals about their own mean; their mean square is 1.
  const variance = 1 - (sum / n) ** 2
  return { y, scale, centre: centre / scale, initialVariance, ...varianceBounds(squared, { initialVariance, variance }) }
}

/** √ of the mean square about `centre`, by way of the largest so that no square overflows or vanishes. */
function deviationOf(changes: Float64Array, centre: number): number {
  let largest = 0
  for (let t = 0; t < changes.length; t++) largest = Math.max(largest, Math.abs(changes[t] - centre))
  let squares = 0
  for (let t = 0; t < changes.length; t++) squares += ((changes[t] - centre) / largest) ** 2
  return largest * Math.sqrt(squares / changes.length)
}

function backcast(squared: Float64Array): number {
  let weight = 1
  let weights = 0
  let sum = 0
  for (let i = 0; i < Math.min(BACKCAST_ROWS, squared.length); i++) {
    sum += weight * squared[i]
    weights += weight
    weight *= DECAY
  }
  return sum / weights
}

type Level = { readonly initialVariance: number; readonly variance: number }

function varianceBounds(squared: Float64Array, { initialVariance, variance }: Level) {
  let largest = 1
  for (let t = 0; t < squared.length; t++) largest = Math.max(largest, 1 + squared[t])
  const lower = new Float64Array(squared.length)
  const upper = new Float64Array(squared.length)
  let smoothed = initialVariance
  for (let t = 0; t < squared.length; t++) {
    if (t > 0) smoothed = DECAY * smoothed + (1 - DECAY) * squared[t - 1]
    lower[t] = Math.max(smoothed / WIDEST, variance / 1e8)
    upper[t] = Math.min(Math.max(smoothed * WIDEST, largest), 1e7 * largest)
  }
  return { lower, upper }
}
