import type { OrderRefused } from '#matching/accept.ts'

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
    case 'not-whole-shares':
      return refusal(
        422,
        `qty must be a whole number of shares above 0, got ${why.quantityShares}: fractional orders are not offered here`,
      )
    case 'time-in-force-not-offered':
      return refusal(422, `time_in_force ${why.timeInForce} is not offered here: use day, gtc or ioc`)
    case 'client-id-in-use':
      return malformed('client_order_id must be unique')
    case 'opposite-order':
      return refusal(403, 'potential wash trade detected. use complex orders', {
        existing_order_id: orderIdOf(why.clientOrderId),
        reject_reason: 'opposite side market/stop order exists',
      })
    case 'insufficient-shares':
      return refusal(403, `insufficient qty available for order (requested: ${why.requested}, available: ${why.available})`, {
        available: String(why.available),
        existing_qty: String(why.existing),
        held_for_orders: String(why.held),
        symbol,
      })
    case 'not-shortable':
      return refusal(422, `asset "${symbol}" cannot be sold short`)
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
