import { logLikelihoodAt, type Point, type ScaledChanges, scaleChanges, variancesAt } from './garch-likelihood.ts'
import { type GarchMean, maximiseLikelihood } from './garch-maximum.ts'

export type GarchParameters = {
  /** Mean of the changes, in their unit. */
  readonly mu: number
  /** Constant of the variance, in squared units of the changes, positive. */
  readonly omega: number
  /** Weight of the last squared surprise, in [0, 1]. */
  readonly alpha: number
  /** Weight of the last variance, in [0, 1]; alpha + beta <= 1. */
  readonly beta: number
  /** Stands for both the squared surprise and the variance before the first row. */
  readonly initialVariance: number
}

export type Garch =
  | ({
      readonly kind: 'fitted'
      readonly logLikelihood: number
      /** [n] conditional standard deviation of row t given the rows before it, in units of the changes. */
      readonly volatility: Float64Array
      /** [n] (change − mu) / volatility, without a unit. */
      readonly standardisedResiduals: Float64Array
      readonly iterations: number
    } & GarchParameters)
  | { readonly kind: 'not-converged'; readonly iterations: number }
  | { readonly kind: 'too-short'; readonly observations: number; readonly needed: number }
  | { readonly kind: 'constant' }
  | { readonly kind: 'not-finite'; readonly row: number }

/** Fewer rows say nothing about four parameters. */
const FEWEST_ROWS = 50

/**
 * Maximum-likelihood GARCH(1,1) with normal innovations: change[t] = mu + e[t], σ²[t] = ω + α e²[t−1] + β σ²[t−1].
 * `changes`: [n >= 50] finite, not all equal, any unit: they are rescaled inside, and the
 * answer in the caller's unit does not depend on it. `not-converged` where the likelihood could not be brought to a
 * maximum: there are then no parameters to mistake for some. Uses all rows, so fit on the training window only.
 * Sources: Bollerslev (1986), Journal of Econometrics 31(3), 307–327; checked against arch 6.2.0.
 */
export function fitGarch(changes: Float64Array, { mean }: { readonly mean: GarchMean }): Garch {
  const n = changes.length
  const row = changes.findIndex((change) => !Number.isFinite(change))
  if (row >= 0) return { kind: 'not-finite', row }
  if (n < FEWEST_ROWS) return { kind: 'too-short', observations: n, needed: FEWEST_ROWS }
  const centre = mean === 'zero' ? 0 : meanOf(changes)
  if (changes.every((change) => change === changes[0])) return { kind: 'constant' }
  const scaled = scaleChanges(changes, centre)
  const maximum = maximiseLikelihood(scaled, { centre: centre / scaled.scale, mean })
  if (maximum.kind === 'not-converged') return maximum
  return { ...inCallersUnit(scaled, maximum.point), kind: 'fitted', iterations: maximum.iterations }
}

/** Gaussian log-likelihood of `changes` at given parameters, as `fitGarch` maximises it, its bounds included. */
export function garchLogLikelihood(
  changes: Float64Array,
  parameters: Omit<GarchParameters, 'initialVariance'>,
  { mean }: { readonly mean: GarchMean },
): number {
  const scaled = scaleChanges(changes, mean === 'zero' ? 0 : meanOf(changes))
  const { scale } = scaled
  const { mu, omega, alpha, beta } = parameters
  return logLikelihoodAt(scaled, [mu / scale, omega / (scale * scale), alpha, beta]) - changes.length * Math.log(scale)
}

export type GarchColumns = {
  /** [n] standard deviation expected for row t from the rows before it; never NaN. */
  readonly volatility: Float64Array
  /** [n] NaN where the change is. */
  readonly standardisedResiduals: Float64Array
}

/**
 * Volatility and standardised residuals at fixed parameters. Row t uses rows <= t only. A change that was not observed
 * is taken to have been as large as expected: the next variance decays towards its mean as its forecast does.
 * `changes`: [n], NaN allowed, such as the first difference of a column.
 */
export function filterGarch(changes: Float64Array, { mu, omega, alpha, beta, initialVariance }: GarchParameters): GarchColumns {
  const volatility = new Float64Array(changes.length)
  const standardisedResiduals = new Float64Array(changes.length)
  let square = initialVariance
  let variance = initialVariance
  for (let t = 0; t < changes.length; t++) {
    variance = omega + alpha * square + beta * variance
    const surprise = changes[t] - mu
    square = Number.isNaN(surprise) ? variance : surprise * surprise
    volatility[t] = Math.sqrt(variance)
    standardisedResiduals[t] = surprise / volatility[t]
  }
  return { volatility, standardisedResiduals }
}

function inCallersUnit(scaled: ScaledChanges, point: Point): Omit<Extract<Garch, { kind: 'fitted' }>, 'kind' | 'iterations'> {
  const { scale } = scaled
  const [mu, omega, alpha, beta] = point
  const variances = variancesAt(scaled, point)
  return {
    mu: mu * scale,
    omega: omega * scale * scale,
    alpha,
    beta,
    initialVariance: scaled.initialVariance * scale * scale,
    logLikelihood: logLikelihoodAt(scaled, point) - scaled.y.length * Math.log(scale),
    volatility: variances.map((variance) => Math.sqrt(variance) * scale),
    standardisedResiduals: scaled.y.map((value, t) => (value - mu) / Math.sqrt(variances[t])),
  }
}

function meanOf(x: Float64Array): number {
  return x.reduce((sum, value) => sum + value, 0) / x.length
}
