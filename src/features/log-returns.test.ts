import { expect, test } from 'vitest'
import type { PriceColumn } from '#domain/units.ts'
import { logReturns } from './log-returns.ts'

const prices = (...closes: number[]) => Float64Array.from(closes) as PriceColumn

test('log returns undo: summing them recovers ln(last / first)', () => {
  const r = logReturns(prices(10, 12.5, 7.25, 30))
  expect(r.subarray(1).reduce((a, b) => a + b, 0)).toBeCloseTo(Math.log(3), 14)
})

test('a missing bar makes both returns that touch it missing, and no others', () => {
  expect([...logReturns(prices(10, Number.NaN, 10, 10))].map(Number.isNaN)).toEqual([true, true, true, false])
})
