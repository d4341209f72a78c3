import { describe, expect, test } from 'vitest'
import { newYorkInstant, sessionsBetween } from '#domain/calendar.ts'
import type { SessionDate } from '#domain/sessions.ts'
import { epochMs, isoFrom } from '#domain/units.ts'
import { auctionMissed, hoursOfOrder, momentOf } from './hours.ts'

/** A whole day, a half day, a holiday and a whole day. */
const SESSIONS = sessionsBetween('2018-07-02' as SessionDate, '2018-07-05' as SessionDate)
const at = (day: number, time: string) => newYorkInstant(`2018-07-0${day}` as SessionDate, time)
type Life = Parameters<typeof hoursOfOrder>[2]
const hours = (from: number, timeInForce: Life['timeInForce'], isExtendedHours = false) => {
  const { worksFrom, expiresAt } = hoursOfOrder(SESSIONS, epochMs(from), { timeInForce, isExtendedHours })
  return [isoFrom(worksFrom), expiresAt && isoFrom(expiresAt)]
}

describe('the hours of an order', () => {
  test('of a day order are the session, or the next one, half days and holidays as they are', () => {
    expect(hours(at(3, '10:00'), 'day')).toEqual(['2018-07-03T14:00:00.000Z', '2018-07-03T17:00:00.000Z'])
    expect(hours(at(3, '13:00'), 'day')).toEqual(['2018-07-05T13:30:00.000Z', '2018-07-05T20:00:00.000Z'])
  })

  test('of an auction order are its auction: a closing order after the last call waits for the next day', () => {
    expect(hours(at(2, '20:00'), 'opg')).toEqual(['2018-07-03T13:30:00.000Z', '2018-07-03T13:31:00.000Z'])
    expect(hours(at(3, '12:49'), 'cls')).toEqual(['2018-07-03T16:49:00.000Z', '2018-07-03T17:00:00.000Z'])
    expect(hours(at(3, '19:00'), 'cls')).toEqual(['2018-07-05T13:30:00.000Z', '2018-07-05T20:00:00.000Z'])
  })

  test('with extended hours begin at four and end at eight, or five on a half day', () => {
    expect(hours(at(3, '03:00'), 'day', true)).toEqual(['2018-07-03T08:00:00.000Z', '2018-07-03T21:00:00.000Z'])
    expect(hours(at(2, '18:00'), 'day', true)).toEqual(['2018-07-02T22:00:00.000Z', '2018-07-03T00:00:00.000Z'])
  })

  test('of a lasting order are ninety days', () => {
    expect(hours(at(2, '10:00'), 'gtc')[1]).toBe('2018-09-30T20:15:00.000Z')
  })
})

test('opening orders come before 9:28, closing orders ten minutes before the close, both again from 19:00', () => {
  const isMissed = (day: number, time: string, timeInForce: string) =>
    auctionMissed(SESSIONS, at(day, time), timeInForce) !== undefined
  expect(['09:27', '09:28', '18:59', '19:00'].map((time) => isMissed(2, time, 'opg'))).toEqual([false, true, true, false])
  expect(['15:49', '15:50', '18:59', '19:00'].map((time) => isMissed(2, time, 'cls'))).toEqual([false, true, true, false])
  expect(['12:49', '12:50'].map((time) => isMissed(3, time, 'cls'))).toEqual([false, true])
  expect(isMissed(2, '12:00', 'day')).toBe(false)
})

test('a minute opens the day, closes it, lies between, or outside', () => {
  const moments = ['09:29', '09:30', '09:31', '12:59', '13:00'].map((time) => momentOf(SESSIONS, at(3, time)))
  expect(moments).toEqual(['extended', 'opening', 'regular', 'closing', 'extended'])
})
