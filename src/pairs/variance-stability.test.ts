import { expect, test } from 'vitest'
import { randomStream } from '#domain/random.ts'
import { EXAMPLE_RULES } from './example-market.ts'
import { type VarianceStability, varianceStability } from './variance-stability.ts'

const ROWS = 800
const LEAST = { ...EXAMPLE_RULES, minimumArchPValue: 0.001, minimumLjungBoxPValue: 0.001, maximumVolatilityVariation: 0.5 }
const { normal } = randomStream(4, 'stability')
const steady = Float64Array.from({ length: ROWS }, () => 0.01 * normal())

const failuresOf = (result: VarianceStability) => (result.kind === 'measured' ? result.failures : result.kind)

test('returns of one kind pass; each failing is named by the rule that it breaks', () => {
  let variance = 1
  const clustered = steady.map((e, t) => {
    variance = t === 0 ? 1 : 0.05 + 0.4 * (steady[t - 1] / 0.01) ** 2 * variance + 0.55 * variance
    return e * Math.sqrt(variance)
  })
  const bouncing = steady.map((e, t) => e + 0.02 * (t % 2 === 0 ? 1 : -1))
  const jumped = steady.map((e, t) => (t === 400 ? 1 : e))
  expect(failuresOf(varianceStability(steady, LEAST))).toEqual([])
  expect(failuresOf(varianceStability(clustered, LEAST))).toContain('arch-effects')
  expect(failuresOf(varianceStability(bouncing, LEAST))).toEqual(['autocorrelated'])
  // One jump hides all other clustering from ARCH-LM: only the variation of the volatility sees it.
  expect(failuresOf(varianceStability(jumped, LEAST))).toEqual(['unsteady-volatility'])
})

test('the threshold 0 leaves out nobody, and the figures do not depend on the unit', () => {
  const open = { ...LEAST, minimumArchPValue: 0, minimumLjungBoxPValue: 0, maximumVolatilityVariation: 1e9 }
  const [one, scaled] = [steady, steady.map((value) => 1e6 * value)].map((returns) => varianceStability(returns, open))
  if (one.kind !== 'measured' || scaled.kind !== 'measured') throw new Error('not measured')
  expect([one.failures, scaled.failures]).toEqual([[], []])
  expect(scaled.stability.archPValue).toBeCloseTo(one.stability.archPValue, 9)
  expect(scaled.stability.volatilityVariation).toBeCloseTo(one.stability.volatilityVariation, 12)
})

test('rows that were not observed are left out, and what is left too short or still is refused by name', () => {
  const gappy = Float64Array.from([Number.NaN, ...steady.subarray(0, 400), Number.NaN, ...steady.subarray(400)])
  expect(varianceStability(gappy, LEAST)).toEqual(varianceStability(steady, LEAST))
  expect(varianceStability(steady.subarray(0, 21), LEAST).kind).toBe('too-short')
  expect(varianceStability(steady.subarray(0, 30), LEAST).kind).toBe('too-short')
  expect(varianceStability(new Float64Array(100), LEAST).kind).toBe('constant')
  expect(varianceStability(new Float64Array(0), LEAST).kind).toBe('too-short')
})
