import { expect, test } from 'vitest'
import type { Symbol_ } from '#domain/symbol.ts'
import type { Probability } from '#domain/units.ts'
import type { AssessedPair } from './assess-pair.ts'
import { EXAMPLE_RULES } from './example-market.ts'
import { rankPairs } from './rank-pairs.ts'
import { scored } from './score-part.ts'

const RULES = { ...EXAMPLE_RULES, falseDiscoveryRate: 0.25 }

const reverting = (y: string, pValue: number) => ({
  pair: { y: y as Symbol_, x: 'X' as Symbol_ },
  pValue: pValue as Probability,
  ...{ correlation: 0.9, alpha: 0, beta: 1, observations: 500, halfLifeBars: 20 },
})

function passed(y: string, pValue: number, score = 0.8): AssessedPair {
  const part = scored(score)
  const parts = { fit: part, volatilityForecast: part, recentBacktest: part, residualDiagnostics: part }
  return { ...reverting(y, pValue), verdict: 'passed', tailPValue: 0.01, tailShift: 0.5, score, parts }
}

const dull = (count: number): AssessedPair[] =>
  Array.from({ length: count }, (_, i) => ({
    pair: { y: `D${i}` as Symbol_, x: 'X' as Symbol_ },
    verdict: 'low-correlation',
    correlation: 0.1,
  }))

test('pairs that never reached the test count among those tried', () => {
  const [alone] = rankPairs([passed('A', 0.01)], RULES)
  expect(alone).toMatchObject({ verdict: 'shortlisted', adjustedPValue: 0.02 })
  const crowded = rankPairs([passed('A', 0.01), ...dull(99)], RULES).find(({ name }) => name === 'A-X')
  expect(crowded).toMatchObject({ verdict: 'false-discovery', adjustedPValue: 1 })
})

test('the better direction is paid for by doubling its p-value', () => {
  expect(
    rankPairs([passed('A', 0.04), passed('B', 0.04)], RULES).map((pair) => 'adjustedPValue' in pair && pair.adjustedPValue),
  ).toEqual([0.08, 0.08])
})

test('a false discovery is stopped before the held-back rows, and carries nothing of them', () => {
  const broke: AssessedPair = { ...reverting('B', 0.01), verdict: 'broke-out-of-sample', tailPValue: 0.9, tailShift: 3 }
  const crowded = rankPairs([passed('A', 0.01), broke, ...dull(99)], RULES).slice(0, 2)
  expect(crowded.map(({ verdict }) => verdict)).toEqual(['false-discovery', 'false-discovery'])
  expect(crowded.flatMap((pair) => Object.keys(pair)).filter((key) => /tail|score|parts/.test(key))).toEqual([])
  const alone = rankPairs([broke], RULES)
  expect(alone).toMatchObject([{ verdict: 'broke-out-of-sample', adjustedPValue: 0.02, tailShift: 3 }])
})

test('the score ranks; ties go by name', () => {
  const ranked = rankPairs([passed('LOW', 1e-9, 0.71), passed('B', 0.001), passed('A', 0.002), passed('TOP', 0.03, 0.99)], RULES)
  expect(ranked.map(({ name }) => name)).toEqual(['TOP-X', 'A-X', 'B-X', 'LOW-X'])
  expect(ranked.map((pair) => (pair.verdict === 'shortlisted' ? pair.rank : 0))).toEqual([1, 2, 3, 4])
})
