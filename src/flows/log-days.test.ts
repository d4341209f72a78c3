import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DAY_MS, epochMs, instantFrom } from '#domain/units.ts'
import { logDayOf, logDaysBetween } from './log-days.ts'

const FIRST = instantFrom('2007-01-01T00:00:00Z')
const instants = fc.integer({ min: FIRST, max: FIRST + 30 * 365 * DAY_MS }).map(epochMs)

test('days follow each other without a gap, and cover the range', () => {
  fc.assert(
    fc.property(instants, fc.integer({ min: 1, max: 40 * DAY_MS }), (from, length) => {
      const until = epochMs(from + length)
      const days = logDaysBetween(from, until)
      for (const [i, day] of days.entries()) expect(day.from).toBe(days[i - 1]?.until ?? day.from)
      expect(days.at(0)?.from).toBeLessThanOrEqual(from)
      expect(days.at(0)?.until).toBeGreaterThan(from)
      expect(days.at(-1)?.from).toBeLessThan(until)
      expect(days.at(-1)?.until).toBeGreaterThanOrEqual(until)
    }),
  )
})

test('the name of a partition says its day', () => {
  fc.assert(
    fc.property(instants, (at) => {
      const [day] = logDaysBetween(at, epochMs(at + 1))
      expect(logDayOf(day?.partition ?? '')).toEqual(day)
    }),
  )
  expect(logDaysBetween(FIRST, FIRST)).toEqual([])
  expect(logDayOf('flow_logs')).toBeUndefined()
  expect(logDayOf('flow_logs_2026_13_01')).toBeUndefined()
  expect(logDayOf('flow_logs_2026_01_01; drop table books')).toBeUndefined()
})
