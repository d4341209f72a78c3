import type { Probability } from '#domain/units.ts'
import { type Adf, adf, type LagRule } from './adf.ts'
import { type CriticalValues, mackinnonCriticalValues, mackinnonPValue, type Trend } from './mackinnon.ts'
import { ols } from './ols.ts'
import type { Collinear, Constant, NotFinite, TooShort } from './refusals.ts'

type Refusal = TooShort | NotFinite | Constant | Collinear

/** The test on the residuals of the cointegrating regression. */
type Tested = {
  readonly kind: 'tested'
  /** t value of the residuals' lagged level. */
  readonly tau: number
  readonly pValue: Probability
  /** Lags of the residuals' Dickey–Fuller regression. */
  readonly lag: number
  readonly observations: number
  /** [n] what the regression leaves of y. */
  readonly residuals: Float64Array
}

export type EngleGranger =
  | (Tested & {
      /** y = alpha + beta x + residual. */
      readonly alpha: number
      /** The hedge ratio. */
      readonly beta: number
    })
  | Refusal

export type Cointegration =
  | (Tested & {
      /** One for each regressor, in its order, then those of 1, t and t² (t = 1 in the first row) as far as the trend goes. */
      readonly coefficients: Float64Array
      /** Undefined where none are tabulated: without a constant. */
      readonly criticalValues: CriticalValues | undefined
    })
  | Refusal

export type EngleGrangerOptions = {
  readonly lagRule: LagRule
  /** As in `adf` unless given. */
  readonly maximumLag?: number
}

export type CointegrationOptions = EngleGrangerOptions & {
  /** n: nothing, c: constant, ct: and a linear trend, ctt: and a quadratic one, beside the regressors. */
  readonly trend: Trend
}

/** At 1 − R² up to this, y is x under another name and its residual is noise of measurement, not a spread. */
const COLLINEAR = 100 * Math.sqrt(Number.EPSILON)
const MOST_SERIES = 6

/**
 * Engle–Granger test of y on x with a constant; the null is that they are not cointegrated.
 * `y`, `x`: [n] finite, log prices for a pair. The order matters: the test of x on y is another test. Refuses a NaN,
 * a constant leg, legs that are one series (R² >= 1 − 100 √eps) and samples without a degree of freedom to spare:
 * none of them is a cointegrated pair. Throws RangeError for legs of different lengths.
 * Source: Engle & Granger (1987), Econometrica 55(2), 251–276; checked against statsmodels 0.13.5, `coint`.
 */
export function engleGranger(y: Float64Array, x: Float64Array, options: EngleGrangerOptions = { lagRule: 'aic' }): EngleGranger {
  const test = cointegration(y, [x], { trend: 'c', ...options })
  if (test.kind !== 'tested') return test
  const { coefficients, criticalValues, ...tested } = test
  const [beta, alpha] = coefficients
  return { ...tested, alpha, beta }
}

/**
 * The same test of y on one to five regressors with any trend; a regressor that does not vary is refused as constant
 * whatever the trend. Throws RangeError for other numbers of regressors and for columns of different lengths.
 */
export function cointegration(y: Float64Array, x: readonly Float64Array[], options: CointegrationOptions): Cointegration {
  const series = x.length + 1
  if (series < 2 || series > MOST_SERIES)
    throw new RangeError(`the test takes 1 to ${MOST_SERIES - 1} regressors, got ${x.length}`)
  const { trend, ...rules } = options
  const fit = ols(y, [...x, ...trendColumns(y.length, trend)], { intercept: trend !== 'n' })
  if (fit.kind === 'rank-deficient') return { kind: x.some(isConstant) ? 'constant' : 'collinear' }
  if (fit.kind !== 'fitted') return fit
  if (x.some(isConstant) || isConstant(y)) return { kind: 'constant' }
  if (!(fit.rSquared < 1 - COLLINEAR)) return { kind: 'collinear' }
  const test = adf(fit.residuals, { trend: 'n', ...rules })
  if (test.kind !== 'tested') return refusalFrom(test)
  return {
    kind: 'tested',
    tau: test.tau,
    pValue: mackinnonPValue(test.tau, { trend, series }),
    lag: test.lag,
    observations: y.length,
    residuals: fit.residuals,
    coefficients: regressorsFirst(fit.coefficients, { regressors: x.length, trend, rows: y.length }),
    criticalValues: trend === 'n' ? undefined : mackinnonCriticalValues(y.length - 1, { trend, series }),
  }
}

/** u and u² about the middle row, where they share least with the constant and one another. */
function trendColumns(n: number, trend: Trend): Float64Array[] {
  const terms = { n: 0, c: 0, ct: 1, ctt: 2 }[trend]
  return Array.from({ length: terms }, (_, power) => Float64Array.from({ length: n }, (_, t) => (t - (n - 1) / 2) ** (power + 1)))
}

type Shape = { readonly regressors: number; readonly trend: Trend; readonly rows: number }

/** From [constant, regressors, u, u²] with u = t − (n + 1)/2 to [regressors, 1, t, t²]. */
function regressorsFirst(coefficients: Float64Array, { regressors, trend, rows }: Shape): Float64Array {
  if (trend === 'n') return coefficients
  const [constant, ...rest] = coefficients
  const [linear = 0, quadratic = 0] = rest.slice(regressors)
  const middle = (rows + 1) / 2
  const polynomial = [constant - linear * middle + quadratic * middle * middle, linear - 2 * quadratic * middle, quadratic]
  return Float64Array.of(...rest.slice(0, regressors), ...polynomial.slice(0, rest.length - regressors + 1))
}

function isConstant(x: Float64Array): boolean {
  const [first] = x
  for (let t = 1; t < x.length; t++) if (x[t] !== first) return false
  return true
}

function refusalFrom(test: Exclude<Adf, { kind: 'tested' }>): Refusal {
  switch (test.kind) {
    case 'no-residual':
      return { kind: 'collinear' }
    case 'constant':
    case 'collinear':
    case 'too-short':
    case 'not-finite':
      return test
    default:
      return test satisfies never
  }
}
