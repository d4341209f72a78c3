import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Database } from '#database/connection.client.ts'
import { sessionOn } from '#domain/calendar.ts'
import { randomStream } from '#domain/random.ts'
import type { Session, SessionDate } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { MINUTE_MS } from '#domain/units.ts'
import { gapsBetween } from '#market/bar-gaps.store.ts'
import { sessionLedgers } from '#market/ledger-views.store.ts'
import { countDeliveries } from '#sources/alpaca/deliveries.client.ts'
import { createTradeStream } from '#sources/alpaca/trade-stream.client.ts'
import { freshDatabase } from '../database.ts'
import { ask, KEYS } from '../exchange.ts'
import { type Collected, collectingAt, emptyTables, tableText } from './collected-exchange.ts'
import { disturbances, lateTrades } from './disturbances.ts'

let database: Database
beforeAll(async () => {
  database = await freshDatabase()
})
afterAll(() => database.close())
beforeEach(() => emptyTables(database.pool))
const running: Collected[] = []
afterEach(async () => {
  for (const one of running.splice(0)) await one.stop()
})

const session = sessionOn('2018-03-28' as SessionDate) as Session
const symbols = ['CVX', 'KO', 'XOM'] as Symbol_[]

async function collect(seed: number, { day = session, faults = [] as readonly object[] } = {}) {
  const one = await collectingAt({ pool: database.pool, session: day, symbols, seed, faults })
  running.push(one)
  return one
}
async function ledger(of = session) {
  const [one] = await sessionLedgers(database.pool, { feed: 'iex', from: of.date, through: of.date, symbols: undefined })
  return one
}
const storedBars = async () => (await database.pool.query('select count(*)::int as n from spreadworks.bars')).rows[0].n

describe('a session collected from the exchange', () => {
  test('whose stream falls mute in its middle is told so, connected again and made whole within 75 s', async () => {
    const one = await collect(1)
    await one.until(20)
    const began = one.timer.now()
    await one.fault({ kind: 'mute-stream' })
    for (; one.alerts.length === 0; await one.pass(1000, 1000));
    await one.mend()
    for (; (await storedBars()) < 21 * symbols.length; await one.pass(250, 250));
    expect(one.timer.now()).toBeLessThanOrEqual(began + 75_000)
    expect(one.alerts.map(({ title }) => title)).toEqual(['Market stream mute'])
    expect(one.news.map(({ kind }) => kind).filter((kind) => kind !== 'bars')).toEqual(['up', 'down', 'up'])
    await one.until(30)
    for (; (await storedBars()) < 30 * symbols.length; await one.pass(250, 250));
    await one.stop()
    expect(await ledger()).toMatchObject({ due: 30 * symbols.length, missing: 0, symbolsMissing: 0 })
    const gaps = await gapsBetween(database.pool, { feed: 'iex', from: session.opensAt, until: session.closesAt })
    expect(gaps).toMatchObject([{ cause: expect.stringContaining('told nothing'), repairedAt: expect.anything() }])
  })

  test('that is refused with 406 for 90 s dials at most 8 times and stands within 120 s, and order updates go on meanwhile', async () => {
    const one = await collect(2)
    const updates: string[] = []
    const trades = createTradeStream(
      { name: 'trade updates', url: `${one.exchange.streamUrl}/stream`, keys: KEYS, onTrouble: () => undefined },
      countDeliveries(),
    )
    await trades.subscribe(({ kind }) => updates.push(kind))
    await one.until(10)
    const began = one.timer.now()
    const already = one.news.length
    await one.fault({ kind: 'refuse-connections', until: began + 90_000 }, { kind: 'drop-connection', count: 1 })
    for (let i = 0; i < 3; i++) {
      const body = { symbol: 'KO', qty: 1, side: 'buy', type: 'market', time_in_force: 'day', client_order_id: `o${i}` }
      await ask(one.exchange, '/v2/orders', { method: 'POST', body })
      // Never more than one connection of this key is open at once.
      for (let second = 0; second < 40; second++) {
        await one.pass(1000, 1000)
        expect(await one.connections()).toBeLessThanOrEqual(1)
      }
    }
    const since = one.news.slice(already).filter(({ kind }) => kind !== 'bars')
    const up = since.findIndex(({ kind }) => kind === 'up')
    expect(since.slice(0, up).map(({ kind }) => kind)).toEqual(['down', ...since.slice(1, up).map(() => 'refused')])
    expect(up).toBeGreaterThan(3)
    // Every refusal was an attempt, and so is the one that succeeds; the first entry is the loss.
    expect(up).toBeLessThanOrEqual(8)
    expect(since[up]?.at).toBeLessThanOrEqual(began + 120_000)
    const pauses = since.slice(1, up).map(({ at }, i) => at - (since[i]?.at ?? 0))
    expect(new Set(pauses).size).toBeGreaterThan(1)
    expect(updates.filter((kind) => kind === 'fill').length).toBeGreaterThanOrEqual(2)
    await trades.close()
    await one.stop()
    expect(await ledger()).toMatchObject({ missing: 0 })
  })

  test('that is hung up on 50 times subscribes to the same each time, and is told every bar once', async () => {
    const one = await collect(3)
    for (let kill = 1; kill <= 50; kill++) {
      await one.until(kill)
      await one.fault({ kind: 'drop-connection', count: 1 })
      await one.pass(5_000, 5_000)
      expect(await one.connections()).toBe(1)
    }
    await one.until(51)
    expect(one.news.filter(({ kind }) => kind === 'up')).toHaveLength(51)
    const bars = one.told.map(({ symbol, openedAt }) => `${symbol} ${(openedAt - session.opensAt) / MINUTE_MS}`)
    expect(bars.sort()).toEqual(symbols.flatMap((symbol) => Array.from({ length: 51 }, (_, n) => `${symbol} ${n}`)).sort())
  })

  test('through random breaks, refusals, mute minutes and unanswered questions ends with the very same table', async () => {
    const calm = await collect(4, { faults: [lateTrades(session, 4)] })
    await calm.until(390, MINUTE_MS)
    expect(await calm.finish()).toMatchObject({ gaps: 0, symbolsMissing: 0 })
    const undisturbed = await tableText(database.pool)
    expect(undisturbed.split('\n')).toHaveLength(390 * symbols.length)
    await emptyTables(database.pool)
    const one = await collect(4, {
      faults: [lateTrades(session, 4), ...disturbances(session, { seed: 4, breaks: 0.05, random: randomStream(4, 'failures') })],
    })
    const report = await one.finish()
    expect(await tableText(database.pool)).toBe(undisturbed)
    expect(report.gaps).toBeGreaterThan(10)
    expect(report.repaired).toBeGreaterThan(20)
    expect(await ledger()).toMatchObject({ due: 390 * symbols.length, missing: 0, symbolsMissing: 0 })
  })

  test('that is a half day ends at 13:00 New York, and nobody misses the minutes after it', async () => {
    const half = sessionOn('2018-07-03' as SessionDate) as Session
    const one = await collect(5, { day: half })
    expect(await one.finish()).toMatchObject({ gaps: 0, repaired: 0, symbolsMissing: 0 })
    expect(one.alerts).toEqual([])
    expect(await ledger(half)).toMatchObject({ expected: 210 * symbols.length, due: 210 * symbols.length, missing: 0 })
  })
})
