import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sessionOn, sessionsBetween } from './calendar.ts'
import { nextOccurrence, occurrencesBetween } from './occurrences.ts'
import { type Schedule, scheduleFrom } from './schedule.ts'
import type { SessionDate } from './sessions.ts'
import { DAY_MS, type EpochMs, epochMs, instantFrom, isoFrom, MINUTE_MS } from './units.ts'

/** The oracle: wall time as ICU tells it, which has zone data of its own, and every day of the years that the calendar knows. */
const NEW_YORK = new Intl.DateTimeFormat('en-CA', {
  ...{ timeZone: 'America/New_York', hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit' },
  ...{ hour: '2-digit', minute: '2-digit', second: '2-digit' },
})
const START = instantFrom('2007-01-01T05:00:00Z')
const END = instantFrom('2038-01-01T04:59:59.999Z')
const DATES = Array.from({ length: (Date.UTC(2038) - Date.UTC(2007)) / DAY_MS }, (_, day) =>
  new Date(Date.UTC(2007) + day * DAY_MS).toISOString().slice(0, 10),
)
const HALF_DAYS = new Set(
  sessionsBetween('2007-01-01' as SessionDate, '2037-12-31' as SessionDate)
    .filter((s) => s.isHalfDay)
    .map((s) => s.date),
)
const TRADING_DATES = DATES.filter((date) => sessionOn(date as SessionDate) !== undefined)
/** The dates on which New York's clocks change: 23 or 25 hours long. */
const CHANGES = DATES.filter(
  (date) =>
    shownAt(Date.parse(`${date}T05:00:00Z`)).slice(-8, -6) !== shownAt(Date.parse(`${date}T05:00:00Z`) + DAY_MS).slice(-8, -6),
)

/** `2018-03-28, 09:35:00` */
function shownAt(at: number): string {
  return NEW_YORK.format(at)
}

/** The first instant at which New York's clocks show `time` on `date`, or, where they skip it, one hour on. */
function instantOf(date: string, time: string): number {
  const utc = Date.parse(`${date}T${time}:00Z`)
  const shown = [4, 5].map((hours) => utc + hours * 3_600_000).find((at) => shownAt(at) === `${date}, ${time}:00`)
  return shown ?? utc + 5 * 3_600_000
}

function named(phrase: string): Schedule {
  const read = scheduleFrom(phrase)
  if (!read.ok) throw new Error(read.why.sentence)
  return read.value
}

function all(phrase: string): EpochMs[] {
  return occurrencesBetween(named(phrase), START, END)
}

function between(phrase: string, from: string, through: string): string[] {
  return occurrencesBetween(named(phrase), instantFrom(from), instantFrom(through)).map(isoFrom)
}

function closeOf(date: string): string {
  return HALF_DAYS.has(date as SessionDate) ? '13:00' : '16:00'
}

describe('over every change of the clocks from 2007 to 2037', () => {
  test('there are two a year', () => {
    expect(CHANGES).toHaveLength(62)
  })

  test.each<[string, (date: string) => number[]]>([
    ['06:00 on trading days', (date) => [instantOf(date, '06:00')]],
    ['at each open', (date) => [instantOf(date, '09:30')]],
    ['at each close', (date) => [instantOf(date, closeOf(date))]],
    ['5 minutes before each open', (date) => [instantOf(date, '09:25')]],
    ['10 minutes before each close', (date) => [instantOf(date, closeOf(date)) - 10 * MINUTE_MS]],
    ['10 minutes after each close', (date) => [instantOf(date, closeOf(date)) + 10 * MINUTE_MS]],
    [
      'hourly from 09:00 through 15:00 on trading days',
      (date) => [9, 10, 11, 12, 13, 14, 15].map((hour) => instantOf(date, `${String(hour).padStart(2, '0')}:00`)),
    ],
    [
      'every 30 minutes in session',
      (date) => {
        const [open, close] = [instantOf(date, '09:30'), instantOf(date, closeOf(date))]
        return Array.from({ length: (close - open) / (30 * MINUTE_MS) }, (_, i) => open + (i + 1) * 30 * MINUTE_MS)
      },
    ],
  ])('%s: at the right wall time of each session, and at no other', (phrase, expected) => {
    expect(all(phrase)).toEqual(TRADING_DATES.flatMap(expected))
  })

  test.each(['00:00', '01:30', '02:00', '02:30', '03:00', '20:00'])('%s daily: once on every date', (time) => {
    expect(all(`${time} daily`)).toEqual(DATES.map((date) => instantOf(date, time)).filter((at) => at > START))
  })

  test('what the clocks skip happens later by as much, and what they show twice happens the first time', () => {
    expect(between('02:30 daily', '2018-03-11T00:00:00Z', '2018-03-12T00:00:00Z')).toEqual(['2018-03-11T07:30:00.000Z'])
    expect(between('01:30 daily', '2018-11-04T00:00:00Z', '2018-11-05T00:00:00Z')).toEqual(['2018-11-04T05:30:00.000Z'])
  })
})

describe('half days', () => {
  test('end what is told from the close and what happens in session, and no wall time', () => {
    const day = ['2018-11-23T00:00:00Z', '2018-11-24T00:00:00Z'] as const
    expect(between('10 minutes before each close', ...day)).toEqual(['2018-11-23T17:50:00.000Z'])
    expect(between('every 5 minutes in session', ...day)).toHaveLength(42)
    expect(between('every 211 minutes in session', ...day)).toEqual([])
    expect(between('hourly from 09:00 through 15:00 on trading days', ...day)).toHaveLength(7)
  })

  test('nothing of the session happens on holidays and weekends', () => {
    const phrases = ['06:00 on trading days', 'at each open', 'every 5 minutes in session', '10 minutes before each close']
    for (const phrase of phrases) expect(between(phrase, '2018-11-22T05:00:00Z', '2018-11-23T05:00:00Z')).toEqual([])
    for (const phrase of phrases) expect(between(phrase, '2018-11-24T05:00:00Z', '2018-11-26T05:00:00Z')).toEqual([])
  })
})

describe('ranges', () => {
  const phrases = ['02:30 daily', '720 minutes before each open', '720 minutes after each close', 'every 7 minutes in session']
  const instant = fc.integer({ min: START, max: END }).map(epochMs)

  test('fit together: what lies in two that meet is what lies in both as one', () => {
    const property = fc.property(
      fc.constantFrom(...phrases).map(named),
      instant,
      fc.array(fc.integer({ min: 0, max: 3 * DAY_MS }), { maxLength: 8 }),
      (schedule, start, lengths) => {
        let at: EpochMs = start
        const pieces = lengths.flatMap((length) => {
          const from = at
          at = epochMs(at + length)
          return occurrencesBetween(schedule, from, at)
        })
        expect(pieces).toEqual(occurrencesBetween(schedule, start, at))
      },
    )
    fc.assert(property)
  })

  test('begin after their first instant and end with their last', () => {
    const [at = START] = all('at each open')
    expect(occurrencesBetween(named('at each open'), at, at)).toEqual([])
    expect(occurrencesBetween(named('at each open'), epochMs(at - 1), at)).toEqual([at])
    expect(occurrencesBetween(named('at each open'), at, epochMs(at - 1))).toEqual([])
  })

  test('have as next what comes first in them', () => {
    const property = fc.property(fc.constantFrom(...phrases).map(named), instant, (schedule, at) => {
      expect(nextOccurrence(schedule, at)).toBe(occurrencesBetween(schedule, at, epochMs(at + 10 * DAY_MS))[0])
    })
    fc.assert(property)
  })

  test('have nothing outside of the calendar, and no next at its end', () => {
    const ever = [epochMs(0), instantFrom('2100-01-01T00:00:00Z')] as const
    expect(occurrencesBetween(named('at each open'), ...ever)).toHaveLength(TRADING_DATES.length)
    expect(nextOccurrence(named('at each open'), epochMs(0))).toBe(instantFrom('2007-01-03T14:30:00Z'))
    expect(nextOccurrence(named('02:30 daily'), epochMs(0))).toBe(instantFrom('2007-01-01T07:30:00Z'))
    expect(nextOccurrence(named('at each close'), instantFrom('2037-12-31T20:59:59Z'))).toBe(instantFrom('2037-12-31T21:00:00Z'))
    expect(nextOccurrence(named('at each close'), instantFrom('2037-12-31T21:00:00Z'))).toBeUndefined()
  })
})
