import { createHash } from 'node:crypto'
import type { Book } from '#domain/book.ts'
import type { OrderRequest, Side } from '#domain/order.ts'
import type { Pair } from '#domain/pair.ts'
import type { EpochMs } from '#domain/units.ts'
import type { Leg } from '#portfolio/portfolio.ts'
import type { Approved } from '#risk/assess.ts'
import type { PairOrder } from '#risk/pair-order.ts'

/** An order with its cause, as it is written down before it is sent. */
export type IntendedOrder = OrderRequest & {
  readonly book: Book
  readonly decisionId: string
  readonly signalId: string
  readonly signalZ: number | undefined
  readonly at: EpochMs
  readonly pair: Pair
  readonly leg: Leg
  readonly purpose: 'enter' | 'exit' | 'unwind'
  /** The symbol's last price at the decision, in USD. */
  readonly referencePrice: number
}

/** What an order's client id derives from. `flowKey` names the durable run that trades, so that no other run repeats its ids. */
export type OrderCause = { readonly book: Book; readonly flowKey: string; readonly signalId: string; readonly leg: Leg }

/**
 * The orders of an approved pair order, y first: at the market, good for the day. The same approval in the same flow gives
 * the same client ids, so that a run which goes on after a crash asks for the same orders, not for more.
 */
export function intend(approved: Approved<PairOrder>, flowKey: string): IntendedOrder[] {
  const { legs, ...cause } = approved
  return legs.map((leg) => ({
    ...cause,
    ...leg,
    clientOrderId: clientOrderIdOf({ book: cause.book, flowKey, signalId: cause.signalId, leg: leg.leg }),
    type: 'market',
    timeInForce: 'day',
  }))
}

/** 43 characters; Alpaca allows 128. */
export function clientOrderIdOf({ book, flowKey, signalId, leg }: OrderCause): string {
  return derivedId(`order\n${book}\n${flowKey}\n${signalId}\n${leg}`)
}

/** The client id of a leg's `attempt`-th order after `first`, counted from 1: what unwinds it, or tries it again. */
export function followUpIdOf(first: string, attempt: number): string {
  return derivedId(`follow-up\n${first}\n${attempt}`)
}

/** `first`'s leg again: `quantityShares` on `side`, decided at `at`. */
export function followUp(
  first: IntendedOrder,
  wanted: { readonly attempt: number; readonly side: Side; readonly quantityShares: number; readonly at: EpochMs },
): IntendedOrder {
  const { attempt, ...changes } = wanted
  const purpose = first.purpose === 'exit' ? 'exit' : 'unwind'
  return { ...first, ...changes, purpose, clientOrderId: followUpIdOf(first.clientOrderId, attempt) }
}

function derivedId(cause: string): string {
  return `sw-${createHash('sha256').update(cause).digest('hex').slice(0, 40)}`
}
