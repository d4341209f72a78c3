import type { Side } from '#domain/order.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { type Account, remainingShares, sharesHeld, type WorkingOrder, workingIn } from './account.ts'
import { less, magnitudeOf, more, type NanoShares, NO_SHARES } from './shares.ts'

/** Unsigned shares of the position that no working order is about to take away; 0 without a position. */
export function availableShares(account: Account, symbol: Symbol_): NanoShares {
  const existing = sharesHeld(account, symbol)
  const free = less(magnitudeOf(existing), heldForOrders(account, symbol))
  return free > 0n ? free : NO_SHARES
}

/** Shares that working orders are about to take off the position. The two exits of a group take the same ones, which count once. */
export function heldForOrders(account: Account, symbol: Symbol_): NanoShares {
  return reducing(account, symbol).reduce((sum, order) => more(sum, remainingShares(order) ?? NO_SHARES), NO_SHARES)
}

/** Client ids of the orders that take shares off the position. */
export function reducingOrders(account: Account, symbol: Symbol_): readonly string[] {
  return reducing(account, symbol).map(({ instruction }) => instruction.clientOrderId)
}

function reducing(account: Account, symbol: Symbol_): readonly WorkingOrder[] {
  const closingSide = sharesHeld(account, symbol) > 0n ? 'sell' : 'buy'
  const orders = workingIn(account, symbol).filter((o) => o.instruction.side === closingSide && !o.isHeld)
  const isFirstOfGroup = ({ group }: WorkingOrder, i: number) =>
    group === undefined || orders.findIndex((o) => o.group?.id === group.id) === i
  return orders.filter(isFirstOfGroup)
}

/** Whether an order of this side would open a position or add to one; else it takes from one. */
export function opens(account: Account, { symbol, side }: { readonly symbol: Symbol_; readonly side: Side }): boolean {
  const held = sharesHeld(account, symbol)
  return held === 0n || held > 0n === (side === 'buy')
}
