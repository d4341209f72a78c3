import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '#database/connection.client.ts'
import type { NewsArticle } from '#domain/news.ts'
import type { SessionDate } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { epochMs, instantFrom } from '#domain/units.ts'
import type { Company } from '#sources/yahoo/company.ts'
import { freshDatabase } from '../../test/database.ts'
import { companiesFetchedAt, companyOf, saveCompany, saveQuotes } from './companies.store.ts'
import { lastPublishedAt, newsKnownAt, saveArticles } from './news.store.ts'
import { noteAnswer, noteUnavailable, sourceStates } from './source-states.store.ts'
import { saveSplits, splitsOf } from './splits.store.ts'

let database: Database
beforeAll(async () => {
  database = await freshDatabase()
})
afterAll(() => database.close())

const AT = instantFrom('2026-11-20T15:00:00Z')
const XOM = 'XOM' as Symbol_
const statistics = {
  marketCap: 3688676720640,
  enterpriseValue: undefined,
  sharesOutstanding: 4.3e9,
  floatShares: undefined,
  shortFraction: 0.0083,
  beta: 1.2,
  trailingPe: 38.91442,
  forwardPe: undefined,
  priceToBook: undefined,
  trailingEps: undefined,
  dividendYield: 0.0041,
  profitMargin: undefined,
  averageVolumeShares: 50792552,
  yearLow: undefined,
  yearHigh: 260.1,
}
const officer = (name: string, totalPay: number | undefined) => {
  return {
    name,
    title: 'CEO',
    age: 63,
    yearBorn: undefined,
    fiscalYear: 2025,
    totalPay,
    exercisedValue: 0,
    unexercisedValue: undefined,
  }
}
const company: Company = {
  name: 'Exxon Mobil',
  exchange: 'NYSE',
  currency: 'USD',
  sector: 'Energy',
  industry: undefined,
  summary: 'Oil.',
  website: undefined,
  employees: 61000,
  city: undefined,
  country: 'United States',
  officers: [officer('A', 16239562), officer('B', undefined)],
  statistics,
}
const from = { symbol: XOM, source: 'yahoo', fetchedAt: AT }

describe('companies', () => {
  test('come back as they were told, money to the cent, what is not known as not known', async () => {
    await saveCompany(database.pool, company, from)
    expect(await companyOf(database.pool, XOM)).toEqual({ ...company, ...from })
    expect(await companyOf(database.pool, 'NONE' as Symbol_)).toBeUndefined()
    const { rows } = await database.pool.query(`select total_pay::text from spreadworks.company_officers where place = 1`)
    expect(rows).toEqual([{ total_pay: '16239562.00' }])
  })

  test('are replaced by what is told later, officers who left are gone, statistics stay day by day', async () => {
    await saveCompany(database.pool, company, from)
    const later = { ...company, officers: [officer('C', 1)], statistics: { ...statistics, beta: 2 } }
    const fetchedAt = instantFrom('2026-11-21T15:00:00Z')
    await saveCompany(database.pool, later, { ...from, fetchedAt })
    await saveCompany(database.pool, later, { ...from, fetchedAt })
    expect(await companyOf(database.pool, XOM)).toMatchObject({ officers: [{ name: 'C' }], statistics: { beta: 2 }, fetchedAt })
    const { rows } = await database.pool.query('select day::text, beta from spreadworks.company_statistics order by day')
    expect(rows).toEqual([
      { day: '2026-11-20', beta: 1.2 },
      { day: '2026-11-21', beta: 2 },
    ])
    expect(await companiesFetchedAt(database.pool, [XOM, 'KO' as Symbol_])).toEqual(new Map([[XOM, fetchedAt]]))
  })

  test('have a last price, which an older one does not replace', async () => {
    const quote = (price: number, tradedAt: number) => {
      const rest = { previousClose: 110, bid: undefined, ask: 112, volumeShares: 1e6, currency: 'USD' }
      return new Map([[XOM, { ticker: 'XOM', price, tradedAt: epochMs(tradedAt), ...rest }]])
    }
    const by = { source: 'yahoo', receivedAt: AT }
    expect(await saveQuotes(database.pool, quote(111, AT), by)).toBe(1)
    expect(await saveQuotes(database.pool, quote(99, AT - 1000), by)).toBe(0)
    const { rows } = await database.pool.query('select price, bid, ask from spreadworks.quotes')
    expect(rows).toEqual([{ price: 111, bid: null, ask: 112 }])
  })
})

describe('news', () => {
  const article = (url: string, more: Partial<NewsArticle> = {}): NewsArticle => {
    const rest = { summary: undefined, publisher: 'Reuters', author: undefined, publishedAt: AT, symbols: [XOM] }
    return { url, title: `About ${url}`, ...rest, ...more }
  }
  const known = (at: number, symbols: readonly string[] = []) =>
    newsKnownAt(database.pool, { at: epochMs(at), symbols: symbols as Symbol_[], limit: 10 })

  test('is kept once for each address, whoever tells it, with the symbols of all who do', async () => {
    const copies = [article('https://a.com/1?utm_source=x'), article('http://www.a.com/1/', { symbols: ['CVX' as Symbol_] })]
    expect(await saveArticles(database.pool, copies, { source: 'alpaca', receivedAt: AT })).toBe(1)
    const late = { source: 'newsapi', receivedAt: epochMs(AT + 60_000) }
    const again = article('https://a.com/1', { title: 'Another title', symbols: ['BP' as Symbol_, XOM] })
    expect(await saveArticles(database.pool, [again, article('mailto:x@a.com')], late)).toBe(0)
    expect(await known(AT)).toMatchObject([
      { source: 'alpaca', receivedAt: AT, url: copies[0].url, symbols: ['BP', 'CVX', 'XOM'] },
    ])
    expect(await saveArticles(database.pool, [], late)).toBe(0)
  })

  test('is known from when it came to us, not from the date that it bears', async () => {
    const receivedAt = epochMs(AT + 3_600_000)
    await saveArticles(database.pool, [article('https://a.com/2', { symbols: ['KO' as Symbol_] })], {
      source: 'newsapi',
      receivedAt,
    })
    expect(await known(receivedAt - 1, ['KO'])).toEqual([])
    expect(await known(receivedAt, ['KO', 'PEP'])).toMatchObject([{ url: 'https://a.com/2', publishedAt: AT }])
    expect(await lastPublishedAt(database.pool, 'newsapi')).toBe(AT)
    expect(await lastPublishedAt(database.pool, 'nobody')).toBeUndefined()
  })
})

test('splits are kept by who tells them and told once', async () => {
  const split = { effectiveOn: '2024-06-10' as SessionDate, newPerOld: 10 }
  const save = (source: string, newPerOld = 10) =>
    saveSplits(database.pool, [{ ...split, newPerOld }], { symbol: XOM, source, receivedAt: AT })
  expect([await save('yahoo'), await save('yahoo'), await save('alpaca'), await save('yahoo', 5)]).toEqual([1, 0, 1, 1])
  expect(await splitsOf(database.pool, [XOM, 'KO' as Symbol_])).toEqual(
    new Map([
      [XOM, [{ ...split, newPerOld: 5 }, split]],
      ['KO', []],
    ]),
  )
})

test('a source that fails keeps when it last answered, and one that answers is not unavailable', async () => {
  const down = { at: epochMs(AT + 60_000), until: epochMs(AT + 120_000), cause: 'HTTP 429' }
  await noteUnavailable(database.pool, 'newsapi', down)
  await noteAnswer(database.pool, 'yahoo', AT)
  await noteUnavailable(database.pool, 'yahoo', down)
  const unavailable = { until: down.until, cause: 'HTTP 429' }
  expect(await sourceStates(database.pool)).toEqual([
    { source: 'newsapi', answeredAt: undefined, unavailable },
    { source: 'yahoo', answeredAt: AT, unavailable },
  ])
  await noteAnswer(database.pool, 'newsapi', epochMs(AT + 200_000))
  expect((await sourceStates(database.pool))[0]).toEqual({ source: 'newsapi', answeredAt: AT + 200_000, unavailable: undefined })
})
