import { z } from 'zod'
import type { OrderRequest } from '#domain/order.ts'
import { type Outcome, ok, refuse } from '#domain/outcome.ts'
import { type Symbol_, symbolFrom } from '#domain/symbol.ts'
import { malformed, type Refusal, refusal } from './refusal.ts'

/** Clients send numbers as text or as numbers. */
const number = z
  .union([z.number(), z.string().regex(/^-?\d+(\.\d+)?$/)])
  .transform(Number)
  .nullish()

const Body = z.object({
  symbol: z.string(),
  side: z.enum(['buy', 'sell']),
  type: z.enum(['market', 'limit', 'stop', 'stop_limit', 'trailing_stop']),
  time_in_force: z.enum(['day', 'gtc', 'opg', 'cls', 'ioc', 'fok']),
  qty: number,
  notional: number,
  limit_price: number,
  extended_hours: z.boolean().nullish(),
  client_order_id: z.string().max(128).nullish(),
  order_class: z.string().nullish(),
})
type Body = z.infer<typeof Body>

/**
 * The order that the body of `POST /v2/orders` asks for. Market and limit orders over whole shares, for the day, until
 * cancelled or immediate; everything else that Alpaca offers is refused with a sentence that says so. `nextClientId`
 * names an order whose sender did not.
 */
export function orderRequestFrom(body: unknown, nextClientId: () => string): Outcome<OrderRequest, Refusal> {
  const parsed = Body.safeParse(body)
  if (!parsed.success)
    return refuse(malformed(`request body is not an order: ${z.prettifyError(parsed.error).replace(/\s+/g, ' ')}`))
  const symbol = symbolFrom(parsed.data.symbol)
  if (!symbol) return refuse(malformed(`invalid symbol ${parsed.data.symbol}`))
  const why = notOffered(parsed.data) ?? wronglyPriced(parsed.data)
  return why ? refuse(why) : requestOf(parsed.data, symbol, nextClientId)
}

function requestOf(body: Body, symbol: Symbol_, nextClientId: () => string): Outcome<OrderRequest, Refusal> {
  const { qty, side, time_in_force: timeInForce, limit_price: limitPrice } = body
  if (qty == null) return refuse(malformed('qty is required'))
  if (timeInForce === 'fok') return refuse(refusal(422, 'time_in_force fok is not offered here: use day, gtc or ioc'))
  const base = { clientOrderId: body.client_order_id ?? nextClientId(), symbol, side, quantityShares: qty, timeInForce }
  if (body.type === 'market') return ok({ ...base, type: 'market' })
  if (limitPrice == null) return refuse(malformed('limit orders require a limit price'))
  return ok({ ...base, type: 'limit', limitPrice })
}

function notOffered(body: Body): Refusal | undefined {
  if (body.notional != null) return refusal(422, 'notional orders are not offered here: give qty in whole shares')
  if (body.type !== 'market' && body.type !== 'limit')
    return refusal(422, `${body.type} orders are not offered here: use market or limit`)
  if (body.order_class && body.order_class !== 'simple')
    return refusal(422, `${body.order_class} orders are not offered here: use simple orders`)
  return body.extended_hours ? refusal(422, 'extended hours are not offered here: only regular sessions are replayed') : undefined
}

function wronglyPriced(body: Body): Refusal | undefined {
  if (body.limit_price == null) return undefined
  if (body.type === 'market') return refusal(422, 'market orders require no stop or limit price')
  if (body.limit_price <= 0) return refusal(422, 'limit_price must be above 0')
  const decimals = body.limit_price >= 1 ? 2 : 4
  if (isOnTick(body.limit_price, decimals)) return undefined
  return refusal(422, `invalid limit_price ${body.limit_price}. sub-penny increment does not fulfill minimum pricing criteria`)
}

/** Whether the price has no more than `decimals`, as far as a double can tell. */
function isOnTick(price: number, decimals: number): boolean {
  const ticks = price * 10 ** decimals
  return Math.abs(ticks - Math.round(ticks)) < 1e-6
}
