import type { MicroUsd } from '#domain/money.ts'
import type { OrderRequest, Side, TimeInForce } from '#domain/order.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { type NanoShares, nanoShares } from './shares.ts'

/** How far a trailing stop stays behind the best price since it was taken in: US dollars, or per cent of that price. */
export type Trail = { readonly kind: 'price'; readonly usd: number } | { readonly kind: 'percent'; readonly percent: number }

/** What decides at which price an order executes. Prices are in USD per share. */
export type Pricing =
  | { readonly type: 'market' }
  | { readonly type: 'limit'; readonly limitPrice: number }
  | { readonly type: 'stop'; readonly stopPrice: number }
  | { readonly type: 'stop_limit'; readonly stopPrice: number; readonly limitPrice: number }
  | { readonly type: 'trailing_stop'; readonly trail: Trail }

/** How much is asked for: shares, or as many as the money buys. Both positive. */
export type Size = { readonly kind: 'shares'; readonly shares: NanoShares } | { readonly kind: 'value'; readonly value: MicroUsd }

/** One order as the exchange takes it. The product's `OrderRequest` is the special case that `instructionFrom` makes. */
export type Instruction = {
  readonly clientOrderId: string
  readonly symbol: Symbol_
  readonly side: Side
  readonly size: Size
  readonly pricing: Pricing
  readonly timeInForce: TimeInForce | 'fok'
  /** Whether it may also execute before the open and after the close. */
  readonly isExtendedHours: boolean
}

/** What an order of a group is to the others: the main one, or one of the two that end what it began. */
export type Role = 'main' | 'take-profit' | 'stop-loss'
export type Exit = { readonly role: 'take-profit' | 'stop-loss'; readonly instruction: Instruction }

/**
 * What one request asks for: an order, or a group of them. Bracket and one-triggers-other: the exits wait until the main
 * order has filled whole. One-cancels-other: the main order, a take-profit, and its stop-loss work from the beginning.
 */
export type Ticket =
  | { readonly kind: 'simple'; readonly main: Instruction }
  | { readonly kind: 'bracket'; readonly main: Instruction; readonly exits: readonly [Exit, Exit] }
  | { readonly kind: 'oto' | 'oco'; readonly main: Instruction; readonly exits: readonly [Exit] }

export type GroupKind = Exclude<Ticket['kind'], 'simple'>

/** The product's order as an instruction: whole shares, at the market or a limit, in regular hours. */
export function instructionFrom(request: OrderRequest): Instruction {
  const { clientOrderId, symbol, side, timeInForce } = request
  return {
    clientOrderId,
    symbol,
    side,
    timeInForce,
    size: { kind: 'shares', shares: nanoShares(request.quantityShares) },
    pricing: request.type === 'market' ? { type: 'market' } : { type: 'limit', limitPrice: request.limitPrice },
    isExtendedHours: false,
  }
}

/** The orders of a ticket, the main one first. */
export function instructionsOf(ticket: Ticket): readonly Instruction[] {
  return ticket.kind === 'simple' ? [ticket.main] : [ticket.main, ...ticket.exits.map(({ instruction }) => instruction)]
}

/** The limit in USD per share, of the types that have one. */
export function limitOf(pricing: Pricing): number | undefined {
  return 'limitPrice' in pricing ? pricing.limitPrice : undefined
}
