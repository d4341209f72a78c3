import { afterEach, expect, test } from 'vitest'
import type { Symbol_ } from '#domain/symbol.ts'
import { instantFrom } from '#domain/units.ts'
import { connectAlpacaNews } from './news.client.ts'
import { type Reply, scriptedExchange } from './scripted-exchange.server.ts'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()))
})

async function newsSaying(answer: (query: URLSearchParams) => Reply) {
  const { url, asked, close } = await scriptedExchange(({ query }) => answer(query))
  closing.push(close)
  return { asked, news: connectAlpacaNews({ keyId: 'k', secret: 's', dataUrl: url }) }
}

const span = { from: instantFrom('2026-11-20T00:00:00Z'), until: instantFrom('2026-11-21T00:00:00Z'), limit: 120 }
const article = (id: number, more: object = {}) => ({
  id,
  headline: `Story ${id}`,
  author: '',
  created_at: '2026-11-20T14:03:00.5Z',
  updated_at: '2026-11-20T15:00:00Z',
  summary: 'What happened',
  content: '',
  url: `https://example.com/${id}`,
  images: [],
  symbols: ['XOM', 'BTCUSD', 'not one'],
  source: 'benzinga',
  ...more,
})

test('news is read page by page, oldest first, up to the limit', async () => {
  const { asked, news } = await newsSaying((query) => {
    const page = Number(query.get('page_token') ?? 0)
    const articles = Array.from({ length: 50 }, (_, i) => article(50 * page + i))
    return { status: 200, body: { news: articles, next_page_token: String(page + 1) } }
  })
  const told = await news.articles(['XOM', 'BRK.B'] as Symbol_[], span)
  expect(told.ok && told.value.map(({ title }) => title)).toEqual(Array.from({ length: 120 }, (_, i) => `Story ${i}`))
  expect(told.ok && told.value[0]).toEqual({
    url: 'https://example.com/0',
    title: 'Story 0',
    summary: 'What happened',
    publisher: 'benzinga',
    author: undefined,
    publishedAt: instantFrom('2026-11-20T14:03:00.5Z'),
    symbols: ['XOM', 'BTCUSD'],
  })
  expect(asked).toHaveLength(3)
  expect(asked[0]?.path).toBe('/v1beta1/news')
  expect(Object.fromEntries(asked[2]?.query ?? [])).toMatchObject({ symbols: 'XOM,BRK.B', sort: 'asc', page_token: '2' })
})

test('an article without an address is known by its number, and a last page ends', async () => {
  const { news } = await newsSaying(() => ({ status: 200, body: { news: [article(7, { url: null })], next_page_token: null } }))
  const told = await news.articles([], span)
  expect(told).toMatchObject({ ok: true, value: [{ url: 'https://data.alpaca.markets/v1beta1/news/7' }] })
})

test('an exchange that does not answer is named, and one that says something else is a fault', async () => {
  const limited = await newsSaying(() => ({ status: 429, body: { message: 'too many requests.' } }))
  expect(await limited.news.articles([], span)).toMatchObject({ ok: false, why: { kind: 'rate-limited' } })
  const changed = await newsSaying(() => ({
    status: 200,
    body: { news: [article(7, { headline: null })], next_page_token: null },
  }))
  await expect(changed.news.articles([], span)).rejects.toThrow(expect.objectContaining({ code: 'ALPACA_ANSWER_UNDECODABLE' }))
})
