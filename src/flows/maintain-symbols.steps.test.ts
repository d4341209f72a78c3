import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '#database/connection.client.ts'
import { sessionsBetween } from '#domain/calendar.ts'
import { microUsd } from '#domain/money.ts'
import type { SessionDate } from '#domain/sessions.ts'
import { type Symbol_, symbolFrom } from '#domain/symbol.ts'
import { epochMs, instantFrom } from '#domain/units.ts'
import { saveBars } from '#market/bars.store.ts'
import { addSymbols, symbolEvents, symbolRecords } from '#market/symbol-records.store.ts'
import { readSettingsFiles } from '#settings/settings.file.ts'
import { exchangeDirectory } from '#sources/alpaca/assets.client.ts'
import { scriptedExchange } from '#sources/alpaca/scripted-exchange.server.ts'
import { type OpenExchange, openExchange } from '../../standins/exchange/exchange.server.ts'
import { randomWalkTape } from '../../standins/exchange/random-walk.ts'
import { freshDatabase } from '../../test/database.ts'
import { checkCalendar } from './check-calendar.steps.ts'
import { maintainSymbols } from './maintain-symbols.steps.ts'

const KEYS = { keyId: 'PKTEST', secret: 'secret' }
const RULES = { haltedAfterSessions: 2, delistedAfterSessions: 4, mostGoneAtOnce: 0.5 }
/** Five sessions, of which the one after Thanksgiving is half a day; weekend and holiday lie among them. */
const SESSIONS = sessionsBetween('2018-11-20' as SessionDate, '2018-11-27' as SessionDate)
/** The feed has next to nothing of these two. */
const POOR = sessionsBetween('2018-11-28' as SessionDate, '2018-11-29' as SessionDate)
const NEXT = '2018-11-30' as SessionDate
const AT = instantFrom('2018-11-30T04:00:00Z')
const symbol = (text: string) => symbolFrom(text)!

let database: Database
beforeAll(async () => {
  database = await freshDatabase()
  const symbols = ['CVX', 'FB', 'KO', 'XOM'].map((text) => ({ symbol: symbol(text), name: text, sector: 'Energy' }))
  await addSymbols(database.pool, symbols, { by: 'test', at: AT, evidence: 'A test needs it.' })
  // FB falls silent after the first session; KO alone has a bar in the poor ones.
  const sessionsOf = (each: Symbol_) => (each === 'FB' ? SESSIONS.slice(0, 1) : each === 'KO' ? [...SESSIONS, ...POOR] : SESSIONS)
  for (const { symbol: each } of symbols) await storeOneBarEach(each, sessionsOf(each))
})
afterAll(() => database.close())

async function storeOneBarEach(each: Symbol_, sessions: typeof SESSIONS): Promise<void> {
  const column = (value: number) => Float64Array.from(sessions, () => value) as never
  const openedAt = Float64Array.from(sessions, ({ opensAt }) => opensAt) as never
  const prices = { open: column(10), high: column(11), low: column(9), close: column(10), volumeShares: column(100) }
  await saveBars(database.pool, { symbol: each, openedAt, ...prices }, { timeframe: '1m', feed: 'import' })
}

const look = (directory: Parameters<typeof maintainSymbols>[0]['directory'], at = AT) =>
  maintainSymbols({ sql: database.pool, directory }, { feed: 'import', day: NEXT, at, rules: RULES, by: 'maintenance' })
const statuses = async () => (await symbolRecords(database.pool)).map((record) => `${record.symbol} ${record.status}`)
const eventsSince = async (at: number) =>
  (await symbolEvents(database.pool, { symbol: undefined, limit: 50 }))
    .filter((event) => event.at >= at)
    .map((event) => `${event.symbol} ${event.what}`)
    .sort()

const wireAsset = (text: string, more: object = {}) => ({
  id: `id-${text}`,
  class: 'us_equity',
  exchange: 'NYSE',
  symbol: text,
  name: `${text} Inc.`,
  status: 'active',
  tradable: true,
  marginable: true,
  shortable: true,
  easy_to_borrow: true,
  fractionable: false,
  ...more,
})

test('without a broker the absence of bars marks a symbol, and only sessions of which the feed has something count', async () => {
  // Four sessions without a bar would be a delisting; the five closed days among them are none.
  expect((await look(undefined)).ok).toBe(true)
  expect(await statuses()).toEqual(['CVX listed', 'FB delisted', 'KO listed', 'XOM listed'])
  const [fb] = (await symbolRecords(database.pool)).filter((record) => record.symbol === 'FB')
  expect(fb.statusSince).toBe(SESSIONS[0].opensAt)
})

describe('the exchange stand-in', () => {
  let exchange: OpenExchange
  const directory = () => exchangeDirectory({ tradingUrl: exchange.url, ...KEYS })
  beforeAll(async () => {
    const { settings } = await readSettingsFiles({})
    exchange = await openExchange({
      tape: randomWalkTape(7, ['CVX', 'FB', 'KO', 'XOM'].map(symbol), SESSIONS.slice(0, 1)),
      sessions: SESSIONS,
      speed: 'max',
      startAt: epochMs(SESSIONS[0].opensAt),
      fillModel: settings.exchange,
      startingCash: microUsd(100_000),
      keys: KEYS,
      host: '127.0.0.1',
      port: 0,
    })
  })
  afterAll(() => exchange.close())

  test('lists its symbols, and one that may not be sold short is marked', async () => {
    const at = epochMs(AT + 1)
    await look(directory(), at)
    await look(directory(), epochMs(at + 1))
    // FB is in the list again, but has no bar: halted. A second look tells nothing twice.
    expect(await eventsSince(at)).toEqual(['FB halted', 'XOM not-shortable'])
  })

  test('has our calendar, year in, year out, until it is told a wrong half day', async () => {
    const check = (from: string, through: string) =>
      checkCalendar(
        { sql: database.pool, directory: directory() },
        { from: from as SessionDate, through: through as SessionDate, at: AT },
      )
    expect(await check('2017-01-01', '2019-12-31')).toMatchObject({ ok: true, value: { differences: [] } })
    await fetch(`${exchange.url}/sandbox/faults`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ kind: 'wrong-half-day', date: '2018-11-23' }),
    })
    expect(await check('2018-11-01', '2018-11-30')).toMatchObject({
      value: { differences: [{ date: '2018-11-23', ours: '09:30–13:00', theirs: '09:30–16:00' }] },
    })
    await database.pool.query('delete from spreadworks.alerts')
  })
})

describe('a broker whose list and calendar changed', () => {
  let exchange: Awaited<ReturnType<typeof scriptedExchange>>
  beforeAll(async () => {
    const ids = new Map((await symbolRecords(database.pool)).map((record) => [record.symbol as string, record.assetId]))
    const active = [
      wireAsset('META', { id: ids.get('FB') }),
      wireAsset('CVX', { id: ids.get('CVX'), tradable: false }),
      wireAsset('XOM', { id: ids.get('XOM') }),
    ]
    const inactive = [wireAsset('KO', { id: ids.get('KO'), status: 'inactive', tradable: false, shortable: false })]
    exchange = await scriptedExchange(({ path, query }) => {
      if (path === '/v2/assets') return { status: 200, body: query.get('status') === 'active' ? active : inactive }
      const days = SESSIONS.map(({ date }) => ({
        date,
        open: '09:30',
        close: '16:00',
        session_open: '0400',
        session_close: '2000',
      }))
      return { status: 200, body: days.filter(({ date }) => date !== '2018-11-26') }
    })
  })
  afterAll(() => exchange.close())

  test('renamed, delisted, not tradable and shortable again are marked, each once, and the new ticker comes in', async () => {
    const directory = exchangeDirectory({ tradingUrl: exchange.url, ...KEYS })
    const at = epochMs(AT + 10)
    await look(directory, at)
    await look(directory, epochMs(at + 1))
    expect(await statuses()).toEqual(['CVX not-tradable', 'FB renamed', 'KO delisted', 'META listed', 'XOM listed'])
    expect(await eventsSince(at)).toEqual([
      'CVX not-shortable',
      'CVX not-tradable',
      'FB renamed',
      'KO delisted',
      'KO not-shortable',
      'META added',
      'XOM shortable',
    ])
  })

  test('days on which the calendars differ are an alert that names them', async () => {
    const directory = exchangeDirectory({ tradingUrl: exchange.url, ...KEYS })
    const range = { from: SESSIONS[0].date, through: SESSIONS[4].date, at: AT }
    await checkCalendar({ sql: database.pool, directory }, range)
    await checkCalendar({ sql: database.pool, directory }, range)
    const { rows } = await database.pool.query('select severity, body from spreadworks.alerts')
    expect(rows).toEqual([
      {
        severity: 'critical',
        body: '2 days differ. 2018-11-23: our calendar says 09:30–13:00, the exchange 09:30–16:00. 2018-11-26: our calendar says 09:30–16:00, the exchange shut.',
      },
    ])
  })

  test('a broker that does not answer changes nothing', async () => {
    const before = await statuses()
    const away = exchangeDirectory({ tradingUrl: 'http://127.0.0.1:9', ...KEYS })
    expect(await look(away)).toMatchObject({ ok: false, why: { kind: 'unreachable' } })
    expect(await statuses()).toEqual(before)
  })
})
