import { rollingZScore } from '#statistics/rolling.ts'
import { probabilisticSharpe, sharpeEvidence } from '#statistics/sharpe-significance.ts'
import { type ScorePart, scored, unscored } from './score-part.ts'
import { type Position, positionAfter, type ZScoreRule } from './z-score-rule.ts'

/** A spread, [n] finite, of which the rows from `from` on are traded; `beta` is its hedge. */
export type TradedSpread = { readonly spread: Float64Array; readonly from: number; readonly beta: number }

/**
 * How sure it is that the rule earned something on the rows from `from` on after costs, in [0, 1]: the probabilistic Sharpe
 * ratio of its returns against 0. A decision at row t is made on the z-score of the rows up to t and earns from t to t + 1, at the closes,
 * position · Δs / (1 + |β|) of one dollar of gross exposure; each entry and each exit costs `costBps` of that dollar, and
 * what is held at the end is left there. Rows without a position return 0 and count. Undefined where the rule never
 * enters: nothing earned is no evidence. Source: Bailey & López de Prado (2012), Journal of Risk 15(2), 3–44.
 */
export function recentBacktest(traded: TradedSpread, rule: ZScoreRule): ScorePart {
  const { returns, trades } = returnsOf(traded, rule)
  if (trades === 0) return unscored('no-trades')
  const evidence = sharpeEvidence(returns)
  if (evidence.kind === 'undefined') return unscored('no-variation')
  const probability = probabilisticSharpe(evidence, 0)
  return Number.isNaN(probability) ? unscored('no-variation') : scored(probability)
}

function returnsOf({ spread, from, beta }: TradedSpread, rule: ZScoreRule) {
  const first = Math.max(0, from - rule.zscoreWindowBars + 1)
  const z = rollingZScore(spread.subarray(first), { window: rule.zscoreWindowBars })
  const returns = new Float64Array(Math.max(0, spread.length - from - 1))
  let position: Position = 0
  let trades = 0
  for (let i = 0; i < returns.length; i++) {
    const t = from + i
    const next = positionAfter(position, z[t - first], rule)
    const isLast = i === returns.length - 1
    const fills = Number(next !== position) + Number(isLast && next !== 0)
    if (position === 0 && next !== 0) trades++
    returns[i] = (next * (spread[t + 1] - spread[t])) / (1 + Math.abs(beta)) - (fills * rule.costBps) / 10_000
    position = next
  }
  return { returns, trades }
}
