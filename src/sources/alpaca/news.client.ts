import { marketData } from '@alpacahq/alpaca-trade-api'
import { z } from 'zod'
import type { BrokerUnavailable } from '#domain/broker.ts'
import type { NewsArticle } from '#domain/news.ts'
import { type Outcome, ok, refuse } from '#domain/outcome.ts'
import { type Symbol_, symbolFrom } from '#domain/symbol.ts'
import { type EpochMs, epochMs } from '#domain/units.ts'
import type { AlpacaKeys } from './endpoints.ts'
import { unavailableFrom } from './failures.client.ts'
import { type Governed, governedClient } from './governed.client.ts'
import { governedOnWallTime } from './governed-on-wall-time.client.ts'
import { decoded } from './wire.ts'

/** The most articles that Alpaca puts in one page. */
const ARTICLES_IN_A_PAGE = 50
const REQUEST_MS = 10_000

const instant = z.date().transform((at) => epochMs(at.getTime()))
const said = z.string().transform((text) => (text.trim() === '' ? undefined : text))

const newsWire = z
  .object({
    id: z.number(),
    headline: z.string(),
    author: said,
    source: z.string(),
    summary: said,
    url: z.string().nullish(),
    symbols: z.array(z.string()),
    createdAt: instant,
  })
  .transform(({ id, headline, source, url, symbols, createdAt, ...told }): NewsArticle => {
    // An article without an address of its own is known by its number.
    const address = typeof url === 'string' && url !== '' ? url : `https://data.alpaca.markets/v1beta1/news/${id}`
    const tickers = symbols.flatMap((text) => symbolFrom(text) ?? [])
    return { ...told, url: address, title: headline, publisher: source, publishedAt: createdAt, symbols: tickers }
  })

type AskNews = (question: marketData.NewsRequest) => Promise<unknown>

const newsPageWire = z.object({ news: z.array(newsWire), nextPageToken: z.string().nullish() })

export type AlpacaNews = {
  /**
   * Articles about any of `symbols` (about anything when there are none) that came out in [from, until), oldest first, at most
   * `limit`. Throws ALPACA_ANSWER_UNDECODABLE and ALPACA_REQUEST_REFUSED.
   */
  readonly articles: (
    symbols: readonly Symbol_[],
    span: { readonly from: EpochMs; readonly until: EpochMs; readonly limit: number },
  ) => Promise<Outcome<readonly NewsArticle[], BrokerUnavailable>>
}

/**
 * News over the market data REST API of Alpaca or of an exchange that speaks as it does. No request is repeated by itself;
 * requests go through `governed`, without it only answers tell a limit.
 */
export function connectAlpacaNews({
  keyId,
  secret,
  dataUrl,
  governed = governedOnWallTime(undefined),
}: AlpacaKeys & { readonly dataUrl: string; readonly governed?: Governed }): AlpacaNews {
  const { fetchApi, inTurn } = governedClient(governed, 'news')
  const access = { keyId, secret, fetchApi, basePath: dataUrl, timeoutMs: REQUEST_MS }
  const api = new marketData.NewsApi(new marketData.Configuration(access))
  const ask: AskNews = (question) => inTurn(() => api.news(question))
  return {
    articles: async (symbols, { from, until, limit }) => {
      if (until <= from) return ok([])
      const question = {
        ...(symbols.length === 0 ? {} : { symbols: symbols.join(',') }),
        start: new Date(from),
        // Alpaca includes `end`, our ranges do not.
        end: new Date(until - 1),
        sort: 'asc',
        limit: Math.min(limit, ARTICLES_IN_A_PAGE),
      } as const
      try {
        return ok(await everyArticle(ask, question, limit))
      } catch (error) {
        return refuse(unavailableFrom(error, 'news'))
      }
    },
  }
}

async function everyArticle(ask: AskNews, question: marketData.NewsRequest, limit: number): Promise<NewsArticle[]> {
  const found: NewsArticle[] = []
  let turn: { readonly pageToken?: string } | undefined = {}
  while (turn && found.length < limit) {
    const page: z.output<typeof newsPageWire> = decoded(newsPageWire, await ask({ ...question, ...turn }), 'a page of news')
    found.push(...page.news)
    turn = typeof page.nextPageToken === 'string' ? { pageToken: page.nextPageToken } : undefined
  }
  return found.slice(0, limit)
}
