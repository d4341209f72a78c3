import { z } from 'zod'
import type { OrderRequest } from '#domain/order.ts'
import { type Outcome, ok, refuse } from '#domain/outcome.ts'
import { type Symbol_, symbolFrom } from '#domain/symbol.ts'
import type { Listing } from '#domain/tape.ts'
import { remainingShares, sharesHeld } from '#matching/account.ts'
import type { Exchange } from './exchange.ts'
import { uuidFrom } from './ids.ts'
import { isWorking, type OrderRecord } from './ledger.ts'
import { orderRequestFrom } from './order-request.ts'
import { type Refusal, refusal, refusalOf } from './refusal.ts'
import { assetIdOf } from './trading-json.ts'

/** Takes the order that `body` asks for, at the clock's now. */
export function placeOrder(exchange: Exchange, body: unknown): Outcome<OrderRecord, Refusal> {
  const request = orderRequestFrom(body, () => nextClientId(exchange))
  return request.ok ? place(exchange, request.value) : request
}

function place({ clock, ledger, listings }: Exchange, request: OrderRequest): Outcome<OrderRecord, Refusal> {
  if (!listings.has(request.symbol)) return refuse(refusal(422, `asset "${request.symbol}" not found`))
  const outcome = ledger.place(request, clock.now())
  return outcome.ok ? outcome : refuse(refusalOf(outcome.why, request.symbol, (clientId) => ledger.byClientId(clientId)?.id))
}

/** Orders are counted, so that one without a client id has the same in every run. */
function nextClientId({ accountId, ledger }: Exchange): string {
  return uuidFrom('client order', accountId, ledger.orders().length)
}

export function orderById({ ledger }: Exchange, id: string): Outcome<OrderRecord, Refusal> {
  const record = ledger.byId(id)
  return record ? ok(record) : refuse(refusal(404, `order not found for ${id}`))
}

export function orderByClientId({ ledger }: Exchange, clientOrderId: string): Outcome<OrderRecord, Refusal> {
  const record = ledger.byClientId(clientOrderId)
  return record ? ok(record) : refuse(refusal(404, `order not found for ${clientOrderId}`))
}

export function cancelOrder({ clock, ledger }: Exchange, id: string): Outcome<undefined, Refusal> {
  const answer = ledger.cancel(id, clock.now())
  if (answer === 'cancelled') return ok(undefined)
  if (answer === 'not-found') return refuse(refusal(404, `order not found for ${id}`))
  return refuse(refusal(422, `order is already in "${ledger.byId(id)?.status}" state`))
}

/** Cancels whatever works; what was cancelled. */
export function cancelAllOrders({ clock, ledger }: Exchange): readonly OrderRecord[] {
  const working = ledger.orders().filter(isWorking)
  for (const { id } of working) ledger.cancel(id, clock.now())
  return working.flatMap(({ id }) => ledger.byId(id) ?? [])
}

const ListQuery = z.object({
  status: z.enum(['open', 'closed', 'all']).default('open'),
  limit: z.coerce.number().int().min(1).max(500).default(50),
  after: z.coerce.date().optional(),
  until: z.coerce.date().optional(),
  direction: z.enum(['asc', 'desc']).default('desc'),
  symbols: z.string().optional(),
  side: z.enum(['buy', 'sell']).optional(),
})

/** The orders that a query asks for, newest first unless it says otherwise. */
export function listOrders({ ledger }: Exchange, query: unknown): Outcome<readonly OrderRecord[], Refusal> {
  const parsed = ListQuery.safeParse(query)
  if (!parsed.success) return refuse(refusal(422, z.prettifyError(parsed.error).replace(/\s+/g, ' ')))
  const { status, after, until, side, direction, limit } = parsed.data
  const symbols = parsed.data.symbols?.split(',')
  const isAsked = (record: OrderRecord) => {
    const { request, acceptedAt } = record.order
    if (status !== 'all' && isWorking(record) !== (status === 'open')) return false
    if (side && request.side !== side) return false
    if (symbols && !symbols.includes(request.symbol)) return false
    return (
      acceptedAt > (after?.getTime() ?? Number.NEGATIVE_INFINITY) && acceptedAt <= (until?.getTime() ?? Number.POSITIVE_INFINITY)
    )
  }
  const found = ledger.orders().filter(isAsked)
  return ok((direction === 'desc' ? found.reverse() : found).slice(0, limit))
}

/** A listing by its symbol or asset id. */
export function listingOf({ listings }: Exchange, symbolOrId: string): Listing | undefined {
  const symbol = symbolFrom(symbolOrId)
  const listing = symbol && listings.get(symbol)
  return listing ?? [...listings.values()].find((l) => assetIdOf(l.symbol) === symbolOrId)
}

/** Unsigned shares of the position that no working order is about to take away. */
export function availableShares({ ledger }: Exchange, symbol: Symbol_): number {
  const account = ledger.account()
  const leaving = (account.working.get(symbol) ?? []).filter((order) => !order.isOpening)
  return Math.max(0, Math.abs(sharesHeld(account, symbol)) - leaving.reduce((sum, order) => sum + remainingShares(order), 0))
}

const CloseQuery = z.object({
  qty: z.coerce.number().positive().optional(),
  percentage: z.coerce.number().gt(0).max(100).optional(),
})

/** Sends the market order that closes the position, or the part of it that the query names, in whole shares. */
export function closePosition(exchange: Exchange, symbolOrId: string, query: unknown): Outcome<OrderRecord, Refusal> {
  const listing = listingOf(exchange, symbolOrId)
  const held = listing ? sharesHeld(exchange.ledger.account(), listing.symbol) : 0
  if (!listing || held === 0) return refuse(refusal(404, 'position does not exist'))
  const parsed = CloseQuery.safeParse(query)
  if (!parsed.success) return refuse(refusal(422, 'qty must be above 0 and percentage within 0 and 100'))
  const { qty, percentage = 100 } = parsed.data
  return place(exchange, {
    clientOrderId: nextClientId(exchange),
    symbol: listing.symbol,
    side: held > 0 ? 'sell' : 'buy',
    quantityShares: qty ?? Math.floor((Math.abs(held) * percentage) / 100),
    timeInForce: 'day',
    type: 'market',
  })
}
