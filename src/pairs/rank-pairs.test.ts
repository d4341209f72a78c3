import { expect, test } from 'vitest'
import type { Symbol_ } from '#domain/symbol.ts'
import type { Probability } from '#domain/units.ts'
import type { AssessedPair } from './assess-pair.ts'
import { rankPairs } from './rank-pairs.ts'

const RULES = {
  completeness: 0.8,
  minimumCorrelation: 0.8,
  maximumPValue: 0.05,
  minimumHalfLifeBars: 2,
  maximumHalfLifeBars: 390,
  falseDiscoveryRate: 0.25,
  maximum: 20,
}

function passed(y: string, pValue: number, halfLifeBars = 20): AssessedPair {
  const numbers = { correlation: 0.9, alpha: 0, beta: 1, observations: 500, halfLifeBars }
  return { pair: { y: y as Symbol_, x: 'X' as Symbol_ }, verdict: 'passed', pValue: pValue as Probability, ...numbers }
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

test('significance, speed and likeness raise the rank; ties go by name', () => {
  const ranked = rankPairs([passed('SLOW', 0.001, 200), passed('B', 0.001), passed('A', 0.001), passed('SURE', 1e-9)], RULES)
  expect(ranked.map(({ name }) => name)).toEqual(['SURE-X', 'A-X', 'B-X', 'SLOW-X'])
  expect(ranked.map((pair) => (pair.verdict === 'shortlisted' ? pair.rank : 0))).toEqual([1, 2, 3, 4])
})
