import type { OrderRequest, TimeInForce } from '#domain/order.ts'
import { type Outcome, ok, refuse } from '#domain/outcome.ts'
import type { EpochMs } from '#domain/units.ts'
import {
  type Account,
  buyingPower,
  NO_MONEY,
  type PriceOf,
  remainingShares,
  reservedValue,
  sharesHeld,
  type WorkingOrder,
} from './account.ts'
import type { FillModel } from './fill-model.ts'

/** Why an order is not taken. Money is in US dollars. */
export type OrderRefused =
  | { readonly kind: 'not-whole-shares'; readonly quantityShares: number }
  | { readonly kind: 'time-in-force-not-offered'; readonly timeInForce: TimeInForce }
  | { readonly kind: 'client-id-in-use'; readonly clientOrderId: string }
  | { readonly kind: 'opposite-order'; readonly clientOrderId: string }
  | {
      readonly kind: 'insufficient-shares'
      readonly requested: number
      readonly existing: number
      readonly held: number
      readonly available: number
    }
  | { readonly kind: 'not-shortable' }
  | { readonly kind: 'no-price' }
  | { readonly kind: 'insufficient-buying-power'; readonly needed: number; readonly available: number }

/** The circumstances under which an order arrives. */
export type AcceptanceTerms = {
  readonly at: EpochMs
  /** `at` in a session, else the next open. */
  readonly worksFrom: EpochMs
  /** When the order ends by itself; undefined for one that waits until cancelled. */
  readonly expiresAt: EpochMs | undefined
  readonly isShortable: boolean
  readonly priceOf: PriceOf
  readonly model: FillModel
}

/**
 * The account with `request` working in it, or why it is refused. It is checked once, here: an accepted order executes
 * whatever prices do until then. One order never turns a long position short or back: it is refused as at Alpaca.
 */
export function accept(
  account: Account,
  request: OrderRequest,
  terms: AcceptanceTerms,
): Outcome<{ readonly account: Account; readonly order: WorkingOrder }, OrderRefused> {
  const held = sharesHeld(account, request.symbol)
  const isOpening = held === 0 || held > 0 === (request.side === 'buy')
  const why =
    malformed(account, request) ?? (isOpening ? cannotOpen(account, request, terms) : cannotReduce(account, request, held))
  if (why) return refuse(why)
  const order: WorkingOrder = {
    request,
    acceptedAt: terms.at,
    worksFrom: terms.worksFrom,
    expiresAt: terms.expiresAt,
    isOpening,
    filledShares: 0,
    executions: 0,
    filledValue: NO_MONEY,
  }
  const working = new Map(account.working).set(request.symbol, [...workingIn(account, request), order])
  return ok({ account: { ...account, working }, order })
}

/** The account without the order of this client id, and the order as it was; undefined when it is not working. */
export function cancel(
  account: Account,
  clientOrderId: string,
): { readonly account: Account; readonly order: WorkingOrder } | undefined {
  for (const [symbol, orders] of account.working) {
    const order = orders.find((o) => o.request.clientOrderId === clientOrderId)
    if (!order) continue
    const working = new Map(account.working)
    const left = orders.filter((o) => o !== order)
    if (left.length === 0) working.delete(symbol)
    else working.set(symbol, left)
    return { account: { ...account, working }, order }
  }
  return undefined
}

function workingIn(account: Account, request: OrderRequest): readonly WorkingOrder[] {
  return account.working.get(request.symbol) ?? []
}

function malformed(account: Account, request: OrderRequest): OrderRefused | undefined {
  const { clientOrderId, quantityShares, timeInForce } = request
  if (!Number.isSafeInteger(quantityShares) || quantityShares <= 0) return { kind: 'not-whole-shares', quantityShares }
  if (timeInForce === 'opg' || timeInForce === 'cls') return { kind: 'time-in-force-not-offered', timeInForce }
  for (const orders of account.working.values()) {
    if (orders.some((o) => o.request.clientOrderId === clientOrderId)) return { kind: 'client-id-in-use', clientOrderId }
  }
  const opposite = workingIn(account, request).find((o) => couldTradeWith(o.request, request))
  return opposite && { kind: 'opposite-order', clientOrderId: opposite.request.clientOrderId }
}

/** Whether the two could trade with each other: opposite sides, unless both have limits that do not meet. */
function couldTradeWith(a: OrderRequest, b: OrderRequest): boolean {
  if (a.side === b.side) return false
  if (a.type === 'market' || b.type === 'market') return true
  const [buy, sell] = a.side === 'buy' ? [a, b] : [b, a]
  return buy.limitPrice >= sell.limitPrice
}

function cannotReduce(account: Account, request: OrderRequest, heldSigned: number): OrderRefused | undefined {
  const existing = Math.abs(heldSigned)
  const held = workingIn(account, request)
    .filter((o) => o.request.side === request.side)
    .reduce((sum, o) => sum + remainingShares(o), 0)
  const available = Math.max(0, existing - held)
  const requested = request.quantityShares
  return requested > available ? { kind: 'insufficient-shares', requested, existing, held, available } : undefined
}

function cannotOpen(account: Account, request: OrderRequest, terms: AcceptanceTerms): OrderRefused | undefined {
  if (request.side === 'sell' && !terms.isShortable) return { kind: 'not-shortable' }
  const price = terms.priceOf(request.symbol)
  if (price === undefined) return { kind: 'no-price' }
  const needed = reservedValue(request, request.quantityShares, price)
  const available = buyingPower(account, terms.priceOf, terms.model)
  return needed > available ? { kind: 'insufficient-buying-power', needed, available } : undefined
}
