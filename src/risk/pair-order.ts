import type { Book } from '#domain/book.ts'
import { filledSharesOf, isFinal, type OrderState, type Side } from '#domain/order.ts'
import type { Pair } from '#domain/pair.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import type { EpochMs } from '#domain/units.ts'
import type { Leg } from '#portfolio/portfolio.ts'

/** What is to be traded of one leg. */
export type OrderLeg = {
  readonly leg: Leg
  readonly symbol: Symbol_
  readonly side: Side
  /** Whole shares, positive. */
  readonly quantityShares: number
  /** The symbol's last price at the decision, in USD: what slippage is measured from. */
  readonly referencePrice: number
}

/** Both legs of a pair as one order. Leaving a pair of which one leg alone is left has one leg. */
export type PairOrder = {
  readonly decisionId: string
  readonly signalId: string
  readonly signalZ: number | undefined
  readonly book: Book
  readonly at: EpochMs
  readonly pair: Pair
  readonly purpose: 'enter' | 'exit'
  readonly legs: readonly OrderLeg[]
}

/** What is still to come of an order that is not final. */
export type PendingOrder = {
  readonly pair: Pair
  readonly symbol: Symbol_
  readonly side: Side
  readonly remainingShares: number
  readonly referencePrice: number
  readonly purpose: 'enter' | 'exit' | 'unwind'
}

type SentOrder = Omit<PendingOrder, 'remainingShares'> & { readonly quantityShares: number; readonly state: OrderState }

/** The orders that may still fill, with what is left of each. */
export function pendingAmong(orders: readonly SentOrder[]): PendingOrder[] {
  return orders
    .filter(({ state }) => !isFinal(state))
    .map(({ pair, symbol, side, quantityShares, state, referencePrice, purpose }) => ({
      pair,
      symbol,
      side,
      remainingShares: quantityShares - filledSharesOf(state),
      referencePrice,
      purpose,
    }))
}

/** The orders that `order` is about to become. */
export function pendingOf({ pair, purpose, legs }: PairOrder): PendingOrder[] {
  return legs.map(({ symbol, side, quantityShares, referencePrice }) => ({
    pair,
    symbol,
    side,
    remainingShares: quantityShares,
    referencePrice,
    purpose,
  }))
}
