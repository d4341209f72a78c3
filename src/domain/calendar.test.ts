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
import { type SessionDate, ticksOf } from './sessions.ts'
import { epochMs, instantFrom, isoFrom } from './units.ts'

const date = (text: string): SessionDate => {
  const known = sessionDateFrom(text)
  if (!known) throw new Error(`no date: ${text}`)
  return known
}

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

test('no instant at which signals are made lies on a closed day or after the close, which is 13:00 on a half day', () => {
  for (const session of sessionsBetween(date('2007-01-01'), date('2037-12-31'))) {
    const ticks = ticksOf(session, 5)
    const isWithin = ticks.every((at) => session.opensAt < at && at <= session.closesAt)
    expect([isWithin, ticks.length, ticks.at(-1)]).toEqual([true, session.isHalfDay ? 42 : 78, session.closesAt])
  }
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
