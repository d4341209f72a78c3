import { innerProduct } from './inner-product.ts'
import { longRunVariance } from './long-run-variance.ts'
import { ols } from './ols.ts'
import { refusalOfSeries, type SeriesRefusal } from './refusals.ts'

export type KpssOptions = {
  /** c: around a level, ct: around a line. */
  readonly trend: 'c' | 'ct'
  /**
   * Lags of the long-run variance: a number; `automatic`, after Hobijn, Franses & Ooms (2004); or `schwert`,
   * ⌈12 (n/100)^¼⌉. Never more than n − 1.
   */
  readonly lags: number | 'automatic' | 'schwert'
}

export type Kpss =
  | {
      readonly kind: 'tested'
      readonly statistic: number
      /** Between 0.01 and 0.1, the ends of the table: an end says "at most" or "at least". */
      readonly pValue: number
      readonly lags: number
      /** At 10 %, 5 %, 2.5 % and 1 %. */
      readonly criticalValues: readonly [number, number, number, number]
    }
  | SeriesRefusal

const LEVELS = [0.1, 0.05, 0.025, 0.01]
/** Source: Kwiatkowski et al. (1992), table 1. */
const CRITICAL = { c: [0.347, 0.463, 0.574, 0.739], ct: [0.119, 0.146, 0.176, 0.216] } as const

/**
 * KPSS test; the null is that the series is stationary around a level or a line, so that a small p-value speaks for a
 * unit root. `x`: [n >= 3, more than the lags] finite, not constant (nor a line, with ct), any unit.
 * Source: Kwiatkowski, Phillips, Schmidt & Shin (1992), Journal of Econometrics 54(1–3), 159–178; checked against
 * statsmodels 0.13.5, `kpss`.
 */
export function kpss(x: Float64Array, { trend, lags: rule }: KpssOptions): Kpss {
  const refusal = refusalOfSeries(x, Math.max(3, typeof rule === 'number' ? rule + 1 : 0))
  if (refusal) return refusal
  const n = x.length
  const residuals = residualsAround(x, trend)
  if (isRounding(residuals, x)) return { kind: 'constant' }
  const lags = Math.min(n - 1, lagsOf(residuals, rule))
  let [cumulative, squares] = [0, 0]
  for (const residual of residuals) {
    cumulative += residual
    squares += cumulative * cumulative
  }
  const statistic = squares / (n * n) / longRunVariance(residuals, lags)
  return { kind: 'tested', statistic, pValue: interpolated(statistic, CRITICAL[trend]), lags, criticalValues: CRITICAL[trend] }
}

function residualsAround(x: Float64Array, trend: 'c' | 'ct'): Float64Array {
  const regressors = trend === 'ct' ? [Float64Array.from(x, (_, t) => t - (x.length - 1) / 2)] : []
  const fit = ols(x, regressors, { intercept: true })
  if (fit.kind !== 'fitted') throw new RangeError(`a checked series was refused: ${fit.kind}`)
  return fit.residuals
}

function isRounding(residuals: Float64Array, x: Float64Array): boolean {
  const largest = x.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  return residuals.every((residual) => Math.abs(residual) <= 64 * Number.EPSILON * largest)
}

function lagsOf(residuals: Float64Array, rule: KpssOptions['lags']): number {
  if (typeof rule === 'number') return rule
  return rule === 'schwert' ? Math.ceil(12 * (residuals.length / 100) ** 0.25) : automaticLags(residuals)
}

/** Source: Hobijn, Franses & Ooms (2004), Statistica Neerlandica 58(4), 483–502, for Bartlett's kernel. */
function automaticLags(residuals: Float64Array): number {
  const n = residuals.length
  let level = innerProduct(residuals, residuals) / n
  let slope = 0
  for (let lag = 1; lag <= Math.trunc(n ** (2 / 9)); lag++) {
    const product = innerProduct(residuals.subarray(lag), residuals) / (n / 2)
    level += product
    slope += lag * product
  }
  const ratio = slope / level
  return Math.trunc(1.1447 * (ratio * ratio) ** (1 / 3) * n ** (1 / 3))
}

function interpolated(statistic: number, critical: readonly number[]): number {
  const above = critical.findIndex((value) => statistic < value)
  if (above === 0) return LEVELS[0]
  if (above < 0) return LEVELS[LEVELS.length - 1]
  const share = (statistic - critical[above - 1]) / (critical[above] - critical[above - 1])
  return LEVELS[above - 1] + share * (LEVELS[above] - LEVELS[above - 1])
}
