import type { FastifyInstance } from 'fastify'
import {
  accountAnswer,
  calendarAnswer,
  clockAnswer,
  configurationAnswer,
  executionsAsked,
  portfolioHistoryAnswer,
  positionAnswer,
  positionsAnswer,
} from './account-api.ts'
import { answer } from './answer.route.ts'
import type { Exchange } from './exchange.ts'
import type { OrderRecord } from './ledger.ts'
import {
  cancelAllOrders,
  cancelOrder,
  closePosition,
  listingOf,
  listOrders,
  orderByClientId,
  orderById,
  placeOrder,
} from './orders-api.ts'
import { malformed, refusal } from './refusal.ts'
import { assetJson, fillActivityJson, orderJson } from './trading-json.ts'

type ById = { Params: { id: string } }
type ByQuery = { Querystring: Record<string, string | undefined> }

/** Alpaca answers a new order before it has told its event, so the answer says `pending_new`. */
function placedJson(record: OrderRecord): object {
  return record.status === 'new' ? { ...orderJson(record), status: 'pending_new' } : orderJson(record)
}

/** Alpaca's trading API v2, as far as the exchange offers it. */
export function serveTrading(app: FastifyInstance, exchange: Exchange): void {
  serveOrders(app, exchange)
  servePositions(app, exchange)
  serveAccount(app, exchange)
  serveReference(app, exchange)
}

function serveOrders(app: FastifyInstance, exchange: Exchange): void {
  app.post('/v2/orders', (request, reply) => answer(reply, placeOrder(exchange, request.body), placedJson))
  app.get('/v2/orders', (request, reply) => answer(reply, listOrders(exchange, request.query), (found) => found.map(orderJson)))
  app.delete('/v2/orders', (_, reply) =>
    reply.code(207).send(cancelAllOrders(exchange).map((record) => ({ id: record.id, status: 200, body: orderJson(record) }))),
  )
  app.get<ById>('/v2/orders/:id', ({ params }, reply) => answer(reply, orderById(exchange, params.id), orderJson))
  app.delete<ById>('/v2/orders/:id', ({ params }, reply) => {
    const outcome = cancelOrder(exchange, params.id)
    return outcome.ok ? reply.code(204).send() : answer(reply, outcome, () => undefined)
  })
  app.patch('/v2/orders/:id', (_, reply) => {
    const { status, body } = refusal(422, 'replacing orders is not offered here: cancel the order and send another')
    return reply.code(status).send(body)
  })
  // A doubled colon is a literal one.
  app.get<ByQuery>('/v2/orders::by_client_order_id', ({ query }, reply) => {
    const clientOrderId = query.client_order_id
    const outcome = clientOrderId
      ? orderByClientId(exchange, clientOrderId)
      : { ok: false as const, why: malformed('client_order_id is required') }
    return answer(reply, outcome, orderJson)
  })
}

function servePositions(app: FastifyInstance, exchange: Exchange): void {
  app.get('/v2/positions', (_, reply) => reply.send(positionsAnswer(exchange)))
  app.delete<ByQuery>('/v2/positions', ({ query }, reply) => {
    if (query.cancel_orders?.toLowerCase() === 'true') cancelAllOrders(exchange)
    const closing = [...exchange.ledger.account().positions.keys()].sort().map((symbol) => {
      const outcome = closePosition(exchange, symbol, {})
      return outcome.ok
        ? { symbol, status: 200, body: placedJson(outcome.value) }
        : { symbol, status: outcome.why.status, body: outcome.why.body }
    })
    return reply.code(207).send(closing)
  })
  app.get<ById>('/v2/positions/:id', ({ params }, reply) => answer(reply, positionAnswer(exchange, params.id), (found) => found))
  app.delete<ById>('/v2/positions/:id', ({ params, query }, reply) =>
    answer(reply, closePosition(exchange, params.id, query), placedJson),
  )
}

function serveAccount(app: FastifyInstance, exchange: Exchange): void {
  app.get('/v2/account', (_, reply) => reply.send(accountAnswer(exchange)))
  app.get('/v2/account/configurations', (_, reply) => reply.send(configurationAnswer(exchange)))
  app.get('/v2/account/portfolio/history', ({ query }, reply) =>
    answer(reply, portfolioHistoryAnswer(exchange, query), (series) => series),
  )
  app.get('/v2/account/activities', ({ query }, reply) =>
    answer(reply, executionsAsked(exchange, query), (found) => found.map(fillActivityJson)),
  )
  app.get<ByQuery & { Params: { type: string } }>('/v2/account/activities/:type', ({ params, query }, reply) =>
    answer(reply, executionsAsked(exchange, { ...query, activity_types: params.type }), (found) => found.map(fillActivityJson)),
  )
}

function serveReference(app: FastifyInstance, exchange: Exchange): void {
  app.get('/v2/clock', (_, reply) => reply.send(clockAnswer(exchange)))
  app.get('/v2/calendar', ({ query }, reply) => answer(reply, calendarAnswer(exchange, query), (days) => days))
  app.get<ByQuery>('/v2/assets', ({ query }, reply) => {
    const isOffered = (query.status ?? 'active') === 'active' && (query.asset_class ?? 'us_equity') === 'us_equity'
    const listed = [...exchange.listings.values()].filter((l) => query.exchange === undefined || l.exchange === query.exchange)
    return reply.send(isOffered ? listed.map(assetJson) : [])
  })
  app.get<ById>('/v2/assets/:id', ({ params }, reply) => {
    const listing = listingOf(exchange, params.id)
    if (listing) return reply.send(assetJson(listing))
    const { status, body } = refusal(404, `asset not found for ${params.id}`)
    return reply.code(status).send(body)
  })
}
