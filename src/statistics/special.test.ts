import { expect, test } from 'vitest'
import { columnOf, isReferenceAbsent, readReference, WHY_ABSENT } from './reference.file.ts'
import { erfc, normalCdf } from './special.ts'

test('the normal distribution function keeps 13 digits from −37 to 37', ({ skip }) => {
  skip(isReferenceAbsent, WHY_ABSENT)
  const cdf = readReference('special').find(({ name }) => name === 'norm_cdf')
  const expected = columnOf(cdf?.expected.y)
  const errors = columnOf(cdf?.input.x).map((x, i) => (expected[i] > 1e-307 ? Math.abs(normalCdf(x) / expected[i] - 1) : 0))
  expect(errors.length).toBeGreaterThan(100)
  expect(Math.max(...errors)).toBeLessThan(1e-13)
})

test('erfc is 2 − erfc of the opposite, and continuous where the method changes', () => {
  for (const x of [0, 0.3, 1.4, 3, 8]) expect(erfc(-x)).toBe(2 - erfc(x))
  expect(erfc(1.5 - 1e-13) / erfc(1.5)).toBeCloseTo(1, 11)
  expect(erfc(Number.NaN)).toBeNaN()
})
