import { moneyFrom } from '#domain/money.ts'
import type { Side } from '#domain/order.ts'
import { type Outcome, ok, refuse } from '#domain/outcome.ts'
import { type Symbol_, symbolFrom } from '#domain/symbol.ts'
import { NO_MONEY } from '#matching/account.ts'
import type { Exit, Instruction, Pricing, Size, Ticket } from '#matching/instruction.ts'
import { NO_SHARES, sharesIn } from '#matching/shares.ts'
import { uuidFrom } from './ids.ts'
import { OrderBody } from './order-body.ts'
import { wronglyFormed } from './order-rules.ts'
import { malformed, type Refusal } from './refusal.ts'
import { wordsOf } from './wrong-form.ts'

export type OrderAsked = { readonly ticket: Ticket; readonly intent: OrderBody['position_intent'] }

/**
 * The order that the body of `POST /v2/orders` asks for, or the rule of Alpaca's that it breaks. `nextClientId` names an
 * order whose sender did not; the exits of a group are named after their main order.
 */
export function orderAskedFor(body: unknown, nextClientId: () => string): Outcome<OrderAsked, Refusal> {
  const parsed = OrderBody.safeParse(body)
  if (!parsed.success) return refuse(malformed(`request body is not an order: ${wordsOf(parsed.error)}`))
  const { symbol: text, side } = parsed.data
  const symbol = symbolFrom(text)
  if (!symbol) return refuse(malformed(`invalid symbol ${text}`))
  if (side === undefined) return refuse(malformed('side is required'))
  const why = wronglyFormed(parsed.data)
  if (why) return refuse(why)
  const main = mainOf(parsed.data, { symbol, side, clientOrderId: parsed.data.client_order_id ?? nextClientId() })
  return ok({ ticket: ticketOf(parsed.data, main), intent: parsed.data.position_intent })
}

function mainOf(body: OrderBody, named: { symbol: Symbol_; side: Side; clientOrderId: string }): Instruction {
  return {
    ...named,
    size: sizeOf(body),
    pricing: pricingOf(body),
    timeInForce: body.time_in_force,
    isExtendedHours: body.extended_hours ?? false,
  }
}

function sizeOf({ qty, notional }: OrderBody): Size {
  if (notional !== undefined) return { kind: 'value', value: moneyFrom(notional) ?? NO_MONEY }
  return { kind: 'shares', shares: sharesIn(qty ?? '') ?? NO_SHARES }
}

function pricingOf(body: OrderBody): Pricing {
  const limitPrice = Number(
    body.take_profit?.limit_price !== undefined && body.order_class === 'oco' ? body.take_profit.limit_price : body.limit_price,
  )
  const stopPrice = Number(body.stop_price)
  switch (body.type) {
    case 'market':
      return { type: 'market' }
    case 'limit':
      return { type: 'limit', limitPrice }
    case 'stop':
      return { type: 'stop', stopPrice }
    case 'stop_limit':
      return { type: 'stop_limit', stopPrice, limitPrice }
    case 'trailing_stop':
      if (body.trail_price !== undefined)
        return { type: 'trailing_stop', trail: { kind: 'price', usd: Number(body.trail_price) } }
      return { type: 'trailing_stop', trail: { kind: 'percent', percent: Number(body.trail_percent) } }
    default:
      return body.type satisfies never
  }
}

function ticketOf(body: OrderBody, main: Instruction): Ticket {
  const kind = body.order_class
  const profit = body.take_profit?.limit_price
  const stop = body.stop_loss?.stop_price
  // The exits of a one-cancels-other sell as its main order does, those of the others the other way.
  const side = kind === 'oco' ? main.side : main.side === 'buy' ? 'sell' : 'buy'
  const exit = (role: Exit['role'], pricing: Pricing): Exit => ({
    role,
    instruction: { ...main, side, pricing, clientOrderId: uuidFrom('client order', main.clientOrderId, role) },
  })
  const takeProfit = exit('take-profit', { type: 'limit', limitPrice: Number(profit) })
  const stopLoss = exit('stop-loss', stopOf(Number(stop), body.stop_loss?.limit_price))
  if (kind === 'bracket') return { kind, main, exits: [takeProfit, stopLoss] }
  if (kind === 'oco') return { kind, main, exits: [stopLoss] }
  if (kind === 'oto') return { kind, main, exits: [profit === undefined ? stopLoss : takeProfit] }
  return { kind: 'simple', main }
}

function stopOf(stopPrice: number, limit: string | undefined): Pricing {
  return limit === undefined ? { type: 'stop', stopPrice } : { type: 'stop_limit', stopPrice, limitPrice: Number(limit) }
}
