import { marketData } from '@alpacahq/alpaca-trade-api'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Database } from '#database/connection.client.ts'
import { quarantineView } from '#desk/quarantine.store.ts'
import { nextSession, sessionOn } from '#domain/calendar.ts'
import type { Session, SessionDate } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { DAY_MS, epochMs, MINUTE_MS } from '#domain/units.ts'
import { barsBetween } from '#market/bars.store.ts'
import { loadBars, minutesQuestion } from '#market/load-bars.steps.ts'
import { restingSource } from '#market/resting-source.store.ts'
import { noteAnswer } from '#market/source-states.store.ts'
import { BarWindow } from '#market/window.ts'
import { historyOver } from '#sources/alpaca/bar-history.client.ts'
import { createRateGovernor } from '#sources/alpaca/rate-governor.ts'
import { type Reply, scriptedExchange } from '#sources/alpaca/scripted-exchange.server.ts'
import { virtualTimer } from '#sources/alpaca/virtual-timer.client.ts'
import { sayJson, scriptedYahoo } from '#sources/yahoo/scripted-yahoo.server.ts'
import { connectYahoo } from '#sources/yahoo/yahoo.client.ts'
import { freshDatabase } from '../database.ts'

let database: Database
beforeAll(async () => {
  database = await freshDatabase()
})
afterAll(() => database.close())
beforeEach(() => database.pool.query('truncate spreadworks.bars, spreadworks.bar_ledger, spreadworks.source_states'))
const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

const [KO, PEP] = ['KO', 'PEP'] as Symbol_[]
const session = sessionOn('2018-03-28' as SessionDate) as Session
const LAST_MINUTE = epochMs(session.closesAt - MINUTE_MS)
const ASKED_EVERY_MS = 60_000
/** A question of five attempts, after a minute and then at last every ten minutes. */
const MOST_REQUESTS = 5 * (24 * 6 + 10)

const bar = { t: new Date(LAST_MINUTE).toISOString(), o: 50, h: 51, l: 49, c: 50, v: 100, n: 3, vw: 50 }
const good: Reply = { status: 200, body: { bars: { KO: [bar], PEP: [bar] }, next_page_token: null } }
const html = { 'content-type': 'text/html' }
const AWAY: Record<string, Reply> = {
  429: { status: 429, body: { message: 'too many requests.' } },
  'a page for data': { status: 200, body: '<html>', headers: html },
  'a page for a failure': { status: 502, body: '<html>', headers: html },
}

async function alpaca(answer: () => Reply) {
  const exchange = await scriptedExchange(answer)
  closing.push(exchange.close)
  const timer = virtualTimer(session.closesAt)
  const configuration = new marketData.Configuration({ basePath: exchange.url, keyId: 'k', secret: 's', timeoutMs: 5000 })
  const history = historyOver(configuration, 'iex', { governor: createRateGovernor(timer, undefined), timer, random: () => 0.5 })
  const source = restingSource({ pool: database.pool, timer }, history)
  const question = minutesQuestion([KO, PEP], session.opensAt, session.closesAt)
  const load = () => loadBars({ pool: database.pool, source, timer }, { question, caller: 'test', purpose: 'history' })
  return { exchange, timer, load: () => timer.through(load()) }
}

async function yahooThatAnswers(now: () => ReturnType<typeof epochMs>) {
  const { url, close } = await scriptedYahoo((response, { path }) => {
    if (!path.includes('/chart/')) return
    const quote = { open: [50], high: [51], low: [49], close: [50], volume: [100] }
    const chart = { result: [{ meta: {}, timestamp: [session.opensAt / 1000], indicators: { quote: [quote] } }], error: null }
    sayJson(response, 200, { chart })
  })
  closing.push(close)
  return connectYahoo({ url, spacingMs: 0, timeoutMs: 5000, now })
}

describe('Alpaca that answers for a day with', () => {
  test.each(Object.keys(AWAY))('%s rests, its age is known, other sources go on, and models get nothing stale', async (kind) => {
    let isAway = false
    const { exchange, timer, load } = await alpaca(() => (isAway ? (AWAY[kind] ?? good) : good))
    const yahoo = await yahooThatAnswers(timer.now)
    expect(await load()).toMatchObject({ ok: true, value: { new: 2 } })
    const answeredAt = timer.now()

    isAway = true
    for (const end = answeredAt + DAY_MS; timer.now() < end; await timer.advance(ASKED_EVERY_MS)) {
      expect(await load()).toMatchObject({ ok: false })
      if (timer.now() % 3_600_000 >= ASKED_EVERY_MS) continue
      expect(await yahoo.dailyBars(KO, session.opensAt, session.closesAt)).toMatchObject({ ok: true })
      await noteAnswer(database.pool, 'yahoo', timer.now())
    }
    expect(exchange.asked.length).toBeLessThanOrEqual(MOST_REQUESTS)
    const { sources, servedAt } = await quarantineView(database.pool, { isWhole: false, now: timer.now() })
    const [bars, other] = sources
    expect(bars).toMatchObject({ source: 'iex bars', answeredAt, cause: expect.stringMatching(/./) })
    expect(servedAt - (bars?.answeredAt ?? 0)).toBeGreaterThanOrEqual(DAY_MS)
    expect(bars?.unavailableUntil).toBeGreaterThan(answeredAt + DAY_MS)
    expect(other).toMatchObject({ source: 'yahoo', unavailableUntil: null, cause: null })
    expect(servedAt - (other?.answeredAt ?? 0)).toBeLessThan(2 * 3_600_000)

    // The next day's ticks: yesterday's last price is no price of today.
    const next = nextSession(session.closesAt)
    const range = { feed: 'iex', timeframe: '1m', from: session.opensAt, until: next.closesAt } as const
    const history = await barsBetween(database.pool, [KO, PEP], range)
    const window = new BarWindow({ sessions: [session, next], history, capacityMinutes: 780 })
    const tick = epochMs(next.opensAt + 5 * MINUTE_MS)
    const pair = window.alignedPair(KO, PEP, { until: tick, count: 6, carryBars: 10 })
    expect([...pair.y, ...pair.x]).toEqual([50, ...Array(5).fill(Number.NaN), 50, ...Array(5).fill(Number.NaN)])

    isAway = false
    await timer.advance(600_000)
    expect(await load()).toMatchObject({ ok: true })
    const after = await quarantineView(database.pool, { isWhole: false, now: timer.now() })
    expect(after.sources[0]).toMatchObject({ answeredAt: timer.now(), unavailableUntil: null, cause: null })
  })
})
