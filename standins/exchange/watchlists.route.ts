import type { FastifyInstance } from 'fastify'
import { answer } from './answer.route.ts'
import type { Exchange } from './exchange.ts'
import { createWatchlists, type Watchlist, type WatchlistKey, watchlistJson } from './watchlists.ts'

type ById = { Params: { id: string } }
type ByName = { Querystring: { name?: string } }

/** Alpaca's watchlists, by id and, with a literal colon, by name. */
export function serveWatchlists(app: FastifyInstance, exchange: Exchange): void {
  const lists = createWatchlists(exchange)
  const shown = (list: Watchlist) => watchlistJson(exchange, list, true)
  app.get('/v2/watchlists', (_, reply) => reply.send(lists.all().map((list) => watchlistJson(exchange, list, false))))
  app.post('/v2/watchlists', ({ body }, reply) => answer(reply, lists.create(body), shown))

  app.get<ById>('/v2/watchlists/:id', ({ params }, reply) => answer(reply, lists.find(byId(params.id)), shown))
  app.put<ById>('/v2/watchlists/:id', ({ params, body }, reply) => answer(reply, lists.rewrite(byId(params.id), body), shown))
  app.post<ById>('/v2/watchlists/:id', ({ params, body }, reply) => answer(reply, lists.add(byId(params.id), body), shown))
  app.delete<ById>('/v2/watchlists/:id', ({ params }, reply) => {
    const outcome = lists.remove(byId(params.id))
    return outcome.ok ? reply.code(204).send() : answer(reply, outcome, () => undefined)
  })
  app.delete<{ Params: { id: string; symbol: string } }>('/v2/watchlists/:id/:symbol', ({ params }, reply) =>
    answer(reply, lists.take(byId(params.id), params.symbol), shown),
  )

  app.get<ByName>('/v2/watchlists::by_name', ({ query }, reply) => answer(reply, lists.find(byName(query.name)), shown))
  app.put<ByName>('/v2/watchlists::by_name', ({ query, body }, reply) =>
    answer(reply, lists.rewrite(byName(query.name), body), shown),
  )
  app.post<ByName>('/v2/watchlists::by_name', ({ query, body }, reply) =>
    answer(reply, lists.add(byName(query.name), body), shown),
  )
  app.delete<ByName>('/v2/watchlists::by_name', ({ query }, reply) => {
    const outcome = lists.remove(byName(query.name))
    return outcome.ok ? reply.code(204).send() : answer(reply, outcome, () => undefined)
  })
}

function byId(value: string): WatchlistKey {
  return { kind: 'id', value }
}

function byName(value: string | undefined): WatchlistKey {
  return { kind: 'name', value }
}
