import type { MicroUsd } from '#domain/money.ts'
import type { EpochMs } from '#domain/units.ts'
import type { Account, WorkingOrder } from './account.ts'
import type { NanoShares } from './shares.ts'

/** One execution. */
export type Filled = {
  readonly kind: 'fill'
  readonly quantity: NanoShares
  /** USD per share. */
  readonly price: number
  /** Exact; the day's sum is rounded up to the cent when it is paid at the close. */
  readonly fees: MicroUsd
  /** Signed shares held after the execution. */
  readonly position: NanoShares
  readonly isComplete: boolean
}

/**
 * What happened to an order, which is shown as it is afterwards. `triggered`: its stop was reached. `activated`: its group's
 * main order has filled. `resized`: the other exit of its group has filled in part.
 */
export type OrderMatched = { readonly at: EpochMs; readonly order: WorkingOrder } & (
  | Filled
  | { readonly kind: 'cancelled' | 'expired' | 'triggered' | 'activated' | 'resized' }
)

export type Matched = { readonly account: Account; readonly events: readonly OrderMatched[] }

/** Nothing happened. */
export function unmoved(account: Account): Matched {
  return { account, events: [] }
}
