import { describe, expect, test } from 'vitest'
import { isProjected, sessionDateFrom, sessionOn, sessionsBetween } from './calendar.ts'
import { PUBLISHED_THROUGH } from './calendar-rules.ts'
import { minutesOf, type SessionDate } from './sessions.ts'

/**
 * Weekdays on which the New York Stock Exchange was or will be shut, and those on which it closes at 13:00, by year: facts, written
 * down from independent sources and not derived from our rules. 2007 to 2027: the NYSE calendar of pandas_market_calendars
 * 5.5.0, which agrees on every day with XNYS of exchange_calendars 4.13.2 (both maintained by hand from the exchange's notices,
 * read in 2026). 2026 to 2028 besides: "NYSE Group Announces 2026, 2027 and 2028 Holiday and Early Closings Calendar", 23 December 2025.
 */
const PUBLISHED: readonly (readonly [year: number, shut: string, short: string])[] = [
  [2007, '01-01 01-02 01-15 02-19 04-06 05-28 07-04 09-03 11-22 12-25', '07-03 11-23 12-24'],
  [2008, '01-01 01-21 02-18 03-21 05-26 07-04 09-01 11-27 12-25', '07-03 11-28 12-24'],
  [2009, '01-01 01-19 02-16 04-10 05-25 07-03 09-07 11-26 12-25', '11-27 12-24'],
  [2010, '01-01 01-18 02-15 04-02 05-31 07-05 09-06 11-25 12-24', '11-26'],
  [2011, '01-17 02-21 04-22 05-30 07-04 09-05 11-24 12-26', '11-25'],
  [2012, '01-02 01-16 02-20 04-06 05-28 07-04 09-03 10-29 10-30 11-22 12-25', '07-03 11-23 12-24'],
  [2013, '01-01 01-21 02-18 03-29 05-27 07-04 09-02 11-28 12-25', '07-03 11-29 12-24'],
  [2014, '01-01 01-20 02-17 04-18 05-26 07-04 09-01 11-27 12-25', '07-03 11-28 12-24'],
  [2015, '01-01 01-19 02-16 04-03 05-25 07-03 09-07 11-26 12-25', '11-27 12-24'],
  [2016, '01-01 01-18 02-15 03-25 05-30 07-04 09-05 11-24 12-26', '11-25'],
  [2017, '01-02 01-16 02-20 04-14 05-29 07-04 09-04 11-23 12-25', '07-03 11-24'],
  [2018, '01-01 01-15 02-19 03-30 05-28 07-04 09-03 11-22 12-05 12-25', '07-03 11-23 12-24'],
  [2019, '01-01 01-21 02-18 04-19 05-27 07-04 09-02 11-28 12-25', '07-03 11-29 12-24'],
  [2020, '01-01 01-20 02-17 04-10 05-25 07-03 09-07 11-26 12-25', '11-27 12-24'],
  [2021, '01-01 01-18 02-15 04-02 05-31 07-05 09-06 11-25 12-24', '11-26'],
  [2022, '01-17 02-21 04-15 05-30 06-20 07-04 09-05 11-24 12-26', '11-25'],
  [2023, '01-02 01-16 02-20 04-07 05-29 06-19 07-04 09-04 11-23 12-25', '07-03 11-24'],
  [2024, '01-01 01-15 02-19 03-29 05-27 06-19 07-04 09-02 11-28 12-25', '07-03 11-29 12-24'],
  [2025, '01-01 01-09 01-20 02-17 04-18 05-26 06-19 07-04 09-01 11-27 12-25', '07-03 11-28 12-24'],
  [2026, '01-01 01-19 02-16 04-03 05-25 06-19 07-03 09-07 11-26 12-25', '11-27 12-24'],
  [2027, '01-01 01-18 02-15 03-26 05-31 06-18 07-05 09-06 11-25 12-24', '11-26'],
  [2028, '01-17 02-21 04-14 05-29 06-19 07-04 09-04 11-23 12-25', '07-03 11-24'],
]

type Day = 'open' | 'half day' | 'shut'

function publishedDays(): Map<string, Day> {
  const days = new Map<string, Day>()
  for (const [year, shut, short] of PUBLISHED) {
    const [closings, halfDays] = [new Set(shut.split(' ')), new Set(short.split(' '))]
    const first = Temporal.PlainDate.from({ year, month: 1, day: 1 })
    for (let day = first; day.year === year; day = day.add({ days: 1 })) {
      const key = day.toString().slice(5)
      const isShut = day.dayOfWeek > 5 || closings.has(key)
      days.set(day.toString(), isShut ? 'shut' : halfDays.has(key) ? 'half day' : 'open')
    }
  }
  return days
}

function ours(date: string): Day {
  const session = sessionOn(date as SessionDate)
  if (session === undefined) return 'shut'
  return session.isHalfDay ? 'half day' : 'open'
}

describe('the calendar that the exchange has published', () => {
  test('is ours on each of the 8,036 days from 2007 through 2028', () => {
    const days = publishedDays()
    expect(days.size).toBe(8036)
    expect([...days].filter(([date, day]) => ours(date) !== day)).toEqual([])
  })

  test('has 5,282 sessions from 2007 through 2027, of which 45 close at 13:00 and the others at 16:00', () => {
    const sessions = sessionsBetween('2007-01-01' as SessionDate, '2027-12-31' as SessionDate)
    const byMinutes = Map.groupBy(sessions, minutesOf)
    expect([...byMinutes].map(([minutes, { length }]) => [minutes, length]).sort()).toEqual([
      [210, 45],
      [390, 5237],
    ])
  })

  test('ends where ours begins to be projected', () => {
    const last = PUBLISHED.at(-1)?.[0]
    expect(PUBLISHED_THROUGH).toBe(`${last}-12-31`)
    expect(['2007-01-03', '2028-12-29', '2029-01-02', '2037-12-31'].map((day) => isProjected(sessionDateFrom(day)!))).toEqual([
      false,
      false,
      true,
      true,
    ])
  })
})
