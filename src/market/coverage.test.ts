import { expect, test } from 'vitest'
import { sessionOn } from '#domain/calendar.ts'
import type { SessionDate } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import type { TimeColumn } from '#domain/units.ts'
import { coverageOf, expectedBars, missingBars } from './coverage.ts'

const session = (date: string) => sessionOn(date as SessionDate)!
const minutes = (from: number, count: number) =>
  Float64Array.from({ length: count }, (_, i) => from + i * 60_000) as Float64Array as TimeColumn

test('a full day has 390 minutes, 78 five-minute bars, 7 hours begun and one daily bar; a half day 210 minutes', () => {
  const day = session('2018-03-28')
  expect((['1m', '5m', '1h', '1d'] as const).map((timeframe) => expectedBars(day, timeframe))).toEqual([390, 78, 7, 1])
  expect(expectedBars(session('2018-12-24'), '1m')).toBe(210)
})

test('bars before the open and from the close on do not count', () => {
  const { opensAt, closesAt } = session('2018-03-28')
  const coverage = coverageOf('XOM' as Symbol_, minutes(opensAt - 120_000, 12), session('2018-03-28'))
  expect(coverage).toEqual({ symbol: 'XOM', expected: 390, present: 10, missing: 380 })
  const late = coverageOf('CVX' as Symbol_, minutes(closesAt - 60_000, 3), session('2018-03-28'))
  expect(missingBars([coverage, late])).toBe(380 + 389)
})
