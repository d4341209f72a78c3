import { marketData } from '@alpacahq/alpaca-trade-api'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '#database/connection.client.ts'
import { newYorkInstant, sessionsBetween } from '#domain/calendar.ts'
import type { SessionDate } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { epochMs } from '#domain/units.ts'
import { checkCloses } from '#market/check-closes.store.ts'
import { loadBars } from '#market/load-bars.steps.ts'
import { quarantineEntries } from '#market/quarantine.store.ts'
import { historyOver } from '#sources/alpaca/bar-history.client.ts'
import { createRateGovernor } from '#sources/alpaca/rate-governor.ts'
import { virtualTimer } from '#sources/alpaca/virtual-timer.client.ts'
import { ScriptedFault } from '../../standins/exchange/faults.ts'
import { randomWalkTape } from '../../standins/exchange/random-walk.ts'
import { freshDatabase } from '../database.ts'
import { ask, exchanges, KEYS } from '../exchange.ts'

let database: Database
beforeAll(async () => {
  database = await freshDatabase()
})
afterAll(() => database.close())
const { open, closeAll } = exchanges()
afterEach(closeAll)

const SESSIONS = sessionsBetween('2018-03-05' as SessionDate, '2018-03-23' as SessionDate)
const [KO, PEP, SPY, XOM] = ['KO', 'PEP', 'SPY', 'XOM'] as Symbol_[]
const symbols = [KO, PEP, SPY, XOM]
const [first, last] = [SESSIONS[0], SESSIONS[SESSIONS.length - 1]]
const NOW = epochMs(last.closesAt + 3_600_000)
const midnight = (i: number) => newYorkInstant(SESSIONS[i].date, '00:00')

/** Loads the daily bars that an exchange shows of the same market with `faults`, as those of `feed`. */
async function load(feed: string, faults: readonly object[]) {
  const exchange = await open({
    ...{ tape: randomWalkTape(9, symbols, SESSIONS), sessions: SESSIONS, startAt: last.closesAt },
    faults: faults.map((one) => ScriptedFault.parse(one)),
  })
  const timer = virtualTimer(NOW)
  const configuration = new marketData.Configuration({ ...KEYS, basePath: exchange.url, timeoutMs: 5000 })
  const history = historyOver(configuration, 'iex', { governor: createRateGovernor(timer, undefined), timer, random: () => 0.5 })
  const range = { symbols, timeframe: '1d', from: first.opensAt, until: last.closesAt, adjustment: 'raw' } as const
  const source = { ...history, feed }
  const loaded = await timer.through(
    loadBars({ pool: database.pool, source, timer }, { question: range, caller: 'test', purpose: 'history' }),
  )
  expect(loaded).toMatchObject({ ok: true })
  return { waitedMs: timer.now() - NOW, faults: (await ask(exchange, '/sandbox/faults')).body as { strikes: number }[] }
}

describe('daily bars that an exchange shows wrong', () => {
  test('are held back in the feed and on the days that are wrong, while every other bar is believed', async () => {
    const wrong = [
      { kind: 'bad-bars', symbols: [KO], defect: 'times', factor: 100, from: midnight(6), until: midnight(7) },
      { kind: 'bad-bars', symbols: [PEP], defect: 'half-split', factor: 2, until: midnight(8) },
      { kind: 'bad-bars', symbols: [XOM], defect: 'empty', from: midnight(9), until: midnight(10) },
      { kind: 'rate-limit', retryAfterSeconds: 20, count: 2 },
    ]
    const told = await load('iex', wrong)
    expect(told.faults.at(-1)?.strikes).toBe(2)
    expect(told.waitedMs).toBeGreaterThanOrEqual(40_000)
    await load('yahoo', [])
    const checked = await checkCloses(database.pool, { symbols, feeds: ['iex', 'yahoo'], sessions: SESSIONS }, NOW)
    expect(checked).toMatchObject({ symbols: 4, withBothFeeds: 4, held: 3 })
    const held = await quarantineEntries(database.pool, { states: ['held'], limit: 50 })
    const named = held.map(({ symbol, feed, rule, from, through }) => [symbol, feed, rule, from, through])
    expect(named.sort()).toEqual([
      [KO, 'iex', 'spike', SESSIONS[6].date, SESSIONS[6].date],
      [PEP, 'iex', 'invented-split', first.date, SESSIONS[7].date],
      [XOM, 'iex', 'empty-day', SESSIONS[9].date, SESSIONS[9].date],
    ])
    const { rows } = await database.pool.query(
      `select symbol, count(*)::int as days from spreadworks.trusted_bars where feed = 'iex' group by symbol order by symbol`,
    )
    const days = SESSIONS.length
    expect(rows).toEqual([
      { symbol: KO, days: days - 1 },
      { symbol: PEP, days: days - 8 },
      { symbol: SPY, days },
      { symbol: XOM, days: days - 1 },
    ])
  })
})
