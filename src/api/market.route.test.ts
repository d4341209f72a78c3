import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '#database/connection.client.ts'
import { sessionsBetween } from '#domain/calendar.ts'
import type { Session, SessionDate } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { epochMs } from '#domain/units.ts'
import { markAnswered, markPresent } from '#market/bar-ledger.store.ts'
import { saveBars } from '#market/bars.store.ts'
import { minutesWithin, noMinutes } from '#market/minute-bits.ts'
import { saveSymbols } from '#market/symbols.store.ts'
import { demoFlows } from '../../test/browser/demo-flows.ts'
import { openPage } from '../../test/browser/page.ts'
import { freshDatabase } from '../../test/database.ts'
import type { Api } from './api.server.ts'
import { CoverageView, SectorView, SymbolEventView, SymbolMinutesView, SymbolView } from './contract.ts'

/** Around Thanksgiving 2018; bars are stored of the first session and the half day, a ledger of the half day and the last. */
const SESSIONS = sessionsBetween('2018-11-20' as SessionDate, '2018-11-26' as SessionDate)
const [FIRST, , HALF, LAST] = SESSIONS
const [KO, PEP, XOM] = ['KO', 'PEP', 'XOM'] as Symbol_[]

let database: Database
let api: Api
beforeAll(async () => {
  database = await freshDatabase()
  api = await openPage(database.pool, demoFlows())
})
afterAll(async () => {
  await api.close()
  await database.close()
})

const get = async (path: string) => (await fetch(`${api.url}/api${path}`)).json()
const post = async (path: string, body: object) => {
  const options = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
  const answer = await fetch(`${api.url}/api${path}`, options)
  return { status: answer.status, text: await answer.text() }
}

async function storeBars(symbol: Symbol_, session: Session, minutes: number): Promise<void> {
  const openedAt = Float64Array.from({ length: minutes }, (_, i) => session.opensAt + i * 60_000) as never
  const column = (value: number) => new Float64Array(minutes).fill(value) as never
  const prices = { open: column(10), high: column(11), low: column(9), close: column(10), volumeShares: column(100) }
  await saveBars(database.pool, { symbol, openedAt, ...prices }, { timeframe: '1m', feed: 'iex' })
}

test('before anything is stored there is nothing to cover, and that is no error', async () => {
  expect(CoverageView.parse(await get('/market/coverage'))).toEqual({ feed: null, feeds: [], sessions: [], symbols: 0, rows: [] })
  expect(await get('/symbols')).toEqual([])
  expect(await get('/sectors')).toEqual([])
})

describe('coverage', () => {
  beforeAll(async () => {
    for (const symbol of [KO, PEP]) await storeBars(symbol, FIRST, 390)
    await storeBars(KO, HALF, 5)
    const at = (session: Session, minute: number) => epochMs(session.opensAt + minute * 60_000)
    for (const session of [HALF, LAST]) {
      const present = minutesWithin(session, session.opensAt, at(session, 5))
      const marks = [KO, PEP].map((symbol) => ({ symbol, present, repaired: noMinutes(session) }))
      await markPresent(database.pool, { feed: 'iex', session }, { marks, due: at(session, 10) })
      await markAnswered(database.pool, { feed: 'iex', session }, { symbols: [KO], from: at(session, 5), until: at(session, 10) })
    }
  })

  test('has every session from the first stored to the last known, closed days left out and missing ones not', async () => {
    const { sessions, rows } = CoverageView.parse(await get('/market/coverage'))
    expect(sessions.map(({ day, minutes, isHalfDay }) => `${day} ${minutes} ${isHalfDay}`)).toEqual([
      '2018-11-20 390 false',
      '2018-11-21 390 false',
      '2018-11-23 210 true',
      '2018-11-26 390 false',
    ])
    const missing = { due: 10, present: 5, repaired: 0, noTrade: 0, missing: 5 }
    const bars = { due: 0, present: 390, repaired: 0, noTrade: 0, missing: 0 }
    expect(rows).toEqual([
      { symbol: 'PEP', missing: 10, cells: [bars, null, missing, missing] },
      {
        symbol: 'KO',
        missing: 0,
        cells: [bars, null, { ...missing, noTrade: 5, missing: 0 }, { ...missing, noTrade: 5, missing: 0 }],
      },
    ])
  })

  test('counts the bars of a symbol without a ledger also on a day of which another has one', async () => {
    await storeBars(XOM, HALF, 7)
    const { rows } = CoverageView.parse(await get('/market/coverage'))
    const cells = [null, null, { due: 0, present: 7, repaired: 0, noTrade: 0, missing: 0 }, null]
    expect(rows.find(({ symbol }) => symbol === XOM)?.cells).toEqual(cells)
    expect(rows.find(({ symbol }) => symbol === KO)?.cells[2]).toMatchObject({ due: 10, present: 5 })
    await database.pool.query(`delete from spreadworks.bars where symbol = $1`, [XOM])
  })

  test('is paged, and may be asked of fewer sessions and another feed', async () => {
    const page = CoverageView.parse(await get('/market/coverage?sessions=1&offset=1&limit=1'))
    expect([page.sessions.length, page.symbols, page.rows.map(({ symbol }) => symbol)]).toEqual([1, 2, ['KO']])
    expect(await get('/market/coverage?feed=none')).toMatchObject({ feed: 'none', rows: [] })
  })

  test('tells every minute of one session, from the ledger or else from the bars', async () => {
    const states = async (path: string) =>
      SymbolMinutesView.parse(await get(`/market/coverage/${path}?feed=iex`)).runs.map(
        ({ state, from, until }) => `${state} ${(until - from) / 60_000}`,
      )
    expect(await states('PEP/2018-11-23')).toEqual(['present 5', 'missing 5', 'not-due 200'])
    expect(await states('KO/2018-11-20')).toEqual(['present 390'])
    expect(await states('KO/2018-11-21')).toEqual(['not-judged 390'])
  })

  test.each(['KO/2018-11-22', 'KO/2018-11-24', 'KO/yesterday', 'ko/2018-11-23'])('%s is no session of a symbol', async (path) => {
    expect(await get(`/market/coverage/${path}?feed=iex`)).toMatchObject({ status: 400 })
  })
})

describe('symbols and sectors', () => {
  beforeAll(() =>
    saveSymbols(database.pool, [
      { symbol: KO, name: 'Coca-Cola', sector: 'Staples' },
      { symbol: PEP, name: 'PepsiCo', sector: 'Staples' },
    ]),
  )

  test('a symbol is taken out and put back, which its history tells', async () => {
    expect((await post('/symbols/KO', { isActive: false })).status).toBe(204)
    expect((await post('/symbols/KO', { isActive: false })).status).toBe(204)
    const views = SymbolView.array().parse(await get('/symbols'))
    expect(views.map(({ symbol, keptOut }) => [symbol, keptOut])).toEqual([
      ['KO', 'inactive'],
      ['PEP', null],
    ])
    await post('/symbols/KO', { isActive: true })
    const events = SymbolEventView.array().parse(await get('/symbols/events?symbol=KO'))
    expect(events.map(({ what, by }) => `${what} by ${by}`)).toEqual(['activated by page', 'deactivated by page'])
  })

  test('a sector is switched off, and given back to the configuration', async () => {
    const switched = await post('/sectors', { switches: { Staples: false } })
    expect(SectorView.array().parse(JSON.parse(switched.text))).toEqual([
      { sector: 'Staples', isActive: false, symbols: 2, tradable: 0, decidedBy: 'page' },
    ])
    expect(JSON.parse((await post('/sectors/reset', {})).text)).toMatchObject([{ isActive: true, decidedBy: 'configuration' }])
  })

  test.each([
    ['/symbols/NONE', { isActive: true }, 404, 'SYMBOL_UNKNOWN'],
    ['/symbols/ko', { isActive: true }, 400, 'SYMBOL_UNREADABLE'],
    ['/symbols/KO', { isActive: 'yes' }, 400, 'REQUEST_INVALID'],
    ['/sectors', { switches: { Nowhere: true } }, 404, 'SECTOR_UNKNOWN'],
  ])('%s with %j is refused', async (path, body, status, code) => {
    const answer = await post(path, body)
    expect([answer.status, JSON.parse(answer.text).code]).toEqual([status, code])
  })
})
