import { expect, test } from 'vitest'
import { randomStream } from '#domain/random.ts'
import type { LogSpreadColumn } from '#domain/units.ts'
import { baselineProbabilities } from './baselines.ts'
import { TRADING } from './example-pair.ts'
import { tradingEvidence } from './trading-evidence.ts'
import { type TradingCase, tradeBars, tradingScore } from './trading-score.ts'

/** A spread that reverts, and rows from 100 on. */
function example(seed: number): TradingCase {
  const { normal } = randomStream(seed, 'traded')
  let level = 0
  const spread = Float64Array.from({ length: 600 }, () => {
    level = 0.8 * level + 0.001 * normal()
    return level
  }) as LogSpreadColumn
  const rows = Int32Array.from({ length: 499 }, (_, i) => 100 + i)
  return { spread, beta: 0.9, timeframe: '1m', rows, probabilities: new Float64Array(499).fill(0.7) }
}
const asked = { timeframe: '1m', confidence: 0.9 } as const

test('the Sharpe ratio is the trading score, inside its interval; what is held and what is earned agree', () => {
  const one = example(1)
  const bars = tradeBars(one, TRADING)
  const evidence = tradingEvidence(bars, asked)
  const { sharpe, trades } = tradingScore(one, TRADING)
  expect(evidence).toMatchObject({ sharpe, trades })
  expect(evidence.sharpe.kind === 'measured' && evidence.sharpe.low < evidence.sharpe.value).toBe(true)
  const entries = bars.positions.filter((position, i) => position !== 0 && (i === 0 || bars.positions[i - 1] === 0)).length
  expect(entries).toBe(trades)
  // Every entry is left again, at the end at the latest: two fills each.
  expect(evidence.turnover.kind === 'measured' && (evidence.turnover.value * 500) / (252 * 390)).toBeCloseTo(2 * trades, 9)
  expect(evidence.drawdown.kind === 'measured' && evidence.drawdown.value <= 0).toBe(true)
  bars.returns.forEach((earned, i) => {
    if (bars.positions[i] === 0 && (i === 0 || bars.positions[i - 1] === 0)) expect(earned).toBe(0)
  })
})

test('the baseline that always says yes is the rule that no model gates, and a model that says no never trades', () => {
  const one = example(2)
  const { 'always-revert': always } = baselineProbabilities(one.spread, one.rows, TRADING)
  expect(tradeBars({ ...one, probabilities: always }, TRADING)).toEqual(tradeBars(one, { ...TRADING, minimumProbability: 0 }))
  const none = tradingEvidence(tradeBars({ ...one, probabilities: always.map(() => 0) }, TRADING), asked)
  expect(none).toEqual({
    sharpe: { kind: 'undefined', why: 'no-variation' },
    drawdown: { kind: 'measured', value: 0 },
    turnover: { kind: 'measured', value: 0 },
    trades: 0,
  })
  const empty = { returns: new Float64Array(0), positions: new Float64Array(0), trades: 0 }
  expect(tradingEvidence(empty, asked).turnover.kind).toBe('undefined')
})
