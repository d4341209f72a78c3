import type { FastifyInstance } from 'fastify'
import { answer } from './answer.route.ts'
import { barJson, barsPage, barsRequestFrom, symbolsFrom } from './bars-api.ts'
import type { Exchange } from './exchange.ts'
import { refusal } from './refusal.ts'

type BySymbol = { Params: { symbol: string } }
type BySymbols = { Querystring: { symbols?: string } }

/** Alpaca's market data API v2, bars only: history and the latest, never one that has not closed yet. */
export function serveMarketData(app: FastifyInstance, exchange: Exchange): void {
  const { clock, history, latest } = exchange

  app.get<BySymbols>('/v2/stocks/bars', async ({ query }, reply) => {
    const now = clock.now()
    const asked = barsRequestFrom(query.symbols ?? '', query, now)
    if (!asked.ok) return answer(reply, asked, () => undefined)
    const { bars, nextPageToken } = await barsPage(history, asked.value, now)
    const bySymbol = Object.fromEntries([...bars].map(([symbol, found]) => [symbol, found.map(barJson)]))
    return reply.send({ bars: bySymbol, next_page_token: nextPageToken })
  })
  app.get<BySymbol>('/v2/stocks/:symbol/bars', async ({ params, query }, reply) => {
    const now = clock.now()
    const asked = barsRequestFrom(params.symbol, query, now)
    if (!asked.ok) return answer(reply, asked, () => undefined)
    const { bars, nextPageToken } = await barsPage(history, asked.value, now)
    const [symbol] = asked.value.symbols
    return reply.send({ bars: (bars.get(symbol) ?? []).map(barJson), symbol, next_page_token: nextPageToken })
  })
  app.get<BySymbols>('/v2/stocks/bars/latest', ({ query }, reply) =>
    answer(reply, symbolsFrom(query.symbols ?? ''), (symbols) => {
      const found = symbols.flatMap((symbol) => latest.barOf(symbol) ?? [])
      return { bars: Object.fromEntries(found.map((bar) => [bar.symbol, barJson(bar)])) }
    }),
  )
  app.get<BySymbol>('/v2/stocks/:symbol/bars/latest', ({ params }, reply) => {
    const symbols = symbolsFrom(params.symbol)
    if (!symbols.ok) return answer(reply, symbols, () => undefined)
    const [symbol] = symbols.value
    const bar = latest.barOf(symbol)
    if (bar) return reply.send({ symbol, bar: barJson(bar) })
    const { status, body } = refusal(404, `no bar found for ${symbol}`)
    return reply.code(status).send(body)
  })
}
