import { boundsMet, type Constraint, freeParameters, type GarchForm, type GarchMean, type GarchModel } from './garch-form.ts'
import { logLikelihoodAt } from './garch-likelihood.ts'
import { maximiseLikelihood } from './garch-maximum.ts'
import { emptyPath, type Point } from './garch-path.ts'
import { type ScaledChanges, scaleChanges } from './garch-scale.ts'

export type GarchParameters = {
  /** Mean of the changes, in their unit. */
  readonly mu: number
  /** Constant of the variance, in squared units of the changes, positive. */
  readonly omega: number
  /** Weight of the last squared surprise, in [0, 1]. */
  readonly alpha: number
  /** Weight of the last variance, in [0, 1]; alpha + gamma/2 + beta <= 1. */
  readonly beta: number
  /** Stands for both the squared surprise and the variance before the first row. */
  readonly initialVariance: number
}

/** As GARCH(1,1), with a further weight for the squared surprise after a fall; alpha + gamma >= 0. */
export type GjrParameters = GarchParameters & { readonly gamma: number }

/** What a change divided by its volatility is drawn from: a standard normal, or Student's t scaled to unit variance. */
export type GarchInnovations = { readonly kind: 'normal' } | { readonly kind: 't'; readonly nu: number }

/** Volatility and likelihood of changes at given parameters. */
export type GarchPath = {
  readonly logLikelihood: number
  /** [n] conditional standard deviation of row t given the rows before it, in units of the changes. */
  readonly volatility: Float64Array
  /** [n] (change − mu) / volatility, without a unit. */
  readonly standardisedResiduals: Float64Array
}

/** A fit. `gamma` is 0 for the model without one. */
export type FittedGarch = GjrParameters &
  GarchPath & {
    readonly kind: 'fitted'
    readonly form: GarchForm
    readonly innovations: GarchInnovations
    /** Akaike's and Schwarz's criteria, −2 ln L + 2k and −2 ln L + k ln n, with k the number of fitted parameters. */
    readonly aic: number
    readonly bic: number
    /** Constraints that the maximum leans on: the fit says nothing about its error there. */
    readonly atBound: readonly Constraint['name'][]
    readonly iterations: number
  }

export type Garch =
  | FittedGarch
  | { readonly kind: 'not-converged'; readonly iterations: number }
  | { readonly kind: 'too-short'; readonly observations: number; readonly needed: number }
  | { readonly kind: 'constant' }
  | { readonly kind: 'not-finite'; readonly row: number }

/** Fewer rows say nothing about four parameters. */
const FEWEST_ROWS = 50

type FitRules = { readonly mean: GarchMean; readonly model?: GarchModel; readonly innovations?: GarchForm['innovations'] }

/**
 * Maximum-likelihood GARCH(1,1) or GJR-GARCH(1,1,1): change[t] = mu + e[t] and
 * σ²[t] = ω + (α + γ 1[e[t−1] < 0]) e²[t−1] + β σ²[t−1], with e/σ standard normal or Student's t of unit variance. A `model`
 * or `innovations` not named is the plain one. `changes`: [n >= 50] finite, not all equal, any unit: they are rescaled
 * inside, and the answer in the caller's unit does not depend on it. `not-converged` where the likelihood could not be
 * brought to a maximum: there are then no parameters to mistake for some. Uses all rows, so fit on the training window only.
 * Sources: Bollerslev (1986), Journal of Econometrics 31(3), 307–327; Bollerslev (1987), Review of Economics and Statistics
 * 69(3); Glosten, Jagannathan & Runkle (1993), Journal of Finance 48(5); checked against arch 6.2.0.
 */
export function fitGarch(changes: Float64Array, { mean, model = 'garch', innovations = 'normal' }: FitRules): Garch {
  const n = changes.length
  const row = changes.findIndex((change) => !Number.isFinite(change))
  if (row >= 0) return { kind: 'not-finite', row }
  if (n < FEWEST_ROWS) return { kind: 'too-short', observations: n, needed: FEWEST_ROWS }
  if (changes.every((change) => change === changes[0])) return { kind: 'constant' }
  const form = { mean, model, innovations }
  const scaled = scaleChanges(changes, centreOf(changes, mean))
  const maximum = maximiseLikelihood(scaled, form)
  return maximum.kind === 'found' ? fitted(scaled, form, maximum) : maximum
}

type Found = { readonly point: Point; readonly logLikelihood: number; readonly iterations: number }

function fitted(scaled: ScaledChanges, form: GarchForm, { point, iterations }: Found): FittedGarch {
  const path = pathAt(scaled, point)
  const count = freeParameters(form).length
  return {
    kind: 'fitted',
    form,
    ...inCallersUnit(scaled, point),
    ...path,
    aic: 2 * count - 2 * path.logLikelihood,
    bic: count * Math.log(scaled.y.length) - 2 * path.logLikelihood,
    atBound: boundsMet(form, point),
    iterations,
  }
}

function inCallersUnit({ scale, initialVariance }: ScaledChanges, { mu, omega, alpha, gamma, beta, tail }: Point) {
  const innovations: GarchInnovations = tail === 0 ? { kind: 'normal' } : { kind: 't', nu: 1 / tail }
  const square = scale * scale
  return {
    mu: mu * scale,
    omega: omega * square,
    alpha,
    gamma,
    beta,
    innovations,
    initialVariance: initialVariance * square,
  }
}

/** Parameters to look at changes with; the variance before the first row follows from the changes. */
export type FixedGarch = Omit<GjrParameters, 'initialVariance'> & { readonly innovations: GarchInnovations }

/**
 * Likelihood, volatility and residuals of `changes` at given parameters, with the bounds on the variance that `fitGarch`
 * keeps and the initial variance that it takes. `changes`: [n >= 1] finite, not all equal to the mean.
 */
export function garchAt(changes: Float64Array, fixed: FixedGarch, { mean }: { readonly mean: GarchMean }): GarchPath {
  const scaled = scaleChanges(changes, centreOf(changes, mean))
  return pathAt(scaled, pointOf(fixed, scaled))
}

/** The parameters in units of the deviation of the changes. */
export function pointOf({ mu, omega, alpha, gamma, beta, innovations }: FixedGarch, { scale }: ScaledChanges): Point {
  const tail = innovations.kind === 't' ? 1 / innovations.nu : 0
  return { mu: mu / scale, omega: omega / (scale * scale), alpha, gamma, beta, tail }
}

function pathAt(scaled: ScaledChanges, point: Point): GarchPath {
  const { scale, y } = scaled
  const path = emptyPath(y.length)
  const logLikelihood = logLikelihoodAt(scaled, point, path) - y.length * Math.log(scale)
  const volatility = new Float64Array(y.length)
  const standardisedResiduals = new Float64Array(y.length)
  for (let t = 0; t < y.length; t++) {
    const deviation = Math.sqrt(path.variance[t])
    volatility[t] = deviation * scale
    standardisedResiduals[t] = path.surprise[t] / deviation
  }
  return { logLikelihood, volatility, standardisedResiduals }
}

/** What the residuals of a fit are measured from before it: the mean of the changes, or 0. */
export function centreOf(changes: Float64Array, mean: GarchMean): number {
  return mean === 'zero' ? 0 : changes.reduce((sum, value) => sum + value, 0) / changes.length
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
export function filterGarch(changes: Float64Array, parameters: GarchParameters | GjrParameters): GarchColumns {
  const { mu, omega, alpha, beta, initialVariance } = parameters
  const gamma = 'gamma' in parameters ? parameters.gamma : 0
  const expected = alpha + 0.5 * gamma
  const volatility = new Float64Array(changes.length)
  const standardisedResiduals = new Float64Array(changes.length)
  let news = expected * initialVariance
  let variance = initialVariance
  for (let t = 0; t < changes.length; t++) {
    variance = omega + news + beta * variance
    const surprise = changes[t] - mu
    news = Number.isNaN(surprise) ? expected * variance : (surprise < 0 ? alpha + gamma : alpha) * surprise * surprise
    volatility[t] = Math.sqrt(variance)
    standardisedResiduals[t] = surprise / volatility[t]
  }
  return { volatility, standardisedResiduals }
}

/**
 * Variances expected for the `horizon` rows behind the last one, [horizon], in squared units of the changes: the next from
 * the last surprise, and each further one ω + (α + γ/2 + β) times the one before.
 */
export function forecastVariance(fit: FittedGarch, horizon: number): Float64Array {
  const { omega, alpha, gamma, beta, volatility, standardisedResiduals } = fit
  const last = volatility[volatility.length - 1]
  const surprise = standardisedResiduals[volatility.length - 1] * last
  const forecast = new Float64Array(horizon)
  for (let h = 0; h < horizon; h++) {
    forecast[h] =
      h === 0
        ? omega + (surprise < 0 ? alpha + gamma : alpha) * surprise * surprise + beta * last * last
        : omega + (alpha + 0.5 * gamma + beta) * forecast[h - 1]
  }
  return forecast
}
