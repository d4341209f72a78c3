import type { RankRule } from './least-squares.ts'
import { jointTest, ols } from './ols.ts'
import { refusalOfSeries, type SeriesRefusal } from './refusals.ts'
import { chiSquaredTail } from './special.ts'

export type ArchLm =
  | {
      readonly kind: 'tested'
      /** Rows times R². */
      readonly statistic: number
      readonly pValue: number
      /** F value of the lags together; undefined where the regression has no regressor beside its constant. */
      readonly f: number | undefined
      readonly fPValue: number | undefined
      /** Rows of the regression. */
      readonly observations: number
    }
  | SeriesRefusal

export type ArchLmOptions = {
  readonly lags: number
  /** `own-length` unless given: the answer does not depend on the unit of the series. */
  readonly rankRule?: RankRule
}

/**
 * Engle's test for autoregressive variance: x² on a constant and its own lags; the null is a steady variance.
 * `x`: [n > 2 lags + 1] residuals or returns, finite, squares not constant.
 * Source: Engle (1982), Econometrica 50(4), 987–1007; checked against statsmodels 0.13.5, `het_arch`.
 */
export function archLm(x: Float64Array, { lags, rankRule = 'own-length' }: ArchLmOptions): ArchLm {
  const refusal = refusalOfSeries(x, 2 * lags + 2)
  if (refusal) return refusal
  const squares = x.map((value) => value * value)
  const end = squares.length
  const lagged = Array.from({ length: lags }, (_, j) => squares.subarray(lags - 1 - j, end - 1 - j))
  const fit = ols(squares.subarray(lags), lagged, { intercept: true, rankRule })
  switch (fit.kind) {
    case 'fitted':
    case 'rank-deficient': {
      const statistic = fit.observations * fit.rSquared
      const joint = jointTest(fit)
      const { observations } = fit
      return {
        kind: 'tested',
        statistic,
        pValue: chiSquaredTail(statistic, lags),
        f: joint?.f,
        fPValue: joint?.pValue,
        observations,
      }
    }
    case 'constant':
    case 'too-short':
    case 'not-finite':
      return fit
    default:
      return fit satisfies never
  }
}
