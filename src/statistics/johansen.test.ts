import { expect, test } from 'vitest'
import { randomStream } from '#domain/random.ts'
import { johansen } from './johansen.ts'

function walks(count: number, n: number): Float64Array[] {
  return Array.from({ length: count }, (_, i) => {
    const { normal } = randomStream(i, 'johansen')
    let level = 50
    return Float64Array.from({ length: n }, () => (level += normal()))
  })
}

test('two series that share a walk have one relation, found with its weights; two walks have none', () => {
  const [x, other] = walks(2, 600)
  const { normal } = randomStream(8, 'noise')
  const y = x.map((value) => 0.8 * value + normal())
  const [related, unrelated] = [
    [y, x],
    [other, x],
  ].map((columns) => johansen(columns, { trend: 'constant', lags: 1 }))
  if (related.kind !== 'tested' || unrelated.kind !== 'tested') throw new Error('refused')
  const [{ trace, traceCritical, vector }] = related.steps
  expect(trace).toBeGreaterThan(traceCritical[2])
  expect(-vector[1] / vector[0]).toBeCloseTo(0.8, 1)
  expect(unrelated.steps[0].trace).toBeLessThan(unrelated.steps[0].traceCritical[1])
})

test('units and order of the series change no statistic', () => {
  const [a, b, c] = walks(3, 200)
  const plain = johansen([a, b, c], { trend: 'linear', lags: 2 })
  const changed = johansen([c.map((v) => v * 1e9), a.map((v) => v * 1e-9), b], { trend: 'linear', lags: 2 })
  if (plain.kind !== 'tested' || changed.kind !== 'tested') throw new Error('refused')
  plain.steps.forEach(({ trace }, i) => {
    expect(changed.steps[i].trace / trace).toBeCloseTo(1, 8)
  })
})

test('what cannot be tested is refused by name', () => {
  const [a, b] = walks(2, 100)
  const options = { trend: 'constant', lags: 1 } as const
  expect(johansen([a, a.map((value) => 2 * value - 1)], options)).toEqual({ kind: 'collinear' })
  expect(johansen([a, new Float64Array(100).fill(3)], options)).toEqual({ kind: 'constant' })
  expect(johansen([a.slice(0, 6), b.slice(0, 6)], options).kind).toBe('too-short')
  expect(() => johansen([a], options)).toThrow(RangeError)
  expect(() => johansen([a, b.slice(1)], options)).toThrow(RangeError)
})
