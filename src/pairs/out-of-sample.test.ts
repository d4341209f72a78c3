import { expect, test } from 'vitest'
import { randomStream } from '#domain/random.ts'
import { EXAMPLE_RULES, revertingOf, walkOf } from './example-market.ts'
import { outOfSample } from './out-of-sample.ts'

const TRIALS = 200
const [HEAD, TAIL] = [1000, 250]

function shareReverting(tailOf: (trial: number, spread: Float64Array) => Float64Array, maximumTailPValue: number): number {
  const reverts = Array.from({ length: TRIALS }, (_, trial) => {
    const spread = revertingOf(randomStream(trial, 'spread'), HEAD + TAIL, 10)
    const split = { head: spread.subarray(0, HEAD), tail: tailOf(trial, spread.subarray(HEAD)) }
    return outOfSample(split, { ...EXAMPLE_RULES, maximumTailPValue }).kind === 'reverts'
  })
  return reverts.filter(Boolean).length / TRIALS
}

test('a spread that goes on reverting passes; of random walks no more than the level passes', () => {
  const strayed = (trial: number) => walkOf(randomStream(trial, 'walk'), TAIL).map((level) => level - 3)
  expect(shareReverting((_, tail) => tail, 0.25)).toBeGreaterThan(0.98)
  expect(shareReverting((_, tail) => tail, 0.05)).toBeGreaterThan(0.9)
  expect(shareReverting(strayed, 0.25)).toBeLessThan(0.3)
  expect(shareReverting(strayed, 0.05)).toBeLessThan(0.1)
})

test('a spread that reverts as before, but to another mean, has broken', () => {
  expect(shareReverting((_, tail) => tail.map((s) => s + 0.1), 0.25)).toBe(0)
})

test('a tail too short or without variation is untestable, and no tail at all too', () => {
  const head = revertingOf(randomStream(1, 'head'), HEAD, 10)
  const kindOf = (tail: Float64Array) => outOfSample({ head, tail }, EXAMPLE_RULES)
  expect(kindOf(head.subarray(0, 19))).toMatchObject({ kind: 'untestable', why: 'too-short' })
  expect(kindOf(new Float64Array(0))).toMatchObject({ kind: 'untestable', why: 'too-short' })
  expect(kindOf(new Float64Array(100).fill(0.1))).toMatchObject({ kind: 'untestable', why: 'constant' })
})
