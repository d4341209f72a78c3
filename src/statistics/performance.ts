import { type Measure, measured, undefinedBecause } from './measure.ts'

/**
 * Sharpe ratio a year: mean / standard deviation (n − 1) of the returns above the risk-free rate, times √barsPerYear,
 * which is exact only for serially uncorrelated returns. `returns`: [n] simple returns of one bar, as fractions.
 * Undefined for fewer than two returns, for returns without variation and for any that is not finite.
 * Source: Sharpe (1994), Journal of Portfolio Management 21(1), 49–58.
 */
export function sharpeRatio(
  returns: Float64Array,
  { barsPerYear, riskFreePerBar }: { readonly barsPerYear: number; readonly riskFreePerBar: number },
): Measure {
  const n = returns.length
  if (n < 2) return undefinedBecause('no-observations')
  if (!returns.every(Number.isFinite)) return undefinedBecause('not-finite')
  const [first] = returns
  if (returns.every((r) => r === first)) return undefinedBecause('no-variation')
  const mean = returns.reduce((sum, r) => sum + r, 0) / n
  const squares = returns.reduce((sum, r) => sum + (r - mean) ** 2, 0)
  return measured(((mean - riskFreePerBar) / Math.sqrt(squares / (n - 1))) * Math.sqrt(barsPerYear))
}

/** [n + 1] wealth that starts at 1 and compounds `returns`, simple returns as fractions. */
export function equityFrom(returns: Float64Array): Float64Array {
  const equity = new Float64Array(returns.length + 1).fill(1)
  for (let t = 0; t < returns.length; t++) equity[t + 1] = equity[t] * (1 + returns[t])
  return equity
}

/**
 * The deepest fall from a peak so far, as a fraction of the peak, <= 0; 0 where equity never fell.
 * `equity`: [n] positive wealth, its start included. Undefined without a row or with one that is not finite.
 */
export function maximumDrawdown(equity: Float64Array): Measure {
  if (equity.length === 0) return undefinedBecause('no-observations')
  if (!equity.every(Number.isFinite)) return undefinedBecause('not-finite')
  let peak = equity[0]
  let deepest = 0
  for (const wealth of equity) {
    peak = Math.max(peak, wealth)
    deepest = Math.min(deepest, wealth / peak - 1)
  }
  return measured(deepest)
}

/** Fraction of the results other than zero that are gains. Undefined where every result is zero, or none is there. */
export function winRate(results: Float64Array): Measure {
  if (!results.every(Number.isFinite)) return undefinedBecause('not-finite')
  const decided = results.filter((r) => r !== 0).length
  return decided === 0 ? undefinedBecause('no-trades') : measured(results.filter((r) => r > 0).length / decided)
}

/** Sum of gains over the sum of losses, >= 0. Undefined without a loss. */
export function profitFactor(results: Float64Array): Measure {
  if (!results.every(Number.isFinite)) return undefinedBecause('not-finite')
  const gains = results.reduce((sum, r) => sum + Math.max(r, 0), 0)
  const losses = results.reduce((sum, r) => sum - Math.min(r, 0), 0)
  if (losses > 0) return measured(gains / losses)
  return undefinedBecause(gains > 0 ? 'no-losses' : 'no-trades')
}
