import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  dateInNewYork,
  lastSessionClosedBy,
  newYorkInstant,
  nextSession,
  sessionAtInstant,
  sessionDateFrom,
  sessionOn,
  sessionsBefore,
  sessionsBetween,
} from './calendar.ts'
import type { SessionDate } from './sessions.ts'
import { epochMs, instantFrom, isoFrom } from './units.ts'

const date = (text: string): SessionDate => {
  const known = sessionDateFrom(text)
  if (!known) throw new Error(`no date: ${text}`)
  return known
}
const yearOf = (year: number) => sessionsBetween(date(`${year}-01-01`), date(`${year}-12-31`))
const weekdaysShut = (year: number) => {
  const open = new Set(yearOf(year).map((s) => s.date as string))
  const first = Temporal.PlainDate.from({ year, month: 1, day: 1 })
  return Array.from({ length: first.daysInYear }, (_, days) => first.add({ days }))
    .filter((day) => day.dayOfWeek <= 5 && !open.has(day.toString()))
    .map((day) => day.toString().slice(5))
}
const halfDays = (year: number) =>
  yearOf(year)
    .filter((s) => s.isHalfDay)
    .map((s) => s.date.slice(5))

describe("the exchange's published years", () => {
  test.each([
    [2007, 251],
    [2008, 253],
    [2009, 252],
    [2010, 252],
    [2011, 252],
    [2012, 250],
    [2013, 252],
    [2014, 252],
    [2015, 252],
    [2016, 252],
    [2017, 251],
    [2018, 251],
    [2019, 252],
    [2020, 253],
    [2021, 252],
    [2022, 251],
    [2023, 250],
    [2024, 252],
    [2025, 250],
  ])('%i has %i sessions', (year, count) => {
    expect(yearOf(year)).toHaveLength(count)
  })

  test.each([
    [2007, '01-01 01-02 01-15 02-19 04-06 05-28 07-04 09-03 11-22 12-25', '07-03 11-23 12-24'],
    [2010, '01-01 01-18 02-15 04-02 05-31 07-05 09-06 11-25 12-24', '11-26'],
    [2012, '01-02 01-16 02-20 04-06 05-28 07-04 09-03 10-29 10-30 11-22 12-25', '07-03 11-23 12-24'],
    [2015, '01-01 01-19 02-16 04-03 05-25 07-03 09-07 11-26 12-25', '11-27 12-24'],
    [2018, '01-01 01-15 02-19 03-30 05-28 07-04 09-03 11-22 12-05 12-25', '07-03 11-23 12-24'],
    [2021, '01-01 01-18 02-15 04-02 05-31 07-05 09-06 11-25 12-24', '11-26'],
    [2022, '01-17 02-21 04-15 05-30 06-20 07-04 09-05 11-24 12-26', '11-25'],
    [2023, '01-02 01-16 02-20 04-07 05-29 06-19 07-04 09-04 11-23 12-25', '07-03 11-24'],
    [2024, '01-01 01-15 02-19 03-29 05-27 06-19 07-04 09-02 11-28 12-25', '07-03 11-29 12-24'],
    [2025, '01-01 01-09 01-20 02-17 04-18 05-26 06-19 07-04 09-01 11-27 12-25', '07-03 11-28 12-24'],
    [2026, '01-01 01-19 02-16 04-03 05-25 06-19 07-03 09-07 11-26 12-25', '11-27 12-24'],
    [2027, '01-01 01-18 02-15 03-26 05-31 06-18 07-05 09-06 11-25 12-24', '11-26'],
    [2028, '01-17 02-21 04-14 05-29 06-19 07-04 09-04 11-23 12-25', '07-03 11-24'],
  ])('%i is shut and short on the days of the notice', (year, shut, short) => {
    expect(weekdaysShut(year).join(' ')).toBe(shut)
    expect(halfDays(year).join(' ')).toBe(short)
  })
})

test('the sessions of the recorded minutes of 2018 are 29, without the two holidays', () => {
  const sessions = sessionsBetween(date('2018-02-16'), date('2018-03-30'))
  expect(sessions).toHaveLength(29)
  expect(sessions[0].date).toBe('2018-02-16')
  expect(sessions[28].date).toBe('2018-03-29')
  expect(sessions.map((s) => s.date)).not.toContain('2018-02-19')
})

describe('the open on the clock of UTC', () => {
  test('moves with daylight saving time', () => {
    const opens = ['2018-03-09', '2018-03-12', '2018-11-02', '2018-11-05'].map((day) =>
      isoFrom(sessionOn(date(day))!.opensAt).slice(11, 16),
    )
    expect(opens).toEqual(['14:30', '13:30', '13:30', '14:30'])
  })

  test('is 09:30 in New York on every session of every year', () => {
    for (const { opensAt, closesAt, isHalfDay, date: day } of sessionsBetween(date('2007-01-01'), date('2037-12-31'))) {
      const minutes = (closesAt - opensAt) / 60_000
      const utcHour = new Date(opensAt).getUTCHours()
      expect(minutes === (isHalfDay ? 210 : 390) && (utcHour === 13 || utcHour === 14) && isoFrom(opensAt).startsWith(day)).toBe(
        true,
      )
    }
  })
})

describe('asking by instant', () => {
  const open = instantFrom('2018-03-28T13:30:00Z')
  const close = instantFrom('2018-03-28T20:00:00Z')

  test('the opening instant belongs to the session, the closing one does not', () => {
    expect(sessionAtInstant(open)?.date).toBe('2018-03-28')
    expect(sessionAtInstant(epochMs(open - 1))).toBeUndefined()
    expect(sessionAtInstant(close)).toBeUndefined()
  })

  test('the next session opens strictly later, over a holiday and over the turn of a year', () => {
    expect(nextSession(epochMs(open - 1)).date).toBe('2018-03-28')
    expect(nextSession(open).date).toBe('2018-03-29')
    expect(nextSession(instantFrom('2018-03-29T20:00:00Z')).date).toBe('2018-04-02')
    expect(nextSession(instantFrom('2018-12-31T21:00:00Z')).date).toBe('2019-01-02')
  })

  test('a session has closed by its closing instant and not a moment earlier', () => {
    expect(lastSessionClosedBy(close).date).toBe('2018-03-28')
    expect(lastSessionClosedBy(epochMs(close - 1)).date).toBe('2018-03-27')
    expect(lastSessionClosedBy(instantFrom('2019-01-01T12:00:00Z')).date).toBe('2018-12-31')
  })

  test('a half day ends at 13:00 in New York', () => {
    expect(sessionAtInstant(instantFrom('2018-12-24T17:59:59Z'))?.isHalfDay).toBe(true)
    expect(sessionAtInstant(instantFrom('2018-12-24T18:00:00Z'))).toBeUndefined()
  })

  test('the date in New York is not the date in UTC late in the evening', () => {
    expect(dateInNewYork(instantFrom('2018-03-29T02:00:00Z'))).toBe('2018-03-28')
    expect(isoFrom(newYorkInstant(date('2018-01-02'), '18:00'))).toBe('2018-01-02T23:00:00.000Z')
  })

  test('each session is next before its open, current within, and last after its close', () => {
    const sessions = sessionsBetween(date('2007-06-01'), date('2037-06-01'))
    fc.assert(
      fc.property(fc.nat(sessions.length - 1), fc.nat(210 * 60_000 - 1), (index, ms) => {
        const session = sessions[index]
        const within = epochMs(session.opensAt + ms)
        expect(sessionAtInstant(within)).toBe(session)
        expect(nextSession(epochMs(session.opensAt - 1))).toBe(session)
        expect(lastSessionClosedBy(session.closesAt)).toBe(session)
        expect(dateInNewYork(within)).toBe(session.date)
      }),
    )
  })
})

describe('asking by date', () => {
  test('sessions before a day are counted back over the turn of a year and leave the day out', () => {
    expect(sessionsBefore(date('2018-01-03'), 3).map((s) => s.date)).toEqual(['2017-12-28', '2017-12-29', '2018-01-02'])
    expect(sessionsBefore(date('2018-01-03'), 600)).toHaveLength(600)
    expect(sessionsBefore(date('2018-01-03'), 0)).toEqual([])
  })

  test('a weekend, a holiday and an inverted range have no session', () => {
    expect(sessionOn(date('2018-03-31'))).toBeUndefined()
    expect(sessionOn(date('2018-03-30'))).toBeUndefined()
    expect(sessionsBetween(date('2018-03-29'), date('2018-03-28'))).toEqual([])
  })

  test('only a real date in the year-month-day form is a date', () => {
    expect(['2018-02-29', '2018-13-01', '18-01-01', '2018-1-1', '2018-01-01T00:00', 'NaN', ''].map(sessionDateFrom)).toEqual(
      Array(7).fill(undefined),
    )
    expect(sessionDateFrom('2024-02-29')).toBe('2024-02-29')
  })

  test('outside 2007 to 2037 there is no answer but a fault', () => {
    const fault = expect.objectContaining({ code: 'CALENDAR_OUT_OF_RANGE', exitCode: 2 })
    expect(() => sessionOn(date('2006-12-29'))).toThrow(fault)
    expect(() => sessionsBetween(date('2037-12-01'), date('2038-01-05'))).toThrow(fault)
    expect(() => sessionsBefore(date('2007-01-05'), 9)).toThrow(fault)
    expect(() => nextSession(instantFrom('2037-12-31T21:00:00Z'))).toThrow(fault)
    expect(() => lastSessionClosedBy(instantFrom('2007-01-02T21:00:00Z'))).toThrow(fault)
  })
})
