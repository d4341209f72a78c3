import { TIMEFRAME_MS, type Timeframe } from '#domain/bars.ts'
import type { LogSpreadColumn } from '#domain/units.ts'
import { type Position, positionAfter, type ZScoreRule } from '#pairs/z-score-rule.ts'
import type { Measure } from '#statistics/measure.ts'
import { sharpeRatio } from '#statistics/performance.ts'
import { rollingZScore } from '#statistics/rolling.ts'

/** The rule that a model's trading score is measured with: the z-score rule, which enters only where the model agrees. */
export type TradingRules = ZScoreRule & {
  /** Of reversion, for an entry. */
  readonly minimumProbability: number
}

/** A stretch of the spread with the model's word on some of its rows. */
export type TradingCase = {
  readonly spread: LogSpreadColumn
  readonly beta: number
  readonly timeframe: Timeframe
  /** Rows of the stretch with a probability, ascending, and the probabilities. */
  readonly rows: Int32Array
  readonly probabilities: Float64Array
}

export type TradingScore = {
  /** A year, of the returns of every bar of the stretch, bars without a position included. */
  readonly sharpe: Measure
  /** Times that the rule entered. */
  readonly trades: number
}

/** What the rule did at each row with a probability: [n] each. */
export type TradedBars = {
  /** Of one dollar of gross exposure, after costs, from the row to the next. */
  readonly returns: Float64Array
  /** Held from the row to the next: −1, 0 or 1. */
  readonly positions: Float64Array
  /** Times that the rule entered. */
  readonly trades: number
}

/**
 * Carries out a z-score rule that enters only where the model says that the spread reverts. At each row with a
 * probability it goes long where z ≤ −entryZ, short where z ≥ entryZ (short of the stop), if the probability reaches
 * the minimum; it leaves when z has come within exitZ of the mean or passed it, or has reached stopZ. A decision at row t
 * earns from t to t + 1, at the closes, one dollar of gross exposure: s · Δspread / (1 + |β|); each entry and each exit
 * costs `costBps` of that dollar, and what is held at the end is left there. Only rows with a probability count.
 */
export function tradeBars({ spread, beta, rows, probabilities }: TradingCase, rules: TradingRules): TradedBars {
  const z = rollingZScore(spread, { window: rules.zscoreWindowBars })
  const cost = rules.costBps / 10_000
  const returns = new Float64Array(rows.length)
  const positions = new Float64Array(rows.length)
  let position: Position = 0
  let trades = 0
  rows.forEach((row, i) => {
    const wanted = positionAfter(position, z[row], rules)
    const next = position === 0 && !(probabilities[i] >= rules.minimumProbability) ? 0 : wanted
    const isLast = i === rows.length - 1
    const gain = next === 0 ? 0 : (next * (spread[row + 1] - spread[row])) / (1 + Math.abs(beta))
    const fills = Number(next !== position) + Number(isLast && next !== 0)
    if (position === 0 && next !== 0) trades++
    returns[i] = gain - fills * cost
    positions[i] = next
    position = next
  })
  return { returns, positions, trades }
}

/** The Sharpe ratio a year of what `tradeBars` earns, and how often it entered. */
export function tradingScore(traded: TradingCase, rules: TradingRules): TradingScore {
  const { returns, trades } = tradeBars(traded, rules)
  return { sharpe: sharpeRatio(returns, { barsPerYear: barsPerYear(traded.timeframe), riskFreePerBar: 0 }), trades }
}

const SESSIONS_PER_YEAR = 252
const SESSION_MS = 390 * 60_000

/** Bars in a year of 252 full sessions of 6½ hours. */
export function barsPerYear(timeframe: Timeframe): number {
  return timeframe === '1d' ? SESSIONS_PER_YEAR : (SESSIONS_PER_YEAR * SESSION_MS) / TIMEFRAME_MS[timeframe]
}
