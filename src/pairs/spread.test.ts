import { expect, test } from 'vitest'
import type { PriceColumn } from '#domain/units.ts'
import { logSpread } from './spread.ts'

test('the spread of prices that follow the hedge exactly is zero, and a gap in either leg is a gap', () => {
  const x = Float64Array.of(10, 20, Number.NaN, 40) as PriceColumn
  const y = x.map((price) => Math.exp(0.3 + 1.2 * Math.log(price))) as PriceColumn
  y[3] = Number.NaN
  const spread = logSpread(y, x, { alpha: 0.3, beta: 1.2 })
  expect(spread[0]).toBeCloseTo(0, 14)
  expect(spread[1]).toBeCloseTo(0, 14)
  expect([spread[2], spread[3]]).toEqual([Number.NaN, Number.NaN])
})
