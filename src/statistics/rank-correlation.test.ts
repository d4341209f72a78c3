import { expect, test } from 'vitest'
import { covariance, spearman } from './rank-correlation.ts'

test('values that tie share their mean rank', () => {
  const result = spearman(Float64Array.of(1, 2, 2, 3), Float64Array.of(10, 20, 30, 40))
  expect(result.kind === 'correlated' && result.r).toBeCloseTo(4.5 / Math.sqrt(4.5 * 5), 12)
})

test('only rows at which both were observed count', () => {
  const gap = Number.NaN
  const a = Float64Array.of(1, gap, 2, 4)
  expect(covariance(a, Float64Array.of(1, 5, 3, gap))).toEqual({ kind: 'measured', value: 1, observations: 2 })
  expect(covariance(a, Float64Array.of(gap, 1, gap, 2))).toEqual({ kind: 'too-short', observations: 1, needed: 2 })
  expect(spearman(a, Float64Array.of(3, 1, 3, 3))).toEqual({ kind: 'constant' })
})
