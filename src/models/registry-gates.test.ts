import { describe, expect, test } from 'vitest'
import { undefinedBecause } from '#statistics/measure.ts'
import { better, RULES, scores } from './example-registry.ts'
import { judge } from './registry-gates.ts'

describe('the gates', () => {
  test('of a vacant production are the minimums; at a gate is passed', () => {
    expect(judge({ kind: 'vacant', scores: scores(0.7, 1) }, RULES).isPassed).toBe(true)
    expect(judge({ kind: 'vacant', scores: scores(0.69, 0.9) }, RULES)).toEqual({
      isPassed: false,
      reasons: ['F1 is 0.690; at least 0.7 is asked', 'Sharpe ratio after costs is 0.900; at least 1 is asked'],
    })
  })

  test.each([
    ['a gain of F1 that is too small', { challenger: scores(0.769, 2) }, /^F1 is 0.769 beside/],
    ['a gain of the Sharpe ratio that is too small', { challenger: scores(0.8, 1.55) }, /^Sharpe ratio is 1.550 beside/],
    ['a deeper drawdown', { challenger: scores(0.8, 2, -0.031) }, /^drawdown is −0.031 beside/],
    ['a gain that may be chance', { f1PValue: 0.06 }, /^the gain may be chance: p is 0.060/],
    ['a gain that nobody tested', { f1PValue: undefined, sharpePValue: undefined }, /it has not been tested/],
    [
      'a champion without a score',
      { champion: { ...scores(0.7, 1), sharpe: undefinedBecause('no-trades') } },
      /champion's Sharpe/,
    ],
  ])('refuse %s, alone and by name', (_, change, reason) => {
    const { isPassed, reasons } = judge({ kind: 'contested', ...better, ...change }, RULES)
    expect(isPassed).toBe(false)
    expect(reasons).toEqual([expect.stringMatching(reason)])
  })

  test('pass a challenger that gains exactly what is asked', () => {
    const [challenger, champion] = [scores(0.83, 1.6, -0.03), scores(0.81, 1.5, -0.02)]
    expect(judge({ kind: 'contested', ...better, challenger, champion }, RULES).isPassed).toBe(true)
  })
})
