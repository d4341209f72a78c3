import type { OrderRefused } from '#matching/refused.ts'
import { decimalShares, nanoShares } from '#matching/shares.ts'

/** An answer that says no, as Alpaca says it: the body's code is the status with a detail behind it. */
export type Refusal = {
  readonly kind: 'refusal'
  readonly status: number
  readonly body: { readonly code: number; readonly message: string } & Readonly<Record<string, unknown>>
}

export function refusal(status: number, message: string, more: Readonly<Record<string, unknown>> = {}): Refusal {
  return { kind: 'refusal', status, body: { code: status * 100_000 + 10_000, message, ...more } }
}

/** 422 for a request whose form is wrong, which Alpaca tells apart from a well-formed order that it does not take. */
export function malformed(message: string): Refusal {
  return { kind: 'refusal', status: 422, body: { code: 40_010_001, message } }
}

/** What the trading API answers to an order that the account does not take. `orderIdOf` turns a client id into ours. */
export function refusalOf(why: OrderRefused, symbol: string, orderIdOf: (clientOrderId: string) => string | undefined): Refusal {
  switch (why.kind) {
    case 'not-positive':
      return malformed(`qty must be > 0, got ${sharesText(why.quantity)}`)
    case 'trading-suspended':
      return refusal(403, 'new orders are rejected by user request')
    case 'fractional-refused':
      return refusal(403, 'account is not configured for fractional trading')
    case 'client-id-in-use':
      return malformed('client_order_id must be unique')
    case 'opposite-order':
      return refusal(403, 'potential wash trade detected. use complex orders', {
        existing_order_id: orderIdOf(why.clientOrderId),
        reject_reason: 'opposite side market/stop order exists',
      })
    case 'insufficient-shares':
      return refusal(
        403,
        `insufficient qty available for order (requested: ${sharesText(why.requested)}, available: ${sharesText(why.available)})`,
        {
          available: sharesText(why.available),
          existing_qty: sharesText(why.existing),
          held_for_orders: sharesText(why.held),
          related_orders: why.heldBy.flatMap((clientOrderId) => orderIdOf(clientOrderId) ?? []),
          symbol,
        },
      )
    case 'shorting-refused':
      return refusal(403, 'account is not allowed to short')
    case 'not-shortable':
      return refusal(422, `asset "${symbol}" cannot be sold short`)
    case 'fractional-short':
      return refusal(422, 'fractional orders cannot be sold short')
    case 'borrow-exhausted':
      return refusal(403, `insufficient shares of "${symbol}" available to borrow`, {
        available: sharesText(why.available),
        symbol,
      })
    case 'day-trading':
      return refusal(403, 'trade denied due to pattern day trading protection', { daytrade_count: why.dayTrades })
    case 'no-price':
      return refusal(422, `no price of ${symbol} is known yet: wait for its first bar`)
    case 'insufficient-buying-power':
      return refusal(403, 'insufficient buying power', {
        buying_power: why.available.toFixed(2),
        cost_basis: why.needed.toFixed(2),
      })
    default:
      return why satisfies never
  }
}

/** Decimal text without an exponent. */
function sharesText(shares: number): string {
  return decimalShares(nanoShares(shares))
}
