import type { EpochMs } from '#domain/units.ts'
import type { WorkingOrder } from '#matching/account.ts'
import type { NanoShares } from '#matching/shares.ts'

export type OrderStatus =
  | 'accepted'
  | 'new'
  | 'held'
  | 'stopped'
  | 'partially_filled'
  | 'pending_cancel'
  | 'done_for_day'
  | 'filled'
  | 'canceled'
  | 'expired'
  | 'replaced'
  | 'rejected'

/** An order as the exchange remembers it, working or not. Ids are the exchange's own. */
export type OrderRecord = {
  readonly id: string
  readonly order: WorkingOrder
  readonly status: OrderStatus
  readonly updatedAt: EpochMs
  readonly replaces: string | undefined
  readonly replacedBy: string | undefined
  /** Of the group's main order, which leads it; undefined for that one and for orders of no group. */
  readonly leaderId: string | undefined
}

/** One execution. `record` is as it was right after it. */
export type Execution = {
  readonly id: string
  readonly record: OrderRecord
  readonly at: EpochMs
  readonly quantity: NanoShares
  readonly price: number
  readonly position: NanoShares
}

/** Events that only a full account of an order's life tells; a brief one leaves them out, as Alpaca mostly does. */
export type PassingEvent = 'pending_new' | 'accepted' | 'pending_cancel' | 'pending_replace' | 'stopped' | 'done_for_day'

type PlainEvent = PassingEvent | 'new' | 'held' | 'canceled' | 'expired' | 'replaced' | 'restated' | 'order_cancel_rejected'

/** What trade_updates tells. `legs` are the other orders of a group when `record` leads it. */
export type LedgerUpdate = {
  readonly id: string
  readonly at: EpochMs
  readonly record: OrderRecord
  readonly legs: readonly OrderRecord[]
} & (
  | { readonly event: PlainEvent }
  | { readonly event: 'rejected'; readonly reason: string }
  | { readonly event: 'fill' | 'partial_fill'; readonly execution: Execution }
)

export type LedgerEvent = LedgerUpdate['event']

const FINAL: ReadonlySet<OrderStatus> = new Set<OrderStatus>(['filled', 'canceled', 'expired', 'replaced', 'rejected'])

/** Whether the order may still execute, today or later. */
export function isWorking({ status }: OrderRecord): boolean {
  return !FINAL.has(status)
}

/** Whether a list of open orders shows it: one that is done for the day counts as closed until the next opening. */
export function isOpen(record: OrderRecord): boolean {
  return isWorking(record) && record.status !== 'done_for_day'
}
