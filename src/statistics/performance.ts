import { type Measure, measured, undefinedBecause } from './measure.ts'

export type RatioOptions = { readonly barsPerYear: number; readonly riskFreePerBar: number }

/**
 * Sharpe ratio a year: mean / standard deviation (n − 1) of the returns above the risk-free rate, times √barsPerYear,
 * which is exact only for serially uncorrelated returns. `returns`: [n] simple returns of one bar, as fractions.
 * Undefined for fewer than two returns, for returns without variation and for any that is not finite.
 * Source: Sharpe (1994), Journal of Portfolio Management 21(1), 49–58.
 */
export function sharpeRatio(returns: Float64Array, { barsPerYear, riskFreePerBar }: RatioOptions): Measure {
  const n = returns.length
  if (n < 2) return undefinedBecause('no-observations')
  if (!returns.every(Number.isFinite)) return undefinedBecause('not-finite')
  const [first] = returns
  if (returns.every((r) => r === first)) return undefinedBecause('no-variation')
  return measured(((meanOf(returns) - riskFreePerBar) / deviationOf(returns)) * Math.sqrt(barsPerYear))
}

/**
 * Sortino ratio a year: mean of the returns above the risk-free rate over their downside deviation √(Σ min(r, 0)²/n),
 * times √barsPerYear. Undefined without a return below the rate and for one that is not finite.
 * Source: Sortino & van der Meer (1991), Journal of Portfolio Management 17(4), 27–31.
 */
export function sortinoRatio(returns: Float64Array, { barsPerYear, riskFreePerBar }: RatioOptions): Measure {
  const n = returns.length
  if (n === 0) return undefinedBecause('no-observations')
  if (!returns.every(Number.isFinite)) return undefinedBecause('not-finite')
  const excess = returns.map((r) => r - riskFreePerBar)
  const downside = Math.sqrt(excess.reduce((sum, r) => sum + Math.min(r, 0) ** 2, 0) / n)
  if (downside === 0) return undefinedBecause('no-losses')
  return measured((meanOf(excess) / downside) * Math.sqrt(barsPerYear))
}

/** Standard deviation (n − 1) of the returns times √barsPerYear, as a fraction; undefined for fewer than two. */
export function annualVolatility(returns: Float64Array, { barsPerYear }: { readonly barsPerYear: number }): Measure {
  if (returns.length < 2) return undefinedBecause('no-observations')
  if (!returns.every(Number.isFinite)) return undefinedBecause('not-finite')
  return measured(deviationOf(returns) * Math.sqrt(barsPerYear))
}

/**
 * Compound growth a year, a fraction >= −1: last wealth over first, to the power of barsPerYear / bars, less 1; −1 where
 * nothing is left. `equity`: [n + 1 >= 2] wealth, its positive start included. Undefined for less and for one not finite.
 */
export function annualGrowth(equity: Float64Array, { barsPerYear }: { readonly barsPerYear: number }): Measure {
  if (equity.length < 2) return undefinedBecause('no-observations')
  if (!equity.every(Number.isFinite)) return undefinedBecause('not-finite')
  const total = equity[equity.length - 1] / equity[0]
  if (total <= 0) return measured(-1)
  return measured(total ** (barsPerYear / (equity.length - 1)) - 1)
}

/** Growth a year over the deepest drawdown. Undefined as either is, and where equity never fell. Source: Young (1991). */
export function calmarRatio(equity: Float64Array, rate: { readonly barsPerYear: number }): Measure {
  const growth = annualGrowth(equity, rate)
  const drawdown = maximumDrawdown(equity)
  if (growth.kind === 'undefined') return growth
  if (drawdown.kind === 'undefined') return drawdown
  return drawdown.value === 0 ? undefinedBecause('no-losses') : measured(growth.value / -drawdown.value)
}

/** Bars of the longest stretch below an earlier peak. `equity`: as for `maximumDrawdown`. */
export function longestDrawdown(equity: Float64Array): Measure {
  if (equity.length === 0) return undefinedBecause('no-observations')
  if (!equity.every(Number.isFinite)) return undefinedBecause('not-finite')
  let peak = equity[0]
  let [longest, current] = [0, 0]
  for (const wealth of equity) {
    peak = Math.max(peak, wealth)
    current = wealth < peak ? current + 1 : 0
    longest = Math.max(longest, current)
  }
  return measured(longest)
}

/** Mean of the gains among `results`, in their unit; undefined without one. */
export function averageGain(results: Float64Array): Measure {
  return averageOf(results, (r) => r > 0)
}

/** Mean of the losses among `results`, negative, in their unit; undefined without one. */
export function averageLoss(results: Float64Array): Measure {
  return averageOf(results, (r) => r < 0)
}

/**
 * The return that a fraction `tail` in (0, 1) of the returns falls short of, interpolated between neighbours, and the
 * mean of the returns at or below it. Undefined for none and for one that is not finite. Source: Hyndman & Fan (1996), type 7.
 */
export function tailLoss(
  returns: Float64Array,
  { tail }: { readonly tail: number },
): { readonly quantile: Measure; readonly beyond: Measure } {
  if (returns.length === 0 || !returns.every(Number.isFinite)) {
    const reason = undefinedBecause(returns.length === 0 ? 'no-observations' : 'not-finite')
    return { quantile: reason, beyond: reason }
  }
  const ascending = returns.toSorted()
  const at = (ascending.length - 1) * tail
  const below = Math.floor(at)
  const [low, high] = [ascending[below], ascending[Math.min(below + 1, ascending.length - 1)]]
  const quantile = low + (at - below) * (high - low)
  return { quantile: measured(quantile), beyond: measured(meanOf(ascending.filter((r) => r <= quantile))) }
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

/**
 * What is traded a year, in multiples of the gross exposure that one unit of position stands for: Σ |position[t] −
 * position[t−1]| a bar, times barsPerYear; an entry and its exit are 2. `positions`: [n] held after each bar, nothing before
 * the first. Undefined for none and for one that is not finite.
 */
export function turnover(positions: Float64Array, { barsPerYear }: { readonly barsPerYear: number }): Measure {
  if (positions.length === 0) return undefinedBecause('no-observations')
  if (!positions.every(Number.isFinite)) return undefinedBecause('not-finite')
  const traded = positions.reduce((sum, position, t) => sum + Math.abs(position - (t === 0 ? 0 : positions[t - 1])), 0)
  return measured((traded / positions.length) * barsPerYear)
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

function averageOf(results: Float64Array, isCounted: (result: number) => boolean): Measure {
  if (!results.every(Number.isFinite)) return undefinedBecause('not-finite')
  const counted = results.filter(isCounted)
  return counted.length === 0 ? undefinedBecause('no-trades') : measured(meanOf(counted))
}

function meanOf(x: Float64Array): number {
  return x.reduce((sum, value) => sum + value, 0) / x.length
}

/** With n − 1; exactly 0 where nothing varies. */
function deviationOf(x: Float64Array): number {
  const [first] = x
  const shift = meanOf(x.map((value) => value - first))
  return Math.sqrt(x.reduce((sum, value) => sum + (value - first - shift) ** 2, 0) / (x.length - 1))
}
