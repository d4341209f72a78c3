import type { Probability } from '#domain/units.ts'
import { type Adf, adf, type LagRule } from './adf.ts'
import { mackinnonPValue } from './mackinnon.ts'
import { ols } from './ols.ts'

export type EngleGranger =
  | {
      readonly kind: 'tested'
      /** t value of the residuals' lagged level. */
      readonly tau: number
      readonly pValue: Probability
      /** y = alpha + beta x + residual. */
      readonly alpha: number
      /** The hedge ratio. */
      readonly beta: number
      /** Lags of the residuals' Dickey–Fuller regression. */
      readonly lag: number
      readonly observations: number
      /** [n] y − alpha − beta x. */
      readonly residuals: Float64Array
    }
  | { readonly kind: 'too-short'; readonly observations: number; readonly needed: number }
  | { readonly kind: 'not-finite'; readonly row: number }
  | { readonly kind: 'constant' }
  | { readonly kind: 'collinear' }

export type EngleGrangerOptions = {
  readonly lagRule: LagRule
  /** As in `adf` unless given. */
  readonly maximumLag?: number
}

/** At 1 − R² up to this, y is x under another name and its residual is noise of measurement, not a spread. */
const COLLINEAR = 100 * Math.sqrt(Number.EPSILON)

/**
 * Engle–Granger test of y on x with a constant; the null is that they are not cointegrated.
 * `y`, `x`: [n] finite, log prices for a pair. The order matters: the test of x on y is another test. Refuses a NaN,
 * a constant leg, legs that are one series (R² >= 1 − 100 √eps) and samples without a degree of freedom to spare:
 * none of them is a cointegrated pair. Throws RangeError for legs of different lengths.
 * Source: Engle & Granger (1987), Econometrica 55(2), 251–276; checked against statsmodels 0.13.5, `coint`.
 */
export function engleGranger(y: Float64Array, x: Float64Array, options: EngleGrangerOptions = { lagRule: 'aic' }): EngleGranger {
  const fit = ols(y, [x], { intercept: true })
  if (fit.kind === 'rank-deficient') return { kind: 'constant' }
  if (fit.kind !== 'fitted') return fit
  if (!(fit.rSquared < 1 - COLLINEAR)) return { kind: 'collinear' }
  const [alpha, beta] = fit.coefficients
  return verdictOf(adf(fit.residuals, { trend: 'n', ...options }), { alpha, beta, residuals: fit.residuals })
}

type Regression = { readonly alpha: number; readonly beta: number; readonly residuals: Float64Array }

function verdictOf(test: Adf, { alpha, beta, residuals }: Regression): EngleGranger {
  switch (test.kind) {
    case 'tested': {
      const pValue = mackinnonPValue(test.tau, { trend: 'c', series: 2 })
      return { kind: 'tested', tau: test.tau, pValue, alpha, beta, lag: test.lag, observations: residuals.length, residuals }
    }
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
