import { z } from 'zod'
import { ljungBox } from '#statistics/autocorrelation.ts'
import { centreOf, type FittedGarch, type FixedGarch, fitGarch, forecastVariance, garchAt } from '#statistics/garch.ts'
import { garchErrors } from '#statistics/garch-errors.ts'
import type { GarchForm } from '#statistics/garch-form.ts'
import { scaleChanges } from '#statistics/garch-scale.ts'
import { logGamma } from '#statistics/special-gamma.ts'
import { type Answer, answered, type Checker, type Figure, refused } from './reference-answer.ts'
import { columnOf, type ReferenceCase } from './reference-case.ts'

const Values = z.record(z.string(), z.union([z.number(), z.nan()]))
const TightOptimum = z.object({ params: Values, loglikelihood: z.number(), at_bound: z.array(z.string()) })

const FIXED_BOUND = 1e-10
/** Of a maximum found by numerical derivatives on the other side. */
const PARAMETER_BOUND = 1e-3
const LOOSE_BOUND = 1e-2
/** The other program's own maximum counts as reached within this many units of log-likelihood. */
const REACHED = 0.05
/** From here on t is nearly normal, and the likelihood hardly depends on nu. */
const NEAR_NORMAL_NU = 50

/** How the other program searched, and what follows from figures that are compared. */
const ASIDE = [
  'convergence_flag',
  'iterations',
  'scale',
  'starting_values_volatility',
  'starting_values_mean',
  'var_bounds_first3',
  'var_bounds_last',
  'tvalues_robust',
  'pvalues_robust',
  'tight_optimum',
  'numerical_gradient_centered',
  'note',
]

export const checkGarch: Checker = (one) => {
  const { p, q, o, vol } = one.params
  if (vol !== 'GARCH' || p !== 1 || q !== 1 || (o !== 0 && o !== 1))
    throw new TypeError(`no function for ${String(vol)}(${p}, ${o}, ${q})`)
  return 'params' in one.input ? checkFixed(one) : checkFit(one)
}

function formOf({ params }: ReferenceCase): GarchForm {
  return {
    mean: z.enum(['Zero', 'Constant']).parse(params.mean) === 'Zero' ? 'zero' : 'constant',
    model: params.o === 1 ? 'gjr' : 'garch',
    innovations: z.enum(['normal', 't']).parse(params.dist),
  }
}

/** Parameters stand in the order mu, omega, alpha, gamma, beta, nu, those that the form has. */
function fixedOf(one: ReferenceCase, { mean, model, innovations }: GarchForm): FixedGarch {
  const given = [...columnOf(one, 'params')]
  const mu = mean === 'constant' ? given.shift() : 0
  const nu = innovations === 't' ? given.pop() : 0
  const [omega, alpha, ...rest] = given
  const beta = rest.pop()
  const [gamma = 0] = rest
  return {
    mu: Number(mu),
    omega,
    alpha,
    gamma: model === 'gjr' ? gamma : 0,
    beta: Number(beta),
    innovations: innovations === 't' ? { kind: 't', nu: Number(nu) } : { kind: 'normal' },
  }
}

function checkFixed(one: ReferenceCase): Answer {
  const y = columnOf(one, 'y')
  const form = formOf(one)
  const fixed = fixedOf(one, form)
  const path = garchAt(y, fixed, form)
  const { scale, initialVariance } = scaleChanges(y, centreOf(y, form.mean))
  const count = columnOf(one, 'params').length
  const each = y.map((value, t) => logDensity(value - fixed.mu, path.volatility[t], fixed))
  const exactly = (ours: ArrayLike<number>): Figure => ({ ours, bound: FIXED_BOUND })
  return answered(
    {
      loglikelihood: exactly([path.logLikelihood]),
      ...('llf_with_start_backcast' in one.expected ? { llf_with_start_backcast: exactly([path.logLikelihood]) } : {}),
      aic: exactly([2 * count - 2 * path.logLikelihood]),
      bic: exactly([count * Math.log(y.length) - 2 * path.logLikelihood]),
      backcast: exactly([initialVariance * scale * scale]),
      ...volatilityFigures(path.volatility, FIXED_BOUND),
      ...(one.expected.conditional_volatility ? { conditional_volatility: exactly(path.volatility) } : {}),
      conditional_variance_sum: exactly([path.volatility.reduce((sum, value) => sum + value * value, 0)]),
      individual_ll_first5: { ...exactly(each.slice(0, 5)), floor: 1 },
      individual_ll_last5: { ...exactly(each.slice(-5)), floor: 1 },
    },
    ASIDE,
  )
}

function volatilityFigures(volatility: Float64Array, bound: number): Record<string, Figure> {
  return {
    conditional_volatility_first5: { ours: volatility.slice(0, 5), bound },
    conditional_volatility_last5: { ours: volatility.slice(-5), bound },
    conditional_volatility_mean: { ours: [meanOf(volatility)], bound },
  }
}

/** ln of the density of one surprise, the innovations being of unit variance. */
function logDensity(surprise: number, volatility: number, { innovations }: FixedGarch): number {
  const square = (surprise / volatility) ** 2
  if (innovations.kind === 'normal') return -0.5 * (Math.log(2 * Math.PI) + square) - Math.log(volatility)
  const { nu } = innovations
  const constant = logGamma((nu + 1) / 2) - logGamma(nu / 2) - 0.5 * Math.log(Math.PI * (nu - 2))
  return constant - ((nu + 1) / 2) * Math.log1p(square / (nu - 2)) - Math.log(volatility)
}

function checkFit(one: ReferenceCase): Answer {
  const form = formOf(one)
  const scale = one.expected.scale === undefined ? 1 : Number(one.expected.scale)
  const changes = columnOf(one, 'y').map((value) => value * scale)
  const fit = fitGarch(changes, form)
  if (fit.kind !== 'fitted') return refused(fit.kind)
  const theirs = Number(one.expected.loglikelihood)
  const tight = TightOptimum.safeParse(one.expected.tight_optimum).data
  const best = tight?.loglikelihood ?? theirs
  const hasReached = best - theirs < REACHED
  const { figures, aside } = parameterFigures(one, { fit, changes, tight })
  return answered(
    {
      loglikelihood: { ours: [fit.logLikelihood], theirs: [best], bound: 1e-5, isAtLeast: true },
      // At the other program's likelihood, ours would be this much smaller or larger by the definition of the criteria.
      aic: { ours: [fit.aic + 2 * (fit.logLikelihood - theirs)] },
      bic: { ours: [fit.bic + 2 * (fit.logLikelihood - theirs)] },
      nobs: { ours: [changes.length] },
      num_params: { ours: [Object.keys(parametersOf(fit)).length] },
      backcast: { ours: [fit.initialVariance], bound: FIXED_BOUND },
      ...(hasReached ? pathFigures(fit) : {}),
      ...figures,
    },
    [...ASIDE, ...aside, ...(hasReached ? [] : Object.keys(pathFigures(fit)))],
  )
}

function pathFigures(fit: FittedGarch): Record<string, Figure> {
  const { volatility, standardisedResiduals } = fit
  const probabilities = (x: Float64Array) => {
    const test = ljungBox(x, { lags: 10 })
    return test.kind === 'tested' ? [test.pValues[4], test.pValues[9]] : []
  }
  return {
    ...volatilityFigures(volatility, LOOSE_BOUND),
    variance_forecast_h1_h5: { ours: forecastVariance(fit, 5), bound: LOOSE_BOUND },
    mean_forecast_h1: { ours: [fit.mu], bound: LOOSE_BOUND, floor: meanOf(volatility) },
    std_resid_lb_p: { ours: probabilities(standardisedResiduals), bound: LOOSE_BOUND, floor: 1 },
    std_resid_sq_lb_p: { ours: probabilities(standardisedResiduals.map((e) => e * e)), bound: LOOSE_BOUND, floor: 1 },
  }
}

type Fit = {
  readonly fit: FittedGarch
  readonly changes: Float64Array
  readonly tight: z.output<typeof TightOptimum> | undefined
}
type Parameters = { readonly figures: Record<string, Figure>; readonly aside: readonly string[] }

/** At a bound neither parameters nor their errors are told apart by the data, nor is nu of near-normal changes. */
function parameterFigures({ expected }: ReferenceCase, { fit, changes, tight }: Fit): Parameters {
  const errors = garchErrors(changes, fit)
  const all = ['params', 'std_err_robust', 'std_err_classic']
  if (tight === undefined || tight.at_bound.length > 0 || errors.kind !== 'estimated') return { figures: {}, aside: all }
  const isNearNormal = (tight.params.nu ?? 0) > NEAR_NORMAL_NU
  const names = Object.keys(parametersOf(fit)).filter((name) => !(name === 'nu' && isNearNormal))
  const column = (values: Record<string, number>) => names.map((name) => values[name])
  const byName = (of: 'robust' | 'classic') =>
    column(Object.fromEntries(errors.errors.map((error) => [REFERENCE_NAMES[error.parameter], error[of]])))
  const errorFigure = (of: 'robust' | 'classic'): Figure => ({
    ours: byName(of),
    theirs: column(Values.parse(expected[`std_err_${of}`])),
    bound: LOOSE_BOUND,
    floor: 0,
  })
  const figures = {
    params: { ours: column(parametersOf(fit)), theirs: column(tight.params), bound: PARAMETER_BOUND, floor: 0 },
    std_err_robust: errorFigure('robust'),
    std_err_classic: errorFigure('classic'),
  }
  return { figures, aside: [] }
}

const REFERENCE_NAMES = { mu: 'mu', omega: 'omega', alpha: 'alpha[1]', gamma: 'gamma[1]', beta: 'beta[1]', nu: 'nu' } as const

/** The parameters that the form has, by the reference's names. */
function parametersOf({ mu, omega, alpha, gamma, beta, innovations, form }: FittedGarch): Record<string, number> {
  return {
    ...(form.mean === 'constant' ? { mu } : {}),
    omega,
    'alpha[1]': alpha,
    ...(form.model === 'gjr' ? { 'gamma[1]': gamma } : {}),
    'beta[1]': beta,
    ...(innovations.kind === 't' ? { nu: innovations.nu } : {}),
  }
}

function meanOf(x: Float64Array): number {
  return x.reduce((sum, value) => sum + value, 0) / x.length
}
