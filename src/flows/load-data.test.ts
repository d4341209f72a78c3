import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Database } from '#database/connection.client.ts'
import { sessionsBetween } from '#domain/calendar.ts'
import type { SessionDate } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { epochMs, instantFrom, type PriceColumn, type SharesColumn, type TimeColumn } from '#domain/units.ts'
import { saveBars } from '#market/bars.store.ts'
import { companiesFetchedAt, companyOf } from '#market/companies.store.ts'
import { newsKnownAt } from '#market/news.store.ts'
import { quarantineEntries } from '#market/quarantine.store.ts'
import { sourceStates } from '#market/source-states.store.ts'
import { connectAlpacaNews } from '#sources/alpaca/news.client.ts'
import { connectNewsApi } from '#sources/newsapi/newsapi.client.ts'
import { sayJson, scriptedYahoo, type YahooQuestion, type YahooScript } from '#sources/yahoo/scripted-yahoo.server.ts'
import { connectYahoo } from '#sources/yahoo/yahoo.client.ts'
import { freshDatabase } from '../../test/database.ts'
import { loadAndCheckCloses } from './check-closes.steps.ts'
import { loadCompanies } from './load-companies.steps.ts'
import { loadNews } from './load-news.steps.ts'

let database: Database
beforeAll(async () => {
  database = await freshDatabase()
})
beforeEach(() =>
  database.pool.query('truncate spreadworks.companies, spreadworks.news_articles, spreadworks.source_states cascade'),
)
afterAll(() => database.close())

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

const NOW = instantFrom('2026-04-01T12:00:00Z')
const SYMBOLS = ['AAPL', 'BRK.B', 'KO', 'NONE'] as Symbol_[]
const told: string[] = []
const tell = async (done: number, total: number, sentence: string) => void told.push(`${done}/${total} ${sentence}`)

async function yahooSaying(script: YahooScript) {
  const { url, asked, close } = await scriptedYahoo(script)
  closing.push(close)
  const clock = { now: NOW }
  return { asked, clock, yahoo: connectYahoo({ url, spacingMs: 0, timeoutMs: 2000, now: () => clock.now }) }
}

async function serving(answer: (response: ServerResponse, path: string) => void): Promise<string> {
  const server = createServer((request, response) => answer(response, request.url ?? ''))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const tickerIn = ({ path }: YahooQuestion) => path.split('/').at(-1) ?? ''
const answering: YahooScript = (response, question) => {
  const ticker = tickerIn(question)
  if (question.path.includes('quoteSummary') && ticker === 'NONE')
    sayJson(response, 404, { quoteSummary: { result: null, error: { code: 'Not Found', description: 'Quote not found' } } })
  else if (question.path.includes('quoteSummary'))
    sayJson(response, 200, { quoteSummary: { result: [{ price: { maxAge: 1, longName: `${ticker} Inc.` } }], error: null } })
  else if (question.path.startsWith('/v7')) {
    const symbols = (question.query.get('symbols') ?? '').split(',').filter((one) => one !== 'NONE')
    const result = symbols.map((symbol) => ({ symbol, regularMarketPrice: 10, regularMarketTime: NOW / 1000 }))
    sayJson(response, 200, { quoteResponse: { result, error: null } })
  }
}

describe('loading companies', () => {
  test('keeps every one that Yahoo has, names the others, and does not ask again within a week', async () => {
    const { asked, clock, yahoo } = await yahooSaying(answering)
    const dependencies = { sql: database.pool, yahoo, now: () => clock.now, tell }
    const first = await loadCompanies(SYMBOLS, dependencies)
    expect(first).toEqual({
      loaded: ['AAPL', 'BRK.B', 'KO'],
      fresh: [],
      missing: [{ symbol: 'NONE', cause: 'Quote not found' }],
      quotes: 3,
      unavailable: undefined,
    })
    expect(await companyOf(database.pool, 'BRK.B' as Symbol_)).toMatchObject({ name: 'BRK-B Inc.', fetchedAt: NOW })
    expect(told).toContain('1/4 Asking for BRK.B')
    const questions = asked.length
    expect(await loadCompanies(SYMBOLS, dependencies)).toMatchObject({ loaded: [], fresh: ['AAPL', 'BRK.B', 'KO'] })
    expect(asked.length - questions).toBe(2)
    clock.now = epochMs(NOW + 8 * 86_400_000)
    expect(await loadCompanies(SYMBOLS, dependencies)).toMatchObject({ loaded: ['AAPL', 'BRK.B', 'KO'], fresh: [] })
  })

  test('that breaks off goes on where it was', async () => {
    let isDown = true
    const { clock, yahoo } = await yahooSaying((response, question) => {
      if (isDown && tickerIn(question) === 'KO') response.writeHead(429).end('Too Many Requests')
      else answering(response, question)
    })
    const dependencies = { sql: database.pool, yahoo, now: () => clock.now, tell }
    const unavailable = { until: NOW + 60_000, cause: 'Yahoo sent HTTP 429' }
    expect(await loadCompanies(SYMBOLS, dependencies)).toMatchObject({
      loaded: ['AAPL', 'BRK.B'],
      missing: [],
      quotes: 0,
      unavailable,
    })
    expect(await sourceStates(database.pool)).toEqual([{ source: 'yahoo', answeredAt: NOW, unavailable }])
    isDown = false
    clock.now = epochMs(NOW + 60_000)
    expect(await loadCompanies(SYMBOLS, dependencies)).toMatchObject({ loaded: ['KO'], fresh: ['AAPL', 'BRK.B'], quotes: 3 })
    expect((await sourceStates(database.pool))[0]).toMatchObject({ answeredAt: NOW + 60_000, unavailable: undefined })
  })
})

const story = (id: number) => ({
  id,
  headline: `Story ${id}`,
  author: '',
  created_at: '2026-04-01T11:00:00Z',
  updated_at: '2026-04-01T11:00:00Z',
  summary: '',
  content: '',
  url: `https://example.com/${id}`,
  images: [],
  symbols: ['KO'],
  source: 'benzinga',
})

describe('loading news', () => {
  test('keeps what each source has, once, and asks again from a little before its last article', async () => {
    const paths: string[] = []
    const url = await serving((response, path) => {
      paths.push(decodeURIComponent(path))
      const headline = {
        source: { name: 'Reuters' },
        title: 'Story 1',
        url: 'http://www.example.com/1?utm_source=x',
        publishedAt: '2026-04-01T11:30:00Z',
      }
      if (path.startsWith('/v1beta1')) sayJson(response, 200, { news: [story(1), story(2)], next_page_token: null })
      else sayJson(response, 200, { status: 'ok', totalResults: 1, articles: [headline] })
    })
    const alpaca = connectAlpacaNews({ keyId: 'k', secret: 's', dataUrl: url })
    const newsApi = connectNewsApi({ url, key: 'n', timeoutMs: 500 })
    const dependencies = { sql: database.pool, alpaca, newsApi, now: () => NOW, tell }
    expect(await loadNews(SYMBOLS, dependencies)).toEqual([
      { source: 'alpaca', kind: 'loaded', articles: 2, new: 2 },
      { source: 'newsapi', kind: 'loaded', articles: 1, new: 0 },
    ])
    expect(await loadNews(SYMBOLS, dependencies)).toMatchObject([{ new: 0 }, { new: 0 }])
    expect(paths[0]).toContain('start=2026-03-31T12:00:00')
    expect(paths[2]).toContain('start=2026-04-01T09:00:00')
    expect(await newsKnownAt(database.pool, { at: NOW, symbols: ['KO' as Symbol_], limit: 9 })).toHaveLength(2)
    expect(await loadNews(SYMBOLS, { ...dependencies, alpaca: undefined, newsApi: undefined })).toEqual([])
  })
})

describe('a Yahoo that answers 429 or a page for a day', () => {
  test.each([
    ['429', 429, 'Too Many Requests'],
    ['a page', 200, '<html>'],
  ])('(%s) leaves other sources alone, is asked a few dozen times, and its age is known', async (_, status, body) => {
    const down = await yahooSaying((response) => response.writeHead(status, { 'content-type': 'text/html' }).end(body))
    const companies = { sql: database.pool, yahoo: down.yahoo, now: () => down.clock.now, tell }
    const url = await serving((response) => sayJson(response, 200, { news: [story(down.clock.now)], next_page_token: null }))
    const news = {
      sql: database.pool,
      alpaca: connectAlpacaNews({ keyId: 'k', secret: 's', dataUrl: url }),
      newsApi: undefined,
      now: () => down.clock.now,
      tell,
    }
    const up = await yahooSaying(answering)
    await loadCompanies(['KO'] as Symbol_[], { ...companies, yahoo: up.yahoo })
    for (let hour = 1; hour <= 24; hour++) {
      down.clock.now = epochMs(NOW + hour * 3_600_000)
      expect((await loadCompanies(SYMBOLS, companies)).unavailable).toBeDefined()
      expect(await loadNews(SYMBOLS, news)).toMatchObject([{ source: 'alpaca', kind: 'loaded', new: 1 }])
    }
    expect(down.asked.length).toBeLessThanOrEqual(24)
    const [alpaca, yahoo] = await sourceStates(database.pool)
    expect(alpaca).toEqual({ source: 'alpaca', answeredAt: NOW + 86_400_000, unavailable: undefined })
    expect(yahoo).toMatchObject({ answeredAt: NOW, unavailable: { until: NOW + 86_400_000 + 3_600_000 } })
    expect(await companiesFetchedAt(database.pool, SYMBOLS)).toEqual(new Map([['KO', NOW]]))
  })

  test('does not let a price of 100 times through: nobody confirms it, so it is held back until somebody does', async () => {
    const sessions = sessionsBetween('2026-03-02' as SessionDate, '2026-03-31' as SessionDate)
    const KO = 'KO' as Symbol_
    const closes = sessions.map((_, i) => (i === 10 ? 7000 : 70))
    const column = Float64Array.from(closes) as Float64Array as PriceColumn
    const openedAt = Float64Array.from(sessions, ({ opensAt }) => opensAt) as Float64Array as TimeColumn
    const prices = {
      open: column,
      high: column,
      low: column,
      close: column,
      volumeShares: column as Float64Array as SharesColumn,
    }
    await saveBars(database.pool, { symbol: KO, openedAt, ...prices }, { timeframe: '1d', feed: 'iex' })
    let isDown = true
    const { clock, yahoo } = await yahooSaying((response) => {
      if (isDown) return void response.writeHead(429).end()
      const good = closes.map(() => 70)
      const quote = { open: good, high: good, low: good, close: good, volume: good }
      const timestamp = sessions.map(({ opensAt }) => opensAt / 1000)
      sayJson(response, 200, { chart: { result: [{ meta: {}, timestamp, indicators: { quote: [quote] } }], error: null } })
    })
    const dependencies = { sql: database.pool, yahoo, now: () => clock.now, tell }
    const check = () => loadAndCheckCloses({ symbols: [KO], feed: 'iex', sessions }, dependencies)
    const held = () => quarantineEntries(database.pool, { states: ['held'], limit: 9 })
    expect(await check()).toMatchObject({ asked: 0, unavailable: { cause: 'Yahoo sent HTTP 429' }, held: 1 })
    expect(await held()).toMatchObject([{ rule: 'unconfirmed-jump', from: sessions[10]?.date, through: sessions[10]?.date }])
    isDown = false
    clock.now = epochMs(NOW + 3_600_000)
    expect(await check()).toMatchObject({ asked: 1, unavailable: undefined, renewed: 1, withdrawn: 0 })
    expect(await held()).toMatchObject([{ rule: 'spike', feed: 'iex', from: sessions[10]?.date }])
    expect(await check()).toMatchObject({ held: 0, renewed: 1, withdrawn: 0 })
  })
})
