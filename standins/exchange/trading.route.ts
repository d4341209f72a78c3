import type { FastifyInstance } from 'fastify'
import { accountAnswer, assetAnswer, assetsAnswer, positionAnswer, positionsAnswer } from './account-api.ts'
import { activitiesAnswer } from './activities.ts'
import { answer } from './answer.route.ts'
import { calendarAnswer, clockAnswer, marketCalendarAnswer, marketClocksAnswer } from './calendar-api.ts'
import { closeAllPositions, closePosition } from './closing-api.ts'
import type { Exchange } from './exchange.ts'
import { orderJson, placedJson } from './order-json.ts'
import { listOrders } from './order-list.ts'
import type { OrderRecord } from './order-record.ts'
import { cancelAllOrders, cancelOrder, orderByClientId, orderById, placeOrder } from './orders-api.ts'
import { portfolioHistoryAnswer } from './portfolio-history.ts'
import { malformed } from './refusal.ts'
import { replaceOrder } from './replace-api.ts'
import { serveWatchlists } from './watchlists.route.ts'

type ByQuery = { Querystring: Record<string, string | undefined> }
type ById = { Params: { id: string } } & ByQuery

/** Alpaca's trading API v2 for equities. */
export function serveTrading(app: FastifyInstance, exchange: Exchange): void {
  serveOrders(app, exchange)
  servePositions(app, exchange)
  serveAccount(app, exchange)
  serveReference(app, exchange)
  serveWatchlists(app, exchange)
}

function isTrue(text: string | undefined): boolean {
  return text?.toLowerCase() === 'true'
}

function serveOrders(app: FastifyInstance, exchange: Exchange): void {
  const { ledger } = exchange
  const withLegs = (record: OrderRecord) => orderJson(record, ledger.legsOf(record))
  const placed = (record: OrderRecord) => placedJson(record, ledger.legsOf(record))
  app.post('/v2/orders', (request, reply) => answer(reply, placeOrder(exchange, request.body), placed))
  app.get('/v2/orders', ({ query }, reply) =>
    answer(reply, listOrders(exchange, query), ({ records, isNested }) =>
      records.map((record) => (isNested ? withLegs(record) : orderJson(record))),
    ),
  )
  app.delete('/v2/orders', (_, reply) =>
    reply.code(207).send(cancelAllOrders(exchange).map((record) => ({ id: record.id, status: 200, body: orderJson(record) }))),
  )
  app.get<ById>('/v2/orders/:id', ({ params, query }, reply) =>
    answer(reply, orderById(exchange, params.id), isTrue(query.nested) ? withLegs : (record) => orderJson(record)),
  )
  app.patch<ById>('/v2/orders/:id', ({ params, body }, reply) =>
    answer(reply, replaceOrder(exchange, params.id, body), (record) => placedJson(record, ledger.legsOf(record))),
  )
  app.delete<ById>('/v2/orders/:id', ({ params }, reply) => {
    const outcome = cancelOrder(exchange, params.id)
    return outcome.ok ? reply.code(204).send() : answer(reply, outcome, () => undefined)
  })
  // A doubled colon is a literal one.
  app.get<ByQuery>('/v2/orders::by_client_order_id', ({ query }, reply) => {
    const clientOrderId = query.client_order_id
    const outcome = clientOrderId
      ? orderByClientId(exchange, clientOrderId)
      : { ok: false as const, why: malformed('client_order_id is required') }
    return answer(reply, outcome, (record) => orderJson(record))
  })
}

function servePositions(app: FastifyInstance, exchange: Exchange): void {
  app.get('/v2/positions', (_, reply) => reply.send(positionsAnswer(exchange)))
  app.delete<ByQuery>('/v2/positions', ({ query }, reply) => {
    const closings = closeAllPositions(exchange, isTrue(query.cancel_orders)).map(({ symbol, outcome }) =>
      outcome.ok
        ? { symbol, status: 200, body: placedJson(outcome.value, []) }
        : { symbol, status: outcome.why.status, body: outcome.why.body },
    )
    return reply.code(207).send(closings)
  })
  app.get<ById>('/v2/positions/:id', ({ params }, reply) => answer(reply, positionAnswer(exchange, params.id), (found) => found))
  app.delete<ById>('/v2/positions/:id', ({ params, query }, reply) =>
    answer(reply, closePosition(exchange, params.id, query), (record) => placedJson(record, [])),
  )
}

function serveAccount(app: FastifyInstance, exchange: Exchange): void {
  const { configurations } = exchange
  app.get('/v2/account', (_, reply) => reply.send(accountAnswer(exchange)))
  app.get('/v2/account/configurations', (_, reply) => reply.send(configurations.shown()))
  app.patch('/v2/account/configurations', ({ body }, reply) => answer(reply, configurations.change(body), (shown) => shown))
  app.get('/v2/account/portfolio/history', ({ query }, reply) =>
    answer(reply, portfolioHistoryAnswer(exchange, query), (series) => series),
  )
  app.get('/v2/account/activities', ({ query }, reply) => answer(reply, activitiesAnswer(exchange, query), (found) => found))
  app.get<ByQuery & { Params: { type: string } }>('/v2/account/activities/:type', ({ params, query }, reply) =>
    answer(reply, activitiesAnswer(exchange, { ...query, activity_types: params.type }), (found) => found),
  )
}

function serveReference(app: FastifyInstance, exchange: Exchange): void {
  app.get('/v2/clock', (_, reply) => reply.send(clockAnswer(exchange)))
  app.get('/v2/calendar', ({ query }, reply) => answer(reply, calendarAnswer(exchange, query), (days) => days))
  app.get<ByQuery>('/v3/clock', ({ query }, reply) => reply.send(marketClocksAnswer(exchange, query)))
  app.get<{ Params: { market: string } }>('/v3/calendar/:market', ({ params, query }, reply) =>
    answer(reply, marketCalendarAnswer(exchange, params.market, query), (calendar) => calendar),
  )
  app.get<ByQuery>('/v2/assets', ({ query }, reply) => answer(reply, assetsAnswer(exchange, query), (assets) => assets))
  app.get<ById>('/v2/assets/:id', ({ params }, reply) => answer(reply, assetAnswer(exchange, params.id), (asset) => asset))
}
