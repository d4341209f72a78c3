import type { Bar } from '#domain/bars.ts'
import type { Side } from '#domain/order.ts'
import type { Trigger, WorkingOrder } from './account.ts'
import { auctionPrice, type FillModel, marketPrice, roundAgainst } from './fill-model.ts'
import { type Instruction, limitOf, type Pricing, type Trail } from './instruction.ts'

/** Where a bar lies in its day: with the opening or the closing auction, between them, or outside the session. */
export type Moment = 'opening' | 'regular' | 'closing' | 'extended'

/** What an order waits for when it is taken in at a last price of `price` USD per share. */
export function triggerOf({ pricing, side }: Instruction, price: number): Trigger {
  if (pricing.type === 'trailing_stop') return { kind: 'trailing', mark: price, stopPrice: behind(side, price, pricing.trail) }
  return 'stopPrice' in pricing ? { kind: 'armed', stopPrice: pricing.stopPrice } : { kind: 'none' }
}

/** Four decimals, as every price that executes; away from the mark, so that rounding never triggers. */
function behind(side: Side, mark: number, trail: Trail): number {
  const distance = trail.kind === 'price' ? trail.usd : (mark * trail.percent) / 100
  return roundAgainst(side, side === 'sell' ? mark - distance : mark + distance)
}

/** The trigger after `bar`, and the price at which the order could trade at the market in it; undefined while it waits. */
type Met = { readonly trigger: Trigger; readonly price: number | undefined }

/**
 * A stop is reached when the bar trades at it or beyond. The order then trades at the stop, or at the open when that is
 * already beyond. A trailing stop follows the bar's opening before it is compared and its best price only afterwards, since
 * nobody knows which of the two extremes came first.
 */
export function meet({ trigger, instruction: { side, pricing } }: WorkingOrder, bar: Bar): Met {
  if (trigger.kind === 'none' || trigger.kind === 'reached') return { trigger, price: bar.open }
  const mark = trigger.kind === 'trailing' ? better(side, trigger.mark, bar.open) : undefined
  const stopPrice = mark === undefined ? trigger.stopPrice : trailed(side, mark, pricing)
  const isReached = side === 'sell' ? bar.low <= stopPrice : bar.high >= stopPrice
  if (isReached) return { trigger: { kind: 'reached', mark, stopPrice }, price: worse(side, bar.open, stopPrice) }
  if (mark === undefined) return { trigger, price: undefined }
  const best = better(side, mark, side === 'sell' ? bar.high : bar.low)
  return { trigger: { kind: 'trailing', mark: best, stopPrice: trailed(side, best, pricing) }, price: undefined }
}

function trailed(side: Side, mark: number, pricing: Pricing): number {
  return pricing.type === 'trailing_stop' ? behind(side, mark, pricing.trail) : mark
}

/** The price further along in the direction that a stop of this side follows. */
function better(side: Side, a: number, b: number): number {
  return side === 'sell' ? Math.max(a, b) : Math.min(a, b)
}

function worse(side: Side, a: number, b: number): number {
  return side === 'sell' ? Math.min(a, b) : Math.max(a, b)
}

/**
 * The price at which `order`, having met `bar` at `price`, executes in it, or undefined when it does not, in USD per share.
 *
 * At the market: `price`, worsened by half the spread and slippage. A limit order gets that same price when its limit allows
 * it; otherwise exactly its limit, and only when the bar trades beyond it: a touch is not enough, since others may have been
 * in the queue before. So nothing is better than the open allows or worse than the limit. An immediate order has no second
 * chance within the bar, nor has a limit whose stop was reached in it. An auction order trades in its auction alone.
 */
export function executionPrice(
  order: WorkingOrder,
  bar: Bar,
  { model, moment, price }: { readonly model: FillModel; readonly moment: Moment; readonly price: number | undefined },
): number | undefined {
  const { timeInForce, side, pricing } = order.instruction
  if (timeInForce === 'opg' || timeInForce === 'cls') {
    if (moment !== (timeInForce === 'opg' ? 'opening' : 'closing')) return undefined
    return auctioned(order.instruction, timeInForce === 'opg' ? bar.open : bar.close, model)
  }
  if (price === undefined) return undefined
  const atMarket = marketPrice(side, price, model)
  const limit = limitOf(pricing)
  if (limit === undefined || isWithin(side, atMarket, limit)) return atMarket
  const isFirstLook = order.trigger.kind === 'armed' || timeInForce === 'ioc' || timeInForce === 'fok'
  const tradesThrough = side === 'buy' ? bar.low < limit : bar.high > limit
  return tradesThrough && !isFirstLook ? roundAgainst(side === 'buy' ? 'sell' : 'buy', limit) : undefined
}

function auctioned({ side, pricing }: Instruction, price: number, model: FillModel): number | undefined {
  const paid = auctionPrice(side, price, model)
  const limit = limitOf(pricing)
  if (limit === undefined || isWithin(side, paid, limit)) return paid
  return isWithin(side, price, limit) ? roundAgainst(side === 'buy' ? 'sell' : 'buy', limit) : undefined
}

function isWithin(side: Side, price: number, limit: number): boolean {
  return side === 'buy' ? price <= limit : price >= limit
}

/** Whether the bar's first price already executes `order`, whatever the bar does later. */
export function executesAtOpen({ instruction, trigger }: WorkingOrder, bar: Bar, model: FillModel): boolean {
  const { side, pricing } = instruction
  if (trigger.kind === 'armed') return side === 'sell' ? bar.open <= trigger.stopPrice : bar.open >= trigger.stopPrice
  const limit = limitOf(pricing)
  return limit === undefined || isWithin(side, marketPrice(side, bar.open, model), limit)
}
