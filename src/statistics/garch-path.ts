import type { ScaledChanges } from './garch-scale.ts'

/** Parameters in units of the deviation. `tail` is 1/ν of the innovations, 0 for normal ones. */
export type Point = {
  readonly mu: number
  readonly omega: number
  readonly alpha: number
  readonly gamma: number
  readonly beta: number
  readonly tail: number
}

/** The parameters that move the variance. */
export type VarianceParameter = Exclude<keyof Point, 'tail'>

/** What the changes look like at one point; [n] each. Filled anew for every point. */
export type Path = {
  /** change − mu */
  readonly surprise: Float64Array
  readonly variance: Float64Array
}

/** d ln σ² / d parameter, [n] each. */
export type PathSlopes = Readonly<Record<VarianceParameter, Float64Array>>

/** A path of n rows, zero as yet. */
export function emptyPath(n: number): Path {
  return { surprise: new Float64Array(n), variance: new Float64Array(n) }
}

/** Slopes of n rows, zero as yet. */
export function emptyPathSlopes(n: number): PathSlopes {
  const column = () => new Float64Array(n)
  return { mu: column(), omega: column(), alpha: column(), gamma: column(), beta: column() }
}

/** A variance kept within its bounds; above the upper one it grows as a logarithm, so that the likelihood has a slope. */
function boundedVariance(variance: number, lower: number, upper: number): number {
  if (variance < lower) return lower
  return variance > upper ? upper + Math.log(variance / upper) : variance
}

/** e where it is a fall, else 0. Without a branch: signs follow no pattern that a processor could foresee. */
function fallOf(e: number): number {
  return 0.5 * (e - Math.abs(e))
}

/**
 * Fills surprises and variances, σ²[t] = ω + (α + γ 1[e[t−1] < 0]) e²[t−1] + β σ²[t−1]; before the first row, the initial
 * variance stands for both e² and σ², half of it for a fall.
 */
export function fillPath({ surprise, variance }: Path, changes: ScaledChanges, point: Point): void {
  const { y, lower, upper, initialVariance } = changes
  const { mu, omega, alpha, gamma, beta } = point
  let news = (alpha + 0.5 * gamma) * initialVariance
  let last = initialVariance
  for (let t = 0; t < y.length; t++) {
    last = omega + news + beta * last
    if (last < lower[t] || last > upper[t]) last = boundedVariance(last, lower[t], upper[t])
    const e = y[t] - mu
    const fall = fallOf(e)
    news = alpha * e * e + gamma * fall * fall
    surprise[t] = e
    variance[t] = last
  }
}

/**
 * As `fillPath`, and the slopes: with d[t] the derivative of the variance, d[t] = (−2 (α + γ 1[e < 0]) e, 1, e²,
 * e² 1[e < 0], σ²)[t−1] + β d[t−1] for (mu, ω, α, γ, β).
 * Source: Fiorentini, Calzolari & Panattoni (1996), Journal of Applied Econometrics 11(4), 399–417.
 */
export function fillSlopes({ surprise, variance }: Path, slopes: PathSlopes, { changes, point }: Standpoint): void {
  const { y, lower, upper, initialVariance } = changes
  const { mu, omega, alpha, gamma, beta } = point
  const { mu: byMu, omega: byOmega, alpha: byAlpha, gamma: byGamma, beta: byBeta } = slopes
  let square = initialVariance
  let fallSquare = 0.5 * initialVariance
  let pull = 0
  let last = initialVariance
  let dMu = 0
  let dOmega = 0
  let dAlpha = 0
  let dGamma = 0
  let dBeta = 0
  for (let t = 0; t < y.length; t++) {
    dMu = pull + beta * dMu
    dOmega = 1 + beta * dOmega
    dAlpha = square + beta * dAlpha
    dGamma = fallSquare + beta * dGamma
    dBeta = last + beta * dBeta
    last = omega + alpha * square + gamma * fallSquare + beta * last
    if (last < lower[t] || last > upper[t]) {
      const passed = last < lower[t] ? 0 : 1 / last
      last = boundedVariance(last, lower[t], upper[t])
      dMu *= passed
      dOmega *= passed
      dAlpha *= passed
      dGamma *= passed
      dBeta *= passed
    }
    const precision = 1 / last
    byMu[t] = dMu * precision
    byOmega[t] = dOmega * precision
    byAlpha[t] = dAlpha * precision
    byGamma[t] = dGamma * precision
    byBeta[t] = dBeta * precision
    const e = y[t] - mu
    const fall = fallOf(e)
    square = e * e
    fallSquare = fall * fall
    pull = -2 * (alpha * e + gamma * fall)
    surprise[t] = e
    variance[t] = last
  }
}

/** The changes, seen from a point. */
export type Standpoint = { readonly changes: ScaledChanges; readonly point: Point }
