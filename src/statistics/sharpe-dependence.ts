import { longRunVariance, neweyWestLags } from './long-run-variance.ts'
import { refusalOfSeries, type SeriesRefusal } from './refusals.ts'
import type { SharpeInterval } from './sharpe-significance.ts'
import { normalCdf, normalQuantile } from './special.ts'

/** `lags`: autocovariances that count; the rule of Newey & West (1994) unless given. */
export type Dependence = { readonly lags?: number }

export type DependentSharpe =
  | ({
      readonly kind: 'estimated'
      /** Of one bar. */
      readonly sharpe: number
      readonly standardError: number
      readonly lags: number
    } & SharpeInterval)
  | SeriesRefusal

/**
 * Sharpe ratio of one bar with its interval for returns that follow one another in any stationary way: the variance of what each
 * return adds to mean and variance, with its autocovariances. `returns`: [n >= 3] finite, not constant, simple returns as
 * fractions; `confidence` in (0, 1). For a year's, multiply by √barsPerYear or, with autocorrelation, by `sharpeScaling`.
 * Source: Lo (2002), Financial Analysts Journal 58(4), 36–52, appendix A.
 */
export function dependentSharpe(
  returns: Float64Array,
  { confidence, lags }: Dependence & { readonly confidence: number },
): DependentSharpe {
  const refusal = refusalOfSeries(returns, 3)
  if (refusal) return refusal
  const { sharpe, influence } = influenceOf(returns)
  const used = lagsOf(returns.length, lags)
  const standardError = Math.sqrt(longRunVariance(influence, used) / returns.length)
  const reach = normalQuantile(0.5 + confidence / 2) * standardError
  return { kind: 'estimated', sharpe, standardError, lags: used, low: sharpe - reach, high: sharpe + reach }
}

export type SharpeDifference =
  | {
      readonly kind: 'tested'
      /** Of one bar, the first less the second. */
      readonly difference: number
      readonly standardError: number
      /** Two-sided, in [0, 1]; the null is that both ratios are the same. */
      readonly pValue: number
    }
  | SeriesRefusal

/**
 * Test of two Sharpe ratios over the same bars, whatever the returns' shape and dependence on one another and on the past.
 * `a`, `b`: [n >= 3] finite, not constant. `constant` also where the two differ by a factor only. Throws RangeError for different
 * lengths. Source: Ledoit & Wolf (2008), Journal of Empirical Finance 15(5), 850–859, section 3.1, with Bartlett's weights.
 */
export function sharpeDifference(a: Float64Array, b: Float64Array, { lags }: Dependence = {}): SharpeDifference {
  if (a.length !== b.length) throw new RangeError(`returns must be of the same bars, got ${a.length} and ${b.length}`)
  const refusal = refusalOfSeries(a, 3) ?? refusalOfSeries(b, 3)
  if (refusal) return refusal
  const [first, second] = [influenceOf(a), influenceOf(b)]
  const apart = first.influence.map((value, t) => value - second.influence[t])
  const standardError = Math.sqrt(longRunVariance(apart, lagsOf(a.length, lags)) / a.length)
  if (!(standardError > 64 * Number.EPSILON)) return { kind: 'constant' }
  const difference = first.sharpe - second.sharpe
  return { kind: 'tested', difference, standardError, pValue: 2 * normalCdf(-Math.abs(difference) / standardError) }
}

/**
 * What to multiply the Sharpe ratio of one bar by for that of q bars: q / √(q + 2 Σ (q − k) ρ[k]), √q without autocorrelation
 * ρ (ρ[0] = 1, lags beyond the last are 0). Undefined where the correlations leave no variance.
 * Source: Lo (2002), equation 20.
 */
export function sharpeScaling(correlations: Float64Array, q: number): number | undefined {
  let variance = q
  for (let k = 1; k < Math.min(q, correlations.length); k++) variance += 2 * (q - k) * correlations[k]
  return variance > 0 ? q / Math.sqrt(variance) : undefined
}

/** The ratio (deviation with n) and what each return moves it by: (r − μ)/σ − S ((r − μ)²/σ² − 1)/2, of mean 0. */
function influenceOf(returns: Float64Array) {
  const n = returns.length
  const [origin] = returns
  const mean = origin + returns.reduce((sum, r) => sum + (r - origin), 0) / n
  const deviation = Math.sqrt(returns.reduce((sum, r) => sum + (r - mean) ** 2, 0) / n)
  const sharpe = mean / deviation
  const influence = returns.map((r) => {
    const u = (r - mean) / deviation
    return u - (sharpe / 2) * (u * u - 1)
  })
  return { sharpe, influence }
}

function lagsOf(n: number, lags: number | undefined): number {
  return Math.min(n - 1, lags ?? neweyWestLags(n))
}
