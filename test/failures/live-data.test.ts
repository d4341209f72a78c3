import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { Database } from '#database/connection.client.ts'
import { sessionOn } from '#domain/calendar.ts'
import type { Session, SessionDate } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { epochMs, MINUTE_MS, type PriceColumn, type SharesColumn, type TimeColumn } from '#domain/units.ts'
import { saveBars } from '#market/bars.store.ts'
import { checkCloses } from '#market/check-closes.store.ts'
import { decideQuarantine, quarantineEntries } from '#market/quarantine.store.ts'
import { randomWalkTape } from '../../standins/exchange/random-walk.ts'
import { freshDatabase } from '../database.ts'
import { type Collected, collectingAt } from './collected-exchange.ts'

let database: Database
beforeAll(async () => {
  database = await freshDatabase()
})
afterAll(() => database.close())
const running: Collected[] = []
afterEach(async () => {
  for (const one of running.splice(0)) await one.stop()
})

const [before, session] = ['2018-03-27', '2018-03-28'].map((date) => sessionOn(date as SessionDate) as Session)
const [CVX, KO, PEP, XOM] = ['CVX', 'KO', 'PEP', 'XOM'] as Symbol_[]
const symbols = [CVX, KO, PEP, XOM]
const SEED = 12
const minute = (n: number) => epochMs(session.opensAt + n * MINUTE_MS)
const FAULTS = [
  { kind: 'bad-bars', symbols: [KO], defect: 'times', factor: 100, from: minute(20), until: minute(22) },
  { kind: 'bad-bars', symbols: [PEP], defect: 'half-split', factor: 2, until: minute(10) },
  { kind: 'bad-bars', symbols: [CVX, XOM], defect: 'half-split', factor: 2 },
  // This one comes over REST alone.
  { kind: 'bad-bars', symbols: [KO], defect: 'times', factor: 100, from: minute(51), until: minute(52) },
  { kind: 'mute-stream', from: minute(50), until: minute(53) },
]

async function collect() {
  const one = await collectingAt({ pool: database.pool, session, symbols, seed: SEED, faults: FAULTS })
  running.push(one)
  return one
}

/** Daily closes of `day` as `feed` tells them: each the symbol's first price, a hundredth less on the day before, but for a factor. */
async function saveCloses(feed: string, day: Session, factors: Readonly<Record<string, number>>) {
  const { close } = await randomWalkTape(SEED, symbols, [session]).rowsBetween(session.opensAt, minute(1))
  for (const [i, symbol] of symbols.entries()) {
    const prices = Float64Array.of(close[i] * (factors[symbol] ?? 1) * (day === before ? 0.99 : 1)) as Float64Array as PriceColumn
    const openedAt = Float64Array.of(day.opensAt) as Float64Array as TimeColumn
    const volumeShares = Float64Array.of(1) as Float64Array as SharesColumn
    const bars = { symbol, openedAt, open: prices, high: prices, low: prices, close: prices, volumeShares }
    await saveBars(database.pool, bars, { timeframe: '1d', feed })
  }
}

/** How many minutes of CVX, KO, PEP and XOM there are. */
async function counted(relation: 'bars' | 'trusted_bars'): Promise<number[]> {
  const { rows } = await database.pool.query(
    `select (select count(*)::int from spreadworks.${relation} as b where b.symbol = s and timeframe = '1m' and feed = 'iex') as n
     from unnest($1::text[]) as s order by s`,
    [symbols],
  )
  return rows.map(({ n }) => n)
}
async function held() {
  const entries = await quarantineEntries(database.pool, { states: ['held'], limit: 50 })
  return entries.map(({ symbol, rule, factor }) => `${symbol} ${rule} ${factor?.toPrecision(1)}`).sort()
}
/** Lets `minutes` minutes of the session pass, and what they told be stored. */
async function collectUntil(one: Collected, minutes: number) {
  await one.until(minutes)
  for (; (await counted('bars')).some((n) => n < minutes); await one.pass(100, 100));
}

const JUMPS = ['CVX minute-jump 0.5', 'KO minute-spike 1e+2', 'PEP minute-spike 0.5', 'XOM minute-jump 0.5']

test('minutes that a stream shows wrong are kept and never read, whoever tells them again, until they are decided', async () => {
  await saveCloses('iex', before, {})
  const first = await collect()
  await collectUntil(first, 15)
  expect(await counted('trusted_bars')).toEqual([0, 15, 5, 0])
  await collectUntil(first, 21)
  expect(await counted('trusted_bars')).toEqual([0, 20, 11, 0])
  await collectUntil(first, 40)
  expect(await counted('bars')).toEqual([40, 40, 40, 40])
  expect(await counted('trusted_bars')).toEqual([0, 38, 30, 0])
  expect(await held()).toEqual(JUMPS)
  expect(first.alerts.map(({ title }) => title)).toEqual(['Prices not believed', 'Prices not believed'])
  await first.stop()

  const second = await collect()
  await collectUntil(second, 45)
  expect(await counted('trusted_bars')).toEqual([0, 43, 35, 0])
  expect(await held()).toEqual(JUMPS)
  expect(second.alerts).toEqual([])
  await collectUntil(second, 56)
  expect(second.alerts.map(({ title }) => title)).toContain('Market stream mute')
  // The minute after KO's wrong one is held with it when a later one comes first; nobody can tell then which of them came back.
  const believed = expect.toSatisfy((minutes: number) => minutes === 52 || minutes === 53)
  expect(await counted('trusted_bars')).toEqual([0, believed, 46, 0])
  await second.stop()

  // In the evening the second source confirms that CVX fell by half, and denies it of XOM.
  await saveCloses('iex', session, { CVX: 0.5, XOM: 0.5 })
  for (const [day, factors] of [
    [before, {}],
    [session, { CVX: 0.5 }],
  ] as const)
    await saveCloses('yahoo', day, factors)
  const checked = await checkCloses(database.pool, { symbols, feeds: ['iex', 'yahoo'], sessions: [before, session] }, minute(600))
  expect(checked).toMatchObject({ held: 0, renewed: 1, withdrawn: 1 })
  expect(await counted('trusted_bars')).toEqual([56, believed, 46, 0])
  for (const { id, symbol } of await quarantineEntries(database.pool, { states: ['held'], limit: 50 })) {
    const decision = {
      action: symbol === KO ? 'accepted' : 'rejected',
      by: 'test',
      note: 'seen elsewhere',
      at: minute(601),
    } as const
    await decideQuarantine(database.pool, id, decision)
  }
  expect(await counted('trusted_bars')).toEqual([56, 56, 46, 0])
})
