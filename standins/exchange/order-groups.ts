import type { Ticket } from '#matching/instruction.ts'
import type { OrderBody } from './order-body.ts'
import { malformed, type Refusal, refusal } from './refusal.ts'

/** The first of Alpaca's rules about bracket, one-cancels-other and one-triggers-other orders that the form of `body` breaks. */
export function wronglyGrouped(body: OrderBody): Refusal | undefined {
  const { order_class: kind = '', take_profit: takeProfit, stop_loss: stopLoss } = body
  if (kind === 'mleg') return refusal(422, 'multi-leg orders are only available for options')
  if (kind === '' || kind === 'simple') {
    if (takeProfit === undefined && stopLoss === undefined) return undefined
    return malformed('simple orders must not have a take_profit or stop_loss')
  }
  return wronglyMember(body, kind) ?? lackingExits(body, kind) ?? (kind === 'oto' ? undefined : wrongWayRound(body))
}

type Kind = 'bracket' | 'oco' | 'oto'

function wronglyMember(body: OrderBody, kind: Kind): Refusal | undefined {
  const { time_in_force: time, extended_hours: isExtended, qty, type } = body
  if (time !== 'day' && time !== 'gtc') return refusal(422, `${kind} orders must be DAY or GTC orders`)
  if (isExtended) return refusal(422, `${kind} orders are not eligible for extended hours`)
  if (qty === undefined || !/^\d+(\.0+)?$/.test(qty)) return refusal(422, 'fractional orders must be simple orders')
  if (type === 'trailing_stop') return refusal(422, `${kind} orders must not be trailing stop orders`)
  return kind === 'oco' && type !== 'limit' ? refusal(422, 'oco orders must be limit orders') : undefined
}

function lackingExits(
  { take_profit: takeProfit, stop_loss: stopLoss, limit_price: limit }: OrderBody,
  kind: Kind,
): Refusal | undefined {
  const hasProfit = takeProfit?.limit_price !== undefined
  const hasStop = stopLoss?.stop_price !== undefined
  if (stopLoss !== undefined && !hasStop) return malformed('stop_loss.stop_price is required')
  if (takeProfit !== undefined && !hasProfit) return malformed('take_profit.limit_price is required')
  if (kind === 'bracket' && !(hasProfit && hasStop))
    return malformed('bracket orders require take_profit.limit_price and stop_loss.stop_price')
  if (kind === 'oco' && !(hasStop && (hasProfit || limit !== undefined)))
    return malformed('oco orders require a limit price and stop_loss.stop_price')
  return kind === 'oto' && hasProfit === hasStop ? malformed('oto orders require either take_profit or stop_loss') : undefined
}

/** Of a purchase the profit is taken above the stop, of a sale below; one-cancels-other orders are the exits themselves. */
function wrongWayRound(body: OrderBody): Refusal | undefined {
  const profit = Number(body.take_profit?.limit_price ?? body.limit_price)
  const stop = Number(body.stop_loss?.stop_price)
  const isProfitAbove = (body.side === 'buy') !== (body.order_class === 'oco')
  if (isProfitAbove ? profit > stop : profit < stop) return undefined
  return refusal(422, `take_profit.limit_price must be ${isProfitAbove ? '>' : '<'} stop_loss.stop_price`)
}

const PENNY = 0.01
/** Keeps 99.99 from being more than a penny away from 100 by the last bit of a double. */
const TOLERANCE = 1e-9

/** The refusal of a bracket or one-triggers-other whose exits are not a penny away from the price at which it begins, on their side. */
export function tooNear(ticket: Ticket, lastPrice: number): Refusal | undefined {
  if (ticket.kind !== 'bracket' && ticket.kind !== 'oto') return undefined
  const { pricing, side } = ticket.main
  const base = 'limitPrice' in pricing ? pricing.limitPrice : 'stopPrice' in pricing ? pricing.stopPrice : lastPrice
  for (const { role, instruction } of ticket.exits) {
    const isAbove = (role === 'take-profit') === (side === 'buy')
    const exit = instruction.pricing
    const price =
      role === 'stop-loss' && 'stopPrice' in exit ? exit.stopPrice : 'limitPrice' in exit ? exit.limitPrice : Number.NaN
    if (isAbove ? price >= base + PENNY - TOLERANCE : price <= base - PENNY + TOLERANCE) continue
    const name = role === 'take-profit' ? 'take_profit.limit_price' : 'stop_loss.stop_price'
    const words = `${name} must be ${isAbove ? '>= base_price + 0.01' : '<= base_price - 0.01'}`
    return refusal(422, words, { base_price: String(base) })
  }
  return undefined
}
