import { expect, test } from 'vitest'
import { randomStream } from '#domain/random.ts'
import { moments } from '#statistics/moments.ts'
import { normalCdf } from '#statistics/special.ts'
import { EXAMPLE_RULES, revertingOf } from './example-market.ts'
import { recentBacktest } from './recent-backtest.ts'
import { unscored } from './score-part.ts'
import { positionAfter } from './z-score-rule.ts'

const RULE = { ...EXAMPLE_RULES.zScoreRule, zscoreWindowBars: 4, entryZ: 1.2, exitZ: 0.2, stopZ: 9, costBps: 10 }

test('the rule enters against the deviation, holds until the mean, gives up at the stop, and holds nothing without a z-score', () => {
  const rule = { ...RULE, entryZ: 2, exitZ: 0.5, stopZ: 4 }
  const after = (position: -1 | 0 | 1, z: number) => positionAfter(position, z, rule)
  expect([-2, 2, -1.9, 1.9, -4, 4, Number.NaN].map((z) => after(0, z))).toEqual([1, -1, 0, 0, 0, 0, 0])
  expect([-2, -0.6, -0.5, 0, 1, -4, Number.NaN].map((z) => after(1, z))).toEqual([1, 1, 0, 0, 0, 0, 0])
  expect([2, 0.6, 0.5, 0, -1, 4, Number.NaN].map((z) => after(-1, z))).toEqual([-1, -1, 0, 0, 0, 0, 0])
})

test('one trade by hand: the entry pays, the deviation that comes back earns, the exit pays', () => {
  const spread = Float64Array.of(0, 0.01, 0, 0.01, 0.1, 0.02, 0, 0.01, 0)
  // z at row 4 is (0.1 − 0.03) / 0.0469 = 1.49: short, which earns 0.08 / (1 + 1); at row 5, −0.28: out.
  const returns = Float64Array.of(-0.001 + 0.04, -0.001, 0, 0)
  const { mean, variance, skewness, kurtosis } = measuredMoments(returns)
  const sharpe = mean / Math.sqrt(variance)
  const expected = normalCdf((sharpe * Math.sqrt(3)) / Math.sqrt(1 - skewness * sharpe + ((kurtosis - 1) / 4) * sharpe ** 2))
  const result = recentBacktest({ spread, from: 4, beta: -1 }, RULE)
  expect(result).toMatchObject({ kind: 'measured' })
  expect(result.kind === 'measured' && result.value).toBeCloseTo(expected, 12)
})

function measuredMoments(x: Float64Array) {
  const found = moments(x)
  if (found.kind !== 'measured') throw new Error(found.kind)
  return found
}

test('a reverting spread earns, and costs take it away', () => {
  const spread = revertingOf(randomStream(3, 'earning'), 1000, 6)
  const valueAt = (costBps: number) => {
    const part = recentBacktest({ spread, from: 600, beta: 1 }, { ...EXAMPLE_RULES.zScoreRule, costBps })
    return part.kind === 'measured' ? part.value : Number.NaN
  }
  expect(valueAt(1)).toBeGreaterThan(0.95)
  expect(valueAt(200)).toBeLessThan(0.05)
})

test('a rule that never enters is no evidence, nor are rows too few for a trade', () => {
  const spread = revertingOf(randomStream(3, 'still'), 300, 6)
  expect(recentBacktest({ spread, from: 200, beta: 1 }, { ...RULE, entryZ: 8 })).toEqual(unscored('no-trades'))
  expect(recentBacktest({ spread, from: 300, beta: 1 }, RULE)).toEqual(unscored('no-trades'))
})
