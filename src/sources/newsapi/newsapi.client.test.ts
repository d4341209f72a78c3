import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { instantFrom } from '#domain/units.ts'
import { connectNewsApi } from './newsapi.client.ts'

type Asked = { readonly url: URL; readonly key: string | string[] | undefined }
type Script = (response: ServerResponse, query: URLSearchParams) => void

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

/** Longer than any machine is busy: only a test of silence may run into its time limit. */
const PATIENT_MS = 10_000

async function newsApiSaying(script: Script, timeoutMs = PATIENT_MS) {
  const asked: Asked[] = []
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://newsapi')
    asked.push({ url, key: request.headers['x-api-key'] })
    script(response, url.searchParams)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => {
    server.closeAllConnections()
    server.close()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { asked, news: connectNewsApi({ url, key: 'secret', timeoutMs }) }
}

function say(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}

const article = (i: number) => ({
  source: { id: null, name: 'Reuters' },
  author: null,
  title: `Story ${i}`,
  description: i % 2 === 0 ? 'What happened' : null,
  url: `https://example.com/${i}`,
  urlToImage: null,
  publishedAt: '2026-11-20T14:03:00Z',
  content: 'cut … [+1234 chars]',
})
/** A NewsAPI with `total` articles whose plan gives the first `given` of them. */
function holding(total: number, given = total): Script {
  return (response, query) => {
    const [size, page] = [Number(query.get('pageSize')), Number(query.get('page'))]
    if (size * page > given) return say(response, 426, { status: 'error', code: 'maximumResultsReached', message: 'Upgrade.' })
    const articles = Array.from({ length: Math.max(0, Math.min(size, total - size * (page - 1))) }, (_, i) => article(i))
    say(response, 200, { status: 'ok', totalResults: total, articles })
  }
}

describe('articles of NewsAPI', () => {
  test('come with what is known of them, asked for with the key in a header and nowhere else', async () => {
    const { asked, news } = await newsApiSaying(holding(2, 1000))
    const question = { q: 'oil', domains: ['a.com', 'b.com'], from: instantFrom('2026-11-19T00:00:00Z'), language: 'en' }
    const told = await news.everything(question, 50)
    expect(told).toEqual({
      ok: true,
      value: {
        removed: 0,
        isWhole: true,
        articles: [0, 1].map((i) => ({
          url: `https://example.com/${i}`,
          title: `Story ${i}`,
          summary: i === 0 ? 'What happened' : undefined,
          publisher: 'Reuters',
          author: undefined,
          publishedAt: instantFrom('2026-11-20T14:03:00Z'),
          symbols: [],
        })),
      },
    })
    expect(asked.map(({ url: { pathname, search }, key }) => [pathname, search, key])).toEqual([
      ['/v2/everything', '?q=oil&domains=a.com%2Cb.com&language=en&from=2026-11-19T00%3A00%3A00&pageSize=50&page=1', 'secret'],
    ])
    await news.topHeadlines({ country: 'us', category: 'business' }, 20)
    expect(asked.at(-1)?.url.pathname).toBe('/v2/top-headlines')
  })

  test.each([
    ['as many as there are', holding(250, 1000), 1000, 250, 3, true],
    ['as many as are asked for', holding(250, 1000), 120, 120, 2, true],
    ['as many as the plan gives, which is the end and no failure', holding(250, 100), 1000, 100, 2, false],
    ['none', holding(0, 1000), 1000, 0, 1, true],
  ])('are %s', async (_, script, limit, found, requests, isWhole) => {
    const { asked, news } = await newsApiSaying(script)
    const told = await news.everything({ q: 'oil' }, limit)
    expect(told).toMatchObject({ ok: true, value: { isWhole } })
    expect([told.ok && told.value.articles.length, asked.length]).toEqual([found, requests])
  })

  test('that were taken down are left out and counted', async () => {
    const taken = [{ title: '[Removed]' }, { url: 'https://removed.com' }, { title: null }]
    const articles = [article(0), ...taken.map((more, i) => ({ ...article(i + 1), ...more }))]
    const { news } = await newsApiSaying((response) => say(response, 200, { status: 'ok', totalResults: 4, articles }))
    const told = await news.topHeadlines({ country: 'us' }, 20)
    expect(told).toMatchObject({ ok: true, value: { removed: 3, articles: [{ title: 'Story 0' }] } })
  })
})

describe('a NewsAPI that gives nothing says why', () => {
  const error = (code: string) => ({ status: 'error', code, message: `It said ${code}.` })
  const troubles: [string, Script, object][] = [
    ['a wrong key', (r) => say(r, 401, error('apiKeyInvalid')), { kind: 'unauthorised', message: 'It said apiKeyInvalid.' }],
    ['a used-up plan', (r) => say(r, 429, error('rateLimited')), { kind: 'rate-limited', retryAfterMs: 43_200_000 }],
    ['when to come back', (r) => say(r, 429, {}, { 'retry-after': '60' }), { kind: 'rate-limited', retryAfterMs: 60_000 }],
    ['a wrong question', (r) => say(r, 400, error('sourcesTooMany')), { kind: 'refused', code: 'sourcesTooMany' }],
    ['too far back', (r) => say(r, 426, error('parameterInvalid')), { kind: 'refused', code: 'parameterInvalid' }],
    ['its own failure', (r) => say(r, 500, error('unexpectedError')), { kind: 'unreachable' }],
    ['a page', (r) => r.end('<html>'), { kind: 'schema-changed' }],
    ['no title of a source', (r) => say(r, 200, { status: 'ok', totalResults: 1, articles: [{}] }), { kind: 'schema-changed' }],
    ['a broken line', (r) => r.destroy(), { kind: 'unreachable' }],
    ['silence', () => undefined, { kind: 'unreachable', cause: expect.stringContaining('timeout') }],
  ]
  test.each(troubles)('%s', async (name, script, why) => {
    const { news } = await newsApiSaying(script, name === 'silence' ? 200 : PATIENT_MS)
    expect(await news.everything({ q: 'oil' }, 10)).toMatchObject({ ok: false, why })
  })
})
