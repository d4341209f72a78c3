import { expect, test } from 'vitest'
import type { BarColumns } from '#domain/bars.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import type { PriceColumn, SharesColumn, TimeColumn } from '#domain/units.ts'
import { alignOnClock } from './align.ts'

const minutes = (...at: number[]) => Float64Array.from(at, (minute) => minute * 60_000) as TimeColumn

function bars(at: readonly number[], closes: readonly number[]): BarColumns {
  const close = Float64Array.from(closes) as PriceColumn
  const volumeShares = Float64Array.from(closes) as SharesColumn
  return { symbol: 'XOM' as Symbol_, openedAt: minutes(...at), open: close, high: close, low: close, close, volumeShares }
}

test('a minute without a trade carries the last close, for so many minutes and no longer', () => {
  const aligned = alignOnClock(bars([1, 2, 6], [10, 11, 12]), minutes(0, 1, 2, 3, 4, 5, 6, 7), { carryBars: 2 })
  expect([...aligned]).toEqual([Number.NaN, 10, 11, 11, 11, Number.NaN, 12, 12])
})

test('without a carry only the very minute counts', () => {
  expect([...alignOnClock(bars([1, 3], [10, 12]), minutes(1, 2, 3), { carryBars: 0 })]).toEqual([10, Number.NaN, 12])
})

test('a night is never carried over', () => {
  expect([...alignOnClock(bars([389], [10]), minutes(389, 1440, 1441), { carryBars: 5 })]).toEqual([10, Number.NaN, Number.NaN])
})

test('a symbol without bars is unknown everywhere', () => {
  expect([...alignOnClock(bars([], []), minutes(1, 2), { carryBars: 5 })]).toEqual([Number.NaN, Number.NaN])
})
