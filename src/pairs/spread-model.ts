import { fitGarch, type GarchParameters, garchAt } from '#statistics/garch.ts'

/**
 * A spread's changes as error correction with GARCH(1,1): Δs[t] = λ s[t−1] + e[t], e[t] of variance
 * σ²[t] = ω + α e²[t−1] + β σ²[t−1].
 */
export type FittedSpreadModel = {
  readonly kind: 'fitted'
  /** λ, negative where the spread reverts; a fraction of the deviation for each bar. */
  readonly correction: number
  readonly variance: GarchParameters
  /** [n − 1] e over its expected standard deviation, without a unit. */
  readonly standardisedResiduals: Float64Array
  /** Akaike's and Schwarz's criteria of a random walk with GARCH(1,1), λ = 0, less those of this: above 0 is in its favour. */
  readonly aicGain: number
  readonly bicGain: number
}

export type SpreadModel = FittedSpreadModel | { readonly kind: 'not-converged' | 'too-short' | 'constant' | 'not-finite' }

/**
 * Fits `spread`, [n >= 51] finite, mean 0. The variance is the random walk's, at its maximum; λ is the least-squares slope
 * weighted by it. The likelihood is a lower bound of the joint maximum, on the side of the random walk, and costs one fit.
 * Sources: Engle & Granger (1987), Econometrica 55(2); Bollerslev (1986), Journal of Econometrics 31(3).
 */
export function fitSpreadModel(spread: Float64Array): SpreadModel {
  const walk = fitGarch(correctedChanges(spread, 0), { mean: 'zero' })
  if (walk.kind !== 'fitted') return { kind: walk.kind }
  const correction = weightedSlope(spread, walk.volatility)
  const corrected = garchAt(correctedChanges(spread, correction), walk, { mean: 'zero' })
  const gain = 2 * (corrected.logLikelihood - walk.logLikelihood)
  const { mu, omega, alpha, beta, initialVariance } = walk
  return {
    kind: 'fitted',
    correction,
    variance: { mu, omega, alpha, beta, initialVariance },
    standardisedResiduals: corrected.standardisedResiduals,
    // λ is the one parameter more.
    aicGain: gain - 2,
    bicGain: gain - Math.log(spread.length - 1),
  }
}

/** e[t] = Δs[t] − λ s[t−1] for every row but the first, [n − 1]. */
export function correctedChanges(spread: Float64Array, correction: number): Float64Array {
  const changes = new Float64Array(Math.max(0, spread.length - 1))
  for (let t = 0; t < changes.length; t++) changes[t] = spread[t + 1] - spread[t] - correction * spread[t]
  return changes
}

function weightedSlope(spread: Float64Array, volatility: Float64Array): number {
  let [product, square] = [0, 0]
  for (let t = 0; t < volatility.length; t++) {
    const precision = 1 / (volatility[t] * volatility[t])
    product += precision * spread[t] * (spread[t + 1] - spread[t])
    square += precision * spread[t] * spread[t]
  }
  return product / square
}
