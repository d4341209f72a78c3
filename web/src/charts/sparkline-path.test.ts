import { expect, test } from 'vitest'
import { sparklinePath } from './sparkline-path.ts'

test('the highest value touches the top, the lowest the bottom, one step a value', () => {
  expect(sparklinePath([1, 3, 2], 10)).toBe('M0 10.00h0L1 0.00L2 5.00')
})

test('a gap is left open, and a lone value is a dot', () => {
  expect(sparklinePath([1, null, 2, null, 1], 10)).toBe('M0 10.00h0M2 0.00h0M4 10.00h0')
})

test('a price that stood still is a level line, and no price is no line', () => {
  expect(sparklinePath([5, 5], 10)).toBe('M0 5.00h0L1 5.00')
  expect(sparklinePath([null, null], 10)).toBe('')
})
