import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dateInNewYork, newYorkInstant, sessionOn } from '#domain/calendar.ts'
import type { SessionDate } from '#domain/sessions.ts'
import { epochMs, instantFrom, MINUTE_MS } from '#domain/units.ts'
import { familiesOn, findings, type WatchFacts, type WatchRules } from './findings.ts'

const RULES: WatchRules = {
  ...{ readyBy: '09:15', lateBarsMs: 10 * MINUTE_MS, dailyBarsBy: '20:00', sourceMs: 60 * MINUTE_MS },
  ...{ modelSessions: 5, lowDiskMb: 2048 },
}
const day = (text: string) => text as SessionDate
/** Thursday the 26th is Thanksgiving, Friday the 27th a half day. */
const at = (text: string) => newYorkInstant(day(`2026-11-${text.slice(0, 2)}`), text.slice(3))
const nothingExpected = (now: number): WatchFacts => ({
  ...{ now: epochMs(now), host: 'desk', collected: undefined, dailyBars: undefined, startOfDay: undefined },
  ...{ sources: [], unserved: [], freeMb: undefined },
})
const keysAt = (text: string, facts: Partial<WatchFacts>) =>
  findings({ ...nothingExpected(at(text)), ...facts }, RULES).map(({ key }) => key)

describe('the start of day', () => {
  const notReady = { startOfDay: { isReady: false, newestModel: day('2026-11-20') } }

  test('is missed from 09:15 until the close, on trading days', () => {
    expect(keysAt('23 09:14', notReady)).toEqual([])
    expect(keysAt('23 09:15', notReady)).toEqual(['not-ready:2026-11-23'])
    expect(keysAt('23 16:00', notReady)).toEqual([])
    expect(keysAt('26 11:00', notReady)).toEqual([])
    expect(keysAt('27 12:59', notReady)).toEqual(['not-ready:2026-11-27'])
    expect(keysAt('27 13:00', notReady)).toEqual([])
    expect(keysAt('28 11:00', notReady)).toEqual([])
  })

  test('that promoted nothing is said once, not twice', () => {
    const promoted = (newestModel: string | undefined) => ({
      startOfDay: { isReady: true, newestModel: newestModel === undefined ? undefined : day(newestModel) },
    })
    expect(keysAt('23 10:00', promoted('2026-11-20'))).toEqual(['no-models:2026-11-23'])
    expect(keysAt('23 10:00', promoted(undefined))).toEqual(['no-models:2026-11-23'])
    expect(keysAt('23 10:00', promoted('2026-11-23'))).toEqual([])
  })

  test('leaves models that are older than so many sessions, counted by the calendar', () => {
    const models = (newestModel: string) => ({ startOfDay: { isReady: false, newestModel: day(newestModel) } })
    expect(keysAt('23 08:00', models('2026-11-13'))).toEqual([])
    expect(keysAt('23 17:00', models('2026-11-13'))).toEqual(['stale-models:2026-11-13'])
    expect(keysAt('23 17:00', models('2026-11-16'))).toEqual([])
    expect(findings({ ...nothingExpected(at('28 12:00')), ...models('2026-11-13') }, RULES)).toMatchObject([{ mayBegin: false }])
  })
})

describe('bars', () => {
  const collected = (newest: string | undefined) => ({
    collected: { feed: 'iex', newestAt: newest === undefined ? undefined : at(newest) },
  })

  test('of the collected feed are late ten minutes after the open or the newest of them, in session', () => {
    expect(keysAt('23 09:00', collected(undefined))).toEqual([])
    expect(keysAt('23 09:40', collected(undefined))).toEqual([])
    expect(keysAt('23 09:41', collected(undefined))).toEqual(['no-bars:iex:2026-11-23'])
    expect(keysAt('23 11:00', collected('23 10:49'))).toEqual([])
    expect(keysAt('23 11:01', collected('23 10:49'))).toEqual(['no-bars:iex:2026-11-23'])
    expect(keysAt('23 16:30', collected('23 10:49'))).toEqual([])
    expect(keysAt('26 11:00', collected(undefined))).toEqual([])
  })

  test('of a day are missing from 20:00 on, as one alert until there are later ones', () => {
    const daily = (newest: string | undefined) => ({ dailyBars: { newest: newest === undefined ? undefined : day(newest) } })
    expect(keysAt('23 21:00', daily(undefined))).toEqual([])
    expect(keysAt('23 19:59', daily('2026-11-20'))).toEqual([])
    expect(keysAt('23 20:00', daily('2026-11-20'))).toEqual(['no-daily-bars:2026-11-23'])
    expect(keysAt('24 20:00', daily('2026-11-20'))).toEqual(['no-daily-bars:2026-11-23'])
    expect(keysAt('26 21:00', daily('2026-11-25'))).toEqual([])
    expect(keysAt('28 21:00', daily('2026-11-27'))).toEqual([])
    expect(findings({ ...nothingExpected(at('28 21:00')), ...daily('2026-11-25') }, RULES)).toMatchObject([
      { key: 'no-daily-bars:2026-11-27', mayBegin: false },
    ])
  })
})

test('a source that is away for more than an hour is found, and begins an alert on trading days only', () => {
  const away = (since: string) => ({ sources: [{ source: 'yahoo', since: at(since), cause: 'No route.' }] })
  expect(keysAt('23 11:00', away('23 10:00'))).toEqual([])
  const mayBegin = (now: string) =>
    findings({ ...nothingExpected(at(now)), ...away('23 10:00') }, RULES).map((one) => one.mayBegin)
  expect([mayBegin('23 11:01'), mayBegin('26 11:00')]).toEqual([[true], [false]])
})

test('a queue without a worker and a full disk are found on any day', () => {
  const facts = { unserved: [{ queue: 'train', since: at('28 10:00') }], freeMb: 2047 }
  expect(keysAt('28 12:05', facts)).toEqual(['no-worker:train', 'disk:desk:'])
  expect(keysAt('28 12:05', { freeMb: 2048 })).toEqual([])
})

test('on no day without trading does anything of the market’s begin to be missed, and every key is one that can be ended', () => {
  const minutes = fc.integer({ min: 0, max: 20 * 366 * 24 * 60 })
  const anyDay = fc.option(minutes, { nil: undefined })
  const origin = instantFrom('2007-06-01T00:00:00Z')
  const dateOf = (minute: number | undefined) =>
    minute === undefined ? undefined : dateInNewYork(epochMs(origin + minute * MINUTE_MS))
  fc.assert(
    fc.property(minutes, anyDay, fc.boolean(), (minute, earlier, isReady) => {
      const now = epochMs(origin + minute * MINUTE_MS)
      const newest = dateOf(earlier === undefined ? undefined : Math.max(0, minute - (earlier % 20_000)))
      const found = findings(
        {
          ...nothingExpected(now),
          collected: { feed: 'iex', newestAt: undefined },
          dailyBars: { newest },
          startOfDay: { isReady, newestModel: newest },
          sources: [{ source: 'yahoo', since: epochMs(now - 1e9), cause: 'No route.' }],
        },
        RULES,
      )
      if (sessionOn(dateInNewYork(now)) === undefined) expect(found.filter(({ mayBegin }) => mayBegin)).toEqual([])
      for (const { key } of found) expect(familiesOn('desk').some((family) => key.startsWith(family))).toBe(true)
      expect(new Set(found.map(({ key }) => key)).size).toBe(found.length)
    }),
    { numRuns: 500 },
  )
})
