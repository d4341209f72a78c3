import { describe, expect, test } from 'vitest'
import type { LogSpreadColumn } from '#domain/units.ts'
import { measured, undefinedBecause } from '#statistics/measure.ts'
import { promotion } from './promotion.ts'
import { epochsEach } from './rules.ts'
import { type TradingRules, tradingScore } from './trading-score.ts'
import { splitByTime, windowEnds } from './training-split.ts'

describe('the trading score', () => {
  const RULES: TradingRules = { zscoreWindowBars: 4, entryZ: 1.2, exitZ: 0.5, stopZ: 4, minimumProbability: 0.5, costBps: 10 }
  /** Quiet around 0, one rise to 0.04 and back: z of the rise is 1.5 in a window of four. */
  const spread = Float64Array.of(0, 0.001, 0, 0.001, 0, 0.04, 0, 0.001, 0, 0.001) as LogSpreadColumn
  const rows = Int32Array.of(4, 5, 6, 7, 8)
  const scoreOf = (probability: number, changes: Partial<TradingRules> = {}) =>
    tradingScore(
      { spread, beta: 1, timeframe: '1m', rows, probabilities: new Float64Array(5).fill(probability) },
      { ...RULES, ...changes },
    )

  test('sells the spread when it is high, earns its fall on one dollar of gross, and pays for both fills', () => {
    const { sharpe, trades } = scoreOf(0.6)
    expect(trades).toBe(1)
    // Row 5 enters: 0.04 / 2 less 10 bp; row 6 leaves: 10 bp. The other three bars earn nothing.
    const returns = [0, 0.02 - 0.001, -0.001, 0, 0]
    const mean = returns.reduce((sum, r) => sum + r, 0) / 5
    const deviation = Math.sqrt(returns.reduce((sum, r) => sum + (r - mean) ** 2, 0) / 4)
    expect(sharpe.kind === 'measured' && sharpe.value).toBeCloseTo((mean / deviation) * Math.sqrt(252 * 390), 8)
  })

  test('stands aside where the model does not expect a return, and beyond the stop', () => {
    expect(scoreOf(0.4)).toEqual({ sharpe: undefinedBecause('no-variation'), trades: 0 })
    expect(scoreOf(0.6, { stopZ: 1.3 }).trades).toBe(0)
  })
})

describe('promotion', () => {
  const GATES = { minimumF1: 0.55, minimumSharpe: 0 }

  test('needs every gate passed; at the gate is passed', () => {
    expect(promotion({ f1: measured(0.55), sharpe: measured(0) }, GATES)).toEqual({ isPromoted: true, reasons: [] })
    const { isPromoted, reasons } = promotion({ f1: measured(0.5), sharpe: measured(-1) }, GATES)
    expect(isPromoted).toBe(false)
    expect(reasons).toEqual(['F1 is 0.500; at least 0.55 is asked', 'Sharpe ratio after costs is −1.000; at least 0 is asked'])
  })

  test('is refused to a score that has no value', () => {
    const { isPromoted, reasons } = promotion({ f1: measured(0.9), sharpe: undefinedBecause('no-variation') }, GATES)
    expect(isPromoted).toBe(false)
    expect(reasons).toEqual([
      'Sharpe ratio after costs has no value, since its returns do not vary, as when nothing is traded; at least 0 is asked',
    ])
  })
})

test('the budget is shared evenly, and every pair gets an epoch at least', () => {
  expect([epochsEach(600, 20), epochsEach(600, 7), epochsEach(5, 20), epochsEach(600, 0)]).toEqual([30, 85, 1, 0])
})

describe('the parts of a training', () => {
  test('windows end where the whole window is known and there is a label', () => {
    const known = Uint8Array.of(1, 1, 1, 0, 1, 1, 1, 1)
    const labels = Float64Array.of(0, 1, 0, 1, 0, 1, 1, Number.NaN)
    expect([...windowEnds(known, labels, 2)]).toEqual([1, 2, 5, 6])
  })

  test('stand apart by more than the gap, in time, also across missing rows', () => {
    const ends = Int32Array.from({ length: 100 }, (_, i) => (i < 75 ? i : i + 8))
    const { trainEnds, validationEnds, testEnds } = splitByTime(ends, {
      trainFraction: 0.7,
      validationFraction: 0.15,
      gapBars: 10,
    })
    expect([trainEnds.at(-1), validationEnds.at(0), validationEnds.at(-1), testEnds.at(0), testEnds.at(-1)]).toEqual([
      69, 83, 92, 103, 107,
    ])
  })
})
