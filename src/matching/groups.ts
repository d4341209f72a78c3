import type { EpochMs } from '#domain/units.ts'
import { type Account, remainingShares, type WorkingOrder, withOrder, withoutOrder, workingIn } from './account.ts'
import { availableShares } from './availability.ts'
import { type Matched, type OrderMatched, unmoved } from './order-event.ts'
import { fewer, more, type NanoShares, NO_SHARES } from './shares.ts'

/** The working orders that came with `order`, itself left out. */
function companionsOf(account: Account, { group, instruction }: WorkingOrder): readonly WorkingOrder[] {
  if (group === undefined) return []
  const { symbol, clientOrderId } = instruction
  return workingIn(account, symbol).filter((o) => o.group?.id === group.id && o.instruction.clientOrderId !== clientOrderId)
}

/** Whether `order` waits for nobody but ends what another began: an exit, or the take-profit that leads a one-cancels-other. */
function isExit({ group }: WorkingOrder): boolean {
  return group !== undefined && (group.role !== 'main' || group.kind === 'oco')
}

/**
 * What the companions of `order` do once it has filled, in part or whole. A main order that is done wakes its exits, for the
 * shares that are there to be closed. An exit that is done ends the other; one that has begun takes the same number off it.
 */
export function afterFill(
  account: Account,
  order: WorkingOrder,
  { at, isComplete }: { readonly at: EpochMs; readonly isComplete: boolean },
): Matched {
  const companions = companionsOf(account, order)
  if (companions.length === 0) return unmoved(account)
  if (isExit(order)) {
    if (isComplete) return cancelled(account, companions, at)
    const left = remainingShares(order) ?? NO_SHARES
    return changed(account, companions, (o) => ({ kind: 'resized', at, order: sized(o, more(o.filled, left)) }))
  }
  if (!isComplete) return unmoved(account)
  const shares = fewer(order.filled, availableShares(account, order.instruction.symbol))
  if (shares === NO_SHARES) return cancelled(account, companions, at)
  return changed(account, companions, (o) => ({
    kind: 'activated',
    at,
    order: { ...sized(o, shares), isHeld: false, isOpening: false, worksFrom: at },
  }))
}

/** What the companions of `order` do once it has been cancelled or has expired: they end as well. */
export function afterEnd(account: Account, order: WorkingOrder, at: EpochMs): Matched {
  return cancelled(account, companionsOf(account, order), at)
}

function sized(order: WorkingOrder, shares: NanoShares): WorkingOrder {
  return { ...order, most: shares, instruction: { ...order.instruction, size: { kind: 'shares', shares } } }
}

function cancelled(account: Account, orders: readonly WorkingOrder[], at: EpochMs): Matched {
  return {
    account: orders.reduce((before, { instruction }) => withoutOrder(before, instruction), account),
    events: orders.map((order): OrderMatched => ({ kind: 'cancelled', at, order })),
  }
}

function changed(account: Account, orders: readonly WorkingOrder[], change: (order: WorkingOrder) => OrderMatched): Matched {
  const events = orders.map(change)
  return { account: events.reduce((before, { order }) => withOrder(before, order), account), events }
}
