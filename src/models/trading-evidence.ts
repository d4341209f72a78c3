import type { Timeframe } from '#domain/bars.ts'
import type { Measure } from '#statistics/measure.ts'
import { equityFrom, maximumDrawdown, sharpeRatio, turnover } from '#statistics/performance.ts'
import type { Bracketed } from '#statistics/score-intervals.ts'
import { dependentSharpe } from '#statistics/sharpe-dependence.ts'
import { barsPerYear, type TradedBars } from './trading-score.ts'

/** What a rule reached after costs, the same for a model and for a baseline. */
export type TradingEvidence = {
  /** A year, with the interval that holds for returns that follow one another. */
  readonly sharpe: Bracketed
  /** The deepest fall of the compounded returns from a peak, a fraction <= 0. */
  readonly drawdown: Measure
  /** Multiples of the gross exposure that are traded a year; what is held at the end is sold. */
  readonly turnover: Measure
  readonly trades: number
}

/** The evidence of traded bars; its Sharpe ratio is that of `tradingScore`, and undefined as it is. `confidence` in (0, 1). */
export function tradingEvidence(
  { returns, positions, trades }: TradedBars,
  { timeframe, confidence }: { readonly timeframe: Timeframe; readonly confidence: number },
): TradingEvidence {
  const rate = { barsPerYear: barsPerYear(timeframe), riskFreePerBar: 0 }
  const sold = new Float64Array(positions.length + 1)
  sold.set(positions)
  return {
    sharpe: bracketed(sharpeRatio(returns, rate), { returns, barsPerYear: rate.barsPerYear, confidence }),
    drawdown: maximumDrawdown(equityFrom(returns)),
    turnover: returns.length === 0 ? { kind: 'undefined', why: 'no-observations' } : turnover(sold, rate),
    trades,
  }
}

type Basis = { readonly returns: Float64Array; readonly barsPerYear: number; readonly confidence: number }

function bracketed(sharpe: Measure, { returns, barsPerYear: bars, confidence }: Basis): Bracketed {
  if (sharpe.kind === 'undefined') return sharpe
  const dependent = dependentSharpe(returns, { confidence })
  if (dependent.kind !== 'estimated') return { kind: 'undefined', why: 'no-observations' }
  const reach = ((dependent.high - dependent.low) / 2) * Math.sqrt(bars)
  return { ...sharpe, low: sharpe.value - reach, high: sharpe.value + reach }
}
