import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '#database/connection.client.ts'
import { tableOfRows } from '#domain/bar-table.ts'
import { newYorkInstant, nextSession, sessionAtInstant, sessionOn } from '#domain/calendar.ts'
import { ok } from '#domain/outcome.ts'
import type { SessionDate } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { epochMs, MINUTE_MS } from '#domain/units.ts'
import { alignOnClock } from '#features/align.ts'
import { lookbackOf } from '#flows/day-bars.steps.ts'
import type { DayParameters } from '#flows/rehearsal.ts'
import { barsBetween } from '#market/bars.store.ts'
import { collectSession } from '#market/collect-session.steps.ts'
import { expectedBars } from '#market/coverage.ts'
import { symbolLedgers } from '#market/ledger-views.store.ts'
import { type HistorySource, loadBars, minutesQuestion } from '#market/load-bars.steps.ts'
import { closedUntil, nextMinuteEnd } from '#market/stream-watch.ts'
import { virtualTimer } from '#sources/alpaca/virtual-timer.client.ts'
import { freshDatabase } from '../database.ts'

const KO = 'KO' as Symbol_
const date = (text: string) => text as SessionDate
const at = (day: string, time: string) => newYorkInstant(date(day), time)

/** Days on which the exchange stayed shut, standing and special ones, and weekends; from its own notices. */
const SHUT = [
  ...['2007-01-02', '2012-10-29', '2012-10-30', '2018-12-05', '2025-01-09', '2016-12-26', '2017-01-02', '2018-01-15'],
  ...['2018-02-19', '2018-03-30', '2018-05-28', '2018-07-04', '2018-09-03', '2018-11-22', '2018-12-25', '2020-04-10'],
  ...['2021-07-05', '2021-12-24', '2022-06-20', '2022-12-26', '2023-01-02', '2024-06-19', '2026-07-03', '2027-12-24'],
  ...['2018-03-31', '2018-04-01', '2022-01-01', '2027-06-19'],
]
const HALF = ['2016-11-25', '2017-07-03', '2018-07-03', '2018-11-23', '2018-12-24', '2019-12-24', '2024-07-03', '2025-12-24']

const lookback = (day: string, lookbackSessions: number) =>
  lookbackOf({ day: date(day), feed: 'iex', rules: { pairs: { lookbackSessions } } } as DayParameters)
const wallTime = (instant: number) => {
  const there = Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO('America/New_York')
  return { day: there.toPlainDate().toString(), weekday: there.dayOfWeek, time: there.toPlainTime().toString().slice(0, 5) }
}

describe('the calendar of what is expected', () => {
  test('has no minute of a closed day: the collector waits for the next session, and no minute of that is due', () => {
    const second = fc.nat(86_399)
    fc.assert(
      fc.property(fc.constantFrom(...SHUT), second, (day, seconds) => {
        const instant = epochMs(at(day, '00:00') + seconds * 1000)
        expect(sessionAtInstant(instant)).toBeUndefined()
        const next = nextSession(instant)
        expect(next.date > day).toBe(true)
        expect(closedUntil(next, instant)).toBe(next.opensAt)
        expect(nextMinuteEnd(next, instant)).toBe(next.opensAt + MINUTE_MS)
      }),
    )
  })

  test('ends at 13:00 on half days, for the ledger and for the collector', () => {
    for (const day of HALF) {
      const session = sessionOn(date(day))
      if (session === undefined) throw new Error(day)
      expect(expectedBars(session, '1m')).toBe(210)
      expect(closedUntil(session, at(day, '15:30'))).toBe(at(day, '13:00'))
      expect(nextMinuteEnd(session, at(day, '13:01'))).toBeUndefined()
    }
  })

  test('lets models learn from no minute of a closed day, nor from one after 13:00 on a half day, whatever day they are made for', () => {
    const from = Temporal.PlainDate.from('2007-06-01')
    const days = fc.nat(30 * 365).map((after) => from.add({ days: after }).toString())
    fc.assert(
      fc.property(
        fc.oneof(days, fc.constantFrom(...SHUT.slice(1), ...HALF)),
        fc.integer({ min: 1, max: 15 }),
        (day, sessions) => {
          const { clock } = lookback(day, sessions)
          const told = Array.from(
            clock.filter((_, i) => i % 30 === 0 || i % 210 === 209),
            wallTime,
          )
          expect(told.filter((one) => SHUT.includes(one.day) || one.weekday > 5 || one.day >= day)).toEqual([])
          expect(told.filter(({ time }) => time < '09:30' || time > '15:59')).toEqual([])
          expect(told.filter((one) => HALF.includes(one.day) && one.time > '12:59')).toEqual([])
        },
      ),
      { numRuns: 200 },
    )
  })
})

describe('bars that a source tells of a closed day', () => {
  let database: Database
  beforeAll(async () => {
    database = await freshDatabase()
  })
  afterAll(() => database.close())
  const WRONG = 9999
  // Good Friday, a Saturday, and the afternoons of the half day before the Fourth of July and of that day itself.
  const closed = [at('2018-03-30', '11:00'), at('2018-03-31', '11:00'), at('2018-07-03', '13:00'), at('2018-07-04', '10:00')]
  const open = [at('2018-03-29', '15:59'), at('2018-04-02', '09:30'), at('2018-07-03', '12:59'), at('2018-07-05', '09:30')]

  test('stay out of the ledger and out of what models learn from', async () => {
    const row = (openedAt: number, price: number) => ({
      ...{ symbol: KO, openedAt, open: price, high: price, low: price, close: price, volumeShares: 1, vwap: price, trades: 1 },
    })
    const rows = [...closed.map((instant) => row(instant, WRONG)), ...open.map((instant) => row(instant, 50))]
    const source: HistorySource = { feed: 'iex', page: async () => ok({ table: tableOfRows(rows), next: undefined }) }
    const question = minutesQuestion([KO], at('2018-03-29', '09:30'), at('2018-07-05', '16:00'))
    const dependencies = { pool: database.pool, source, timer: virtualTimer(at('2018-07-06', '00:00')) }
    const loaded = await loadBars(dependencies, { question, caller: 'test', purpose: 'history' })
    expect(loaded).toEqual(ok({ new: rows.length, revised: 0 }))

    const range = { feed: 'iex', from: date('2018-03-01'), through: date('2018-07-31'), symbols: [KO] }
    const ledgers = await symbolLedgers(database.pool, range)
    expect(ledgers.filter(({ present }) => present > 0).map(({ day }) => day)).toEqual(
      ['2018-03-29', '2018-04-02', '2018-07-03', '2018-07-05'].map(date),
    )
    expect(ledgers.filter(({ day }) => SHUT.includes(day))).toEqual([])
    expect(ledgers.find(({ day }) => day === '2018-07-03')).toMatchObject({ due: 210, present: 1, noTrade: 209, missing: 0 })

    for (const day of ['2018-04-03', '2018-07-06']) {
      const { range: learnt, clock } = lookback(day, 2)
      const bars = (await barsBetween(database.pool, [KO], learnt)).get(KO)
      if (bars === undefined) throw new Error('no bars')
      expect(bars.close).toContain(WRONG)
      const closes = alignOnClock(bars, clock, { carryBars: 5 })
      expect(closes).toContain(50)
      expect(closes).not.toContain(WRONG)
    }
  })

  test('are not waited for: who begins to collect on Good Friday asks and misses nothing until Monday', async () => {
    const session = nextSession(at('2018-03-30', '10:00'))
    expect(session.date).toBe('2018-04-02')
    const timer = virtualTimer(at('2018-03-30', '10:00'))
    const asked: string[] = []
    const source: HistorySource = {
      feed: 'sip',
      page: async () => {
        asked.push(wallTime(timer.now()).day)
        return ok({ table: tableOfRows([]), next: undefined })
      },
    }
    const alerts: string[] = []
    const ending = new AbortController()
    const collected = collectSession(
      {
        ...{ pool: database.pool, source, timer, onRejected: () => undefined, onStatuses: () => undefined },
        onAlert: ({ title }) => alerts.push(title),
        openStream: (_, onNews) => {
          onNews({ kind: 'up' })
          return { hold: () => undefined, release: () => undefined, renew: () => undefined, close: async () => undefined }
        },
      },
      { session, symbols: [KO] },
      ending.signal,
    )
    const opening = passedUntil(timer, session.opensAt)
    await timer.through(opening)
    expect([asked, alerts]).toEqual([[], []])
    const ledger = () => symbolLedgers(database.pool, { feed: 'sip', from: session.date, through: session.date, symbols: [KO] })
    expect(await ledger()).toMatchObject([{ due: 0, missing: 0 }])
    ending.abort()
    expect(await collected).toMatchObject({ gaps: 0, repaired: 0, symbolsMissing: 0 })
    expect(
      await symbolLedgers(database.pool, { feed: 'sip', from: date('2018-03-30'), through: date('2018-04-01'), symbols: [KO] }),
    ).toEqual([])
  })
})

function passedUntil(timer: ReturnType<typeof virtualTimer>, until: number): Promise<void> {
  return new Promise((resolve) => timer.after(until - timer.now(), resolve))
}
