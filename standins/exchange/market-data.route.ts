import type { FastifyInstance, FastifyReply } from 'fastify'
import { type Outcome, ok, refuse } from '#domain/outcome.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { answer } from './answer.route.ts'
import { corporateActionsAnswer } from './corporate-actions.ts'
import { refusedFeed, symbolIn, symbolsFrom } from './data-query.ts'
import {
  auctionsPage,
  barsPage,
  latestBarJson,
  latestQuoteJson,
  latestTradeJson,
  type MarketData,
  quotesPage,
  type RowsPage,
  snapshotJson,
  tradesPage,
} from './market-data.ts'
import { conditionsOf, EXCHANGES } from './market-meta.ts'
import { newsAnswer } from './news.ts'
import { type Refusal, refusal } from './refusal.ts'
import { mostActivesAnswer, moversAnswer } from './screener.ts'

type Query = Readonly<Record<string, string | undefined>>
type BySymbol = { Params: { symbol: string }; Querystring: Query }
type BySymbols = { Querystring: Query }

/** Alpaca's market data API: history, the latest, snapshots, auctions, lists of codes, news, actions and screens. */
export function serveMarketData(app: FastifyInstance, data: MarketData): void {
  servePages(app, data, { name: 'bars', page: barsPage })
  servePages(app, data, { name: 'trades', page: tradesPage })
  servePages(app, data, { name: 'quotes', page: quotesPage })
  servePages(app, data, { name: 'auctions', page: auctionsPage })
  serveLatest(app, data, { name: 'bar', json: latestBarJson })
  serveLatest(app, data, { name: 'trade', json: latestTradeJson })
  serveLatest(app, data, { name: 'quote', json: latestQuoteJson })
  serveSnapshots(app, data)
  serveLists(app, data)
}

type Pages = {
  readonly name: 'bars' | 'trades' | 'quotes' | 'auctions'
  readonly page: (data: MarketData, list: string, query: object) => Promise<Outcome<RowsPage, Refusal>>
}

function servePages(app: FastifyInstance, data: MarketData, { name, page }: Pages): void {
  app.get<BySymbols>(`/v2/stocks/${name}`, async ({ query }, reply) => {
    const found = await page(data, query.symbols ?? '', query)
    return answer(reply, found, ({ items, nextPageToken }) => ({
      [name]: Object.fromEntries(items),
      next_page_token: nextPageToken,
    }))
  })
  app.get<BySymbol>(`/v2/stocks/:symbol/${name}`, async ({ params, query }, reply) => {
    const named = symbolIn(params.symbol)
    const found = named.ok ? await page(data, params.symbol, query) : named
    return answer(reply, found, ({ items, nextPageToken }) => ({
      [name]: [...items.values()].flat(),
      symbol: params.symbol,
      next_page_token: nextPageToken,
    }))
  })
}

type Latest = {
  readonly name: 'bar' | 'trade' | 'quote'
  readonly json: (data: MarketData, symbol: Symbol_) => object | undefined
}

function serveLatest(app: FastifyInstance, data: MarketData, { name, json }: Latest): void {
  app.get<BySymbols>(`/v2/stocks/${name}s/latest`, ({ query }, reply) =>
    answer(reply, askedSymbols(data, query.symbols ?? '', query), (symbols) => ({
      [`${name}s`]: Object.fromEntries(symbols.flatMap((symbol) => entryOf(symbol, json(data, symbol)))),
    })),
  )
  app.get<BySymbol>(`/v2/stocks/:symbol/${name}s/latest`, ({ params, query }, reply) =>
    single(reply, askedSymbol(data, params.symbol, query), (symbol) => {
      const found = json(data, symbol)
      return found === undefined ? refuse(refusal(404, `no ${name} found for ${symbol}`)) : ok({ symbol, [name]: found })
    }),
  )
}

function serveSnapshots(app: FastifyInstance, data: MarketData): void {
  app.get<BySymbols>('/v2/stocks/snapshots', ({ query }, reply) =>
    answer(reply, askedSymbols(data, query.symbols ?? '', query), (symbols) =>
      Object.fromEntries(symbols.flatMap((symbol) => entryOf(symbol, snapshotJson(data, symbol)))),
    ),
  )
  app.get<BySymbol>('/v2/stocks/:symbol/snapshot', ({ params, query }, reply) =>
    single(reply, askedSymbol(data, params.symbol, query), (symbol) => {
      const found = snapshotJson(data, symbol)
      return found === undefined ? refuse(refusal(404, `no snapshot found for ${symbol}`)) : ok({ symbol, ...found })
    }),
  )
}

function serveLists(app: FastifyInstance, data: MarketData): void {
  const floor = () => ({ listings: [...data.listings.values()], day: data.day, now: data.now() })
  app.get('/v2/stocks/meta/exchanges', (_, reply) => reply.send(EXCHANGES))
  app.get<{ Params: { ticktype: string }; Querystring: Query }>(
    '/v2/stocks/meta/conditions/:ticktype',
    ({ params, query }, reply) => {
      const found = conditionsOf(params.ticktype, query.tape ?? '')
      const outcome = found ? ok(found) : refuse(refusal(400, 'expected trade or quote, and tape A, B or C'))
      return answer(reply, outcome, (codes) => codes)
    },
  )
  app.get('/v1beta1/news', ({ query }, reply) => answer(reply, newsAnswer(data.wire, query, data.now()), (page) => page))
  app.get('/v1/corporate-actions', ({ query }, reply) =>
    answer(reply, corporateActionsAnswer(data.actions, query, data.now()), (page) => page),
  )
  app.get('/v1beta1/screener/stocks/most-actives', ({ query }, reply) =>
    answer(reply, mostActivesAnswer(floor(), query), (found) => found),
  )
  app.get('/v1beta1/screener/stocks/movers', ({ query }, reply) => answer(reply, moversAnswer(floor(), query), (found) => found))
}

function askedSymbols({ feed }: MarketData, list: string, query: Query): Outcome<readonly Symbol_[], Refusal> {
  const refused = refusedFeed(query, feed)
  return refused === undefined ? symbolsFrom(list) : refuse(refused)
}

function askedSymbol({ feed }: MarketData, path: string, query: Query): Outcome<readonly [Symbol_], Refusal> {
  const refused = refusedFeed(query, feed)
  return refused === undefined ? symbolIn(path) : refuse(refused)
}

function single(
  reply: FastifyReply,
  asked: Outcome<readonly [Symbol_], Refusal>,
  found: (symbol: Symbol_) => Outcome<object, Refusal>,
): FastifyReply {
  if (!asked.ok) return answer(reply, asked, () => undefined)
  const [symbol] = asked.value
  return answer(reply, found(symbol), (json) => json)
}

function entryOf(symbol: Symbol_, found: object | undefined): [string, object][] {
  return found === undefined ? [] : [[symbol, found]]
}
