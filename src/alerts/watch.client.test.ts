import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Database } from '#database/connection.client.ts'
import { newYorkInstant } from '#domain/calendar.ts'
import type { SessionDate } from '#domain/sessions.ts'
import { type EpochMs, MINUTE_MS } from '#domain/units.ts'
import { noteAnswer, noteUnavailable } from '#market/source-states.store.ts'
import { virtualTimer } from '#sources/alpaca/virtual-timer.client.ts'
import { freshDatabase } from '../../test/database.ts'
import { raiseAlert } from './alerts.store.ts'
import { flowOfMissed, missedRun } from './missed-run.ts'
import { lookOnce, openWatch, type WatchOptions } from './watch.client.ts'

const at = (date: string, time: string) => newYorkInstant(`2026-11-${date}` as SessionDate, time)
const HOUR_MS = 60 * MINUTE_MS

let database: Database
beforeAll(async () => {
  database = await freshDatabase()
})
afterAll(() => database.close())
beforeEach(() => database.pool.query('truncate spreadworks.alerts, spreadworks.bars, spreadworks.source_states cascade'))

const watching = (now: EpochMs, more: Partial<WatchOptions> = {}): WatchOptions => ({
  ...{ sql: database.pool, timer: virtualTimer(now), host: 'desk', freeMb: async () => 9999 },
  expected: async () => ({ collectedFeed: 'iex', startOfDay: true, dailyBars: true }),
  runs: { isReady: async () => true, lastSuccess: async () => undefined, unserved: async () => [] },
  rules: {
    ...{ readyBy: '09:15', lateBarsMs: 10 * MINUTE_MS, dailyBarsBy: '20:00', sourceMs: HOUR_MS, modelSessions: 5 },
    ...{ lowDiskMb: 2048, queueMs: 5 * MINUTE_MS, repeatAfterMs: HOUR_MS },
  },
  onTrouble: (sentence) => expect(sentence).toBe(''),
  ...more,
})
const look = (now: EpochMs, more: Partial<WatchOptions> = {}) => lookOnce(watching(now, more))

async function alerts(): Promise<string[]> {
  const { rows } = await database.pool.query<{ key: string; times: number; is_over: boolean }>(
    'select key, times, resolved_at is not null as is_over from spreadworks.alerts order by at, key',
  )
  return rows.map(({ key, times, is_over }) => `${key} ${times}${is_over ? ' over' : ''}`)
}

async function storeBar(timeframe: string, openedAt: EpochMs): Promise<void> {
  await database.pool.query(`create table if not exists spreadworks.bars_any partition of spreadworks.bars default`)
  await database.pool.query(
    `insert into spreadworks.bars (symbol, timeframe, opened_at, feed, open, high, low, close, volume)
     values ('XOM', $1, $2, 'iex', 1, 1, 1, 1, 1)`,
    [timeframe, new Date(openedAt)],
  )
}

test('where nothing is expected nothing is missed, for a week', async () => {
  const nothing = { expected: async () => ({ collectedFeed: undefined, startOfDay: false, dailyBars: false }) }
  for (let hour = 0; hour < 7 * 24; hour += 5) await look((at('23', '00:00') + hour * HOUR_MS) as EpochMs, nothing)
  expect(await alerts()).toEqual([])
})

test('what is missing is one alert for as long as it is missing, and is over by itself', async () => {
  const quiet = { expected: async () => ({ collectedFeed: 'iex', startOfDay: false, dailyBars: true }) }
  await storeBar('1d', at('20', '09:30'))
  await look(at('23', '09:35'), quiet)
  for (const time of ['09:45', '09:46', '10:00']) await look(at('23', time), quiet)
  expect(await alerts()).toEqual(['no-bars:iex:2026-11-23 1'])
  await look(at('23', '10:45'), quiet)
  expect(await alerts()).toEqual(['no-bars:iex:2026-11-23 2'])
  await storeBar('1m', at('23', '10:44'))
  await look(at('23', '10:46'), quiet)
  expect(await alerts()).toEqual(['no-bars:iex:2026-11-23 2 over'])
  await look(at('23', '20:00'), quiet)
  await look(at('24', '09:31'), quiet)
  await storeBar('1d', at('23', '09:30'))
  await look(at('24', '09:32'), quiet)
  expect(await alerts()).toEqual(['no-bars:iex:2026-11-23 2 over', 'no-daily-bars:2026-11-23 2 over'])
})

test('two processes that watch make one alert', async () => {
  const late = { runs: { isReady: async () => false, lastSuccess: async () => undefined, unserved: async () => [] } }
  await Promise.all([1, 2, 3].map(() => look(at('23', '09:15'), late)))
  expect(await alerts()).toEqual(['not-ready:2026-11-23 1'])
})

test('one machine’s disk says nothing of another’s', async () => {
  await look(at('28', '12:00'), { freeMb: async () => 1 })
  await look(at('28', '12:01'), { host: 'desktop' })
  expect(await alerts()).toEqual(['disk:desk: 1'])
  await look(at('28', '12:02'))
  expect(await alerts()).toEqual(['disk:desk: 1 over'])
})

test('a source is away from its first refusal on, not from its last answer, and only when it ever answered', async () => {
  const nothing = { expected: async () => ({ collectedFeed: undefined, startOfDay: false, dailyBars: false }) }
  const { pool } = database
  const refuse = (source: string, now: EpochMs) => noteUnavailable(pool, source, { at: now, until: now, cause: 'No route.' })
  await noteAnswer(pool, 'yahoo', at('20', '18:00'))
  await refuse('newsapi', at('20', '18:00'))
  await refuse('yahoo', at('23', '18:00'))
  await look(at('23', '18:30'), nothing)
  expect(await alerts()).toEqual([])
  await refuse('yahoo', at('23', '19:00'))
  await look(at('23', '19:01'), nothing)
  expect(await alerts()).toEqual(['source:yahoo 1'])
  await noteAnswer(pool, 'yahoo', at('23', '19:30'))
  await look(at('23', '19:31'), nothing)
  expect(await alerts()).toEqual(['source:yahoo 1 over'])
})

test('runs missed are one alert a flow and day, over when a later run has ended well', async () => {
  const missed = [
    ...[at('20', '18:00'), at('23', '18:00')].map((scheduledFor) =>
      missedRun({ flow: 'end-of-day', scheduledFor, willRun: true }),
    ),
    ...[at('23', '09:35'), at('23', '09:40')].map((scheduledFor) => missedRun({ flow: 'signals', scheduledFor, willRun: false })),
  ]
  for (const alert of [...missed, ...missed]) await raiseAlert(database.pool, alert)
  expect(await alerts()).toEqual([
    'missed:end-of-day:2026-11-20 1',
    'missed:signals:2026-11-23 2',
    'missed:end-of-day:2026-11-23 1',
  ])
  const succeeded = async (flow: string) => (flow === 'end-of-day' ? at('23', '10:00') : undefined)
  await look(at('24', '03:00'), { runs: { isReady: async () => true, lastSuccess: succeeded, unserved: async () => [] } })
  expect((await alerts()).filter((alert) => alert.startsWith('missed:'))).toEqual([
    'missed:end-of-day:2026-11-20 1 over',
    'missed:signals:2026-11-23 2',
    'missed:end-of-day:2026-11-23 1',
  ])
  expect(missed.map(({ key }) => flowOfMissed(key))).toEqual(['end-of-day', 'end-of-day', 'signals', 'signals'])
})

test('what is missed after the run that ended an alert is told anew, however late that end was noticed', async () => {
  const missed = (time: string) =>
    raiseAlert(database.pool, missedRun({ flow: 'signals', scheduledFor: at('23', time), willRun: false }))
  const succeededFor = (time: string) => ({
    runs: { isReady: async () => true, lastSuccess: async () => at('23', time), unserved: async () => [] },
  })
  const told = async () => (await alerts()).filter((alert) => alert.startsWith('missed:'))
  await missed('09:35')
  await missed('09:40')
  await look(at('23', '11:00'), succeededFor('09:30'))
  expect(await told()).toEqual(['missed:signals:2026-11-23 2'])
  await look(at('23', '11:00'), succeededFor('09:45'))
  await missed('09:50')
  expect(await told()).toEqual(['missed:signals:2026-11-23 2 over', 'missed:signals:2026-11-23 1'])
})

test('the watch looks again and again until it is closed, and says once that it cannot', async () => {
  const timer = virtualTimer(at('28', '12:00'))
  const troubles: string[] = []
  let looks = 0
  const freeMb = async () => {
    looks++
    if (looks < 4) throw new Error('the disk is gone')
    return 1
  }
  const { close } = openWatch(watching(timer.now(), { timer, freeMb, onTrouble: (sentence) => troubles.push(sentence) }))
  for (; (await alerts()).length === 0; ) await timer.advance(30_000)
  await close()
  expect(troubles).toEqual(['Nobody watches for what does not happen: the disk is gone'])
})
