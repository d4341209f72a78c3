import { expect, test } from 'vitest'
import { randomStream } from '#domain/random.ts'
import { maskSpikes } from './spikes.ts'

function walk(rows: number): Float64Array {
  const { normal } = randomStream(11, 'walk')
  let level = 4
  return Float64Array.from({ length: rows }, () => {
    level += 0.01 * normal()
    return level
  })
}

test('a walk without bad ticks is left as it is', () => {
  const prices = walk(2000)
  expect(maskSpikes(prices)).toEqual({ column: prices, count: 0 })
})

test('bad ticks are masked wherever they stand, the first and last row included', () => {
  const prices = walk(300)
  const bad = [0, 100, 101, 299]
  for (const t of bad) prices[t] -= 0.7
  const { column, count } = maskSpikes(prices)
  expect(count).toBe(4)
  expect(bad.every((t) => Number.isNaN(column[t]))).toBe(true)
})

test('a level that changes and stays is no spike', () => {
  const prices = walk(300).map((price, t) => (t < 150 ? price : price - 0.7))
  expect(maskSpikes(prices).count).toBe(0)
})

test('gaps stay gaps and are not counted', () => {
  const prices = walk(50)
  prices[20] = Number.NaN
  expect(maskSpikes(prices)).toEqual({ column: prices, count: 0 })
  expect(maskSpikes(new Float64Array(5).fill(Number.NaN)).count).toBe(0)
})
