/**
 * Changes in units of their own deviation, with what the likelihood keeps fixed while parameters move: the variance
 * before the first row and bounds on every variance, all from the residuals about the mean of the changes.
 */
export type ScaledChanges = {
  readonly y: Float64Array
  /** Deviation of the changes in the caller's unit. */
  readonly scale: number
  readonly initialVariance: number
  readonly lower: Float64Array
  readonly upper: Float64Array
}

/** mu, omega, alpha, beta. */
export type Point = readonly [number, number, number, number]

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
  const largest = changes.reduce((most, change) => Math.max(most, Math.abs(change - centre)), 0)
  const squares = changes.reduce((sum, change) => sum + ((change - centre) / largest) ** 2, 0)
  const scale = largest * Math.sqrt(squares / n)
  const y = changes.map((change) => change / scale)
  const squared = y.map((value) => (value - centre / scale) ** 2)
  const initialVariance = backcast(squared)
  return { y, scale, initialVariance, ...varianceBounds(squared, initialVariance) }
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

function varianceBounds(squared: Float64Array, initialVariance: number) {
  const largest = 1 + squared.reduce((most, value) => Math.max(most, value), 0)
  const lower = new Float64Array(squared.length)
  const upper = new Float64Array(squared.length)
  let smoothed = initialVariance
  for (let t = 0; t < squared.length; t++) {
    if (t > 0) smoothed = DECAY * smoothed + (1 - DECAY) * squared[t - 1]
    lower[t] = Math.max(smoothed / WIDEST, 1e-8)
    upper[t] = Math.min(Math.max(smoothed * WIDEST, largest), 1e7 * largest)
  }
  return { lower, upper }
}

/** A variance kept within its bounds; above the upper one it grows as a logarithm, so that the likelihood has a slope. */
function boundedVariance(variance: number, lower: number, upper: number): number {
  if (variance < lower) return lower
  return variance > upper ? upper + Math.log(variance / upper) : variance
}

/** Gaussian log-likelihood of the scaled changes at `point`. */
export function logLikelihoodAt(changes: ScaledChanges, [mu, omega, alpha, beta]: Point): number {
  const { y, lower, upper } = changes
  let square = changes.initialVariance
  let variance = changes.initialVariance
  let quadratic = 0
  const logs = new LogSum()
  for (let t = 0; t < y.length; t++) {
    variance = boundedVariance(omega + alpha * square + beta * variance, lower[t], upper[t])
    square = (y[t] - mu) * (y[t] - mu)
    quadratic += square / variance
    logs.add(variance)
  }
  return -0.5 * (y.length * Math.log(2 * Math.PI) + logs.total() + quadratic)
}

/** [n] variances at `point`, in squared units of the deviation. */
export function variancesAt(changes: ScaledChanges, [mu, omega, alpha, beta]: Point): Float64Array {
  const { y, lower, upper, initialVariance } = changes
  let square = initialVariance
  let variance = initialVariance
  return y.map((value, t) => {
    variance = boundedVariance(omega + alpha * square + beta * variance, lower[t], upper[t])
    square = (value - mu) * (value - mu)
    return variance
  })
}

export type Slope = {
  readonly logLikelihood: number
  /** [4] */
  readonly gradient: Float64Array
  /** [4][4] expected information, positive semi-definite. */
  readonly information: readonly Float64Array[]
}

/**
 * Log-likelihood, gradient and expected information at `point`. With d[t] the derivative of the variance,
 * d[t] = (−2 α e[t−1] for mu, 1, e²[t−1], σ²[t−1]) + β d[t−1]: the gradient is Σ ½ d (e²/σ² − 1)/σ² and the information
 * Σ ½ d d′/σ⁴, with Σ e/σ² and Σ 1/σ² more for mu. Source: Fiorentini, Calzolari & Panattoni (1996), Journal of
 * Applied Econometrics 11(4), 399–417.
 */
export function slopeAt(changes: ScaledChanges, [mu, omega, alpha, beta]: Point): Slope {
  const { y, lower, upper, initialVariance } = changes
  const gradient = new Float64Array(4)
  const sums = new Float64Array(10)
  let [square, variance, quadratic] = [initialVariance, initialVariance, 0]
  let [dMu, dOmega, dAlpha, dBeta] = [0, 0, 0, 0]
  let pull = 0
  const logs = new LogSum()
  for (let t = 0; t < y.length; t++) {
    dMu = pull + beta * dMu
    dOmega = 1 + beta * dOmega
    dAlpha = square + beta * dAlpha
    dBeta = variance + beta * dBeta
    const free = omega + alpha * square + beta * variance
    variance = boundedVariance(free, lower[t], upper[t])
    if (variance !== free) {
      const passed = free < lower[t] ? 0 : 1 / free
      dMu *= passed
      dOmega *= passed
      dAlpha *= passed
      dBeta *= passed
    }
    const e = y[t] - mu
    square = e * e
    pull = -2 * alpha * e
    const precision = 1 / variance
    const ratio = square * precision
    quadratic += ratio
    logs.add(variance)
    const weight = 0.5 * (ratio - 1) * precision
    gradient[0] += dMu * weight + e * precision
    gradient[1] += dOmega * weight
    gradient[2] += dAlpha * weight
    gradient[3] += dBeta * weight
    const half = 0.5 * precision * precision
    sums[0] += half * dMu * dMu + precision
    sums[1] += half * dMu * dOmega
    sums[2] += half * dOmega * dOmega
    sums[3] += half * dMu * dAlpha
    sums[4] += half * dOmega * dAlpha
    sums[5] += half * dAlpha * dAlpha
    sums[6] += half * dMu * dBeta
    sums[7] += half * dOmega * dBeta
    sums[8] += half * dAlpha * dBeta
    sums[9] += half * dBeta * dBeta
  }
  const information = [0, 1, 2, 3].map((i) =>
    Float64Array.of(0, 1, 2, 3).map((j) => sums[i >= j ? (i * (i + 1)) / 2 + j : (j * (j + 1)) / 2 + i]),
  )
  return { logLikelihood: -0.5 * (y.length * Math.log(2 * Math.PI) + logs.total() + quadratic), gradient, information }
}

/** Σ ln v over positive v between 1e-12 and 1e12, one logarithm for eight of them. */
class LogSum {
  #product = 1
  #pending = 0
  #sum = 0

  add(value: number): void {
    this.#product *= value
    if (++this.#pending === 8) this.#flush()
  }

  total(): number {
    this.#flush()
    return this.#sum
  }

  #flush(): void {
    this.#sum += Math.log(this.#product)
    this.#product = 1
    this.#pending = 0
  }
}
