import type { Symbol_ } from './symbol.ts'
import type { EpochMs } from './units.ts'

export type Side = 'buy' | 'sell'
export type TimeInForce = 'day' | 'gtc' | 'ioc' | 'opg' | 'cls'

/** What is asked of a broker. `clientOrderId` derives from the order's cause, so that asking twice orders once. */
export type OrderRequest = {
  readonly clientOrderId: string
  readonly symbol: Symbol_
  readonly side: Side
  /** Whole shares, positive. */
  readonly quantityShares: number
  readonly timeInForce: TimeInForce
} & ({ readonly type: 'market' } | { readonly type: 'limit'; readonly limitPrice: number })

/**
 * The life of an order as we know it. `intended` is written before anything is sent; `unknown` means that a request
 * left us and no answer came: it is resolved by asking, never by sending again.
 */
export type OrderState =
  | { readonly kind: 'intended' }
  | { readonly kind: 'unknown'; readonly since: EpochMs }
  | { readonly kind: 'working'; readonly brokerOrderId: string; readonly filledShares: number }
  | {
      readonly kind: 'filled'
      readonly brokerOrderId: string
      readonly filledShares: number
      readonly averagePrice: number
      readonly at: EpochMs
    }
  | { readonly kind: 'cancelled'; readonly brokerOrderId: string; readonly filledShares: number; readonly at: EpochMs }
  | { readonly kind: 'expired'; readonly brokerOrderId: string; readonly filledShares: number; readonly at: EpochMs }
  | { readonly kind: 'rejected'; readonly reason: string; readonly at: EpochMs }

export type OrderEvent =
  | { readonly kind: 'answer-lost'; readonly at: EpochMs }
  | { readonly kind: 'accepted'; readonly brokerOrderId: string }
  | { readonly kind: 'not-found' }
  | {
      readonly kind: 'filled'
      readonly brokerOrderId: string
      readonly cumulativeShares: number
      readonly averagePrice: number
      readonly isComplete: boolean
      readonly at: EpochMs
    }
  | { readonly kind: 'cancelled'; readonly brokerOrderId: string; readonly filledShares: number; readonly at: EpochMs }
  | { readonly kind: 'expired'; readonly brokerOrderId: string; readonly filledShares: number; readonly at: EpochMs }
  | { readonly kind: 'rejected'; readonly reason: string; readonly at: EpochMs }

export function isFinal(state: OrderState): boolean {
  return state.kind === 'filled' || state.kind === 'cancelled' || state.kind === 'expired' || state.kind === 'rejected'
}

/** How many shares of the order are done. */
export function filledSharesOf(state: OrderState): number {
  return 'filledShares' in state ? state.filledShares : 0
}

/**
 * The state after `event`. A final state stays as it is, filled shares never fall, and an event that repeats what is
 * known changes nothing, so that events may come twice, late or out of order.
 */
export function nextOrderState(state: OrderState, event: OrderEvent): OrderState {
  if (isFinal(state)) return state
  switch (event.kind) {
    case 'answer-lost':
      return state.kind === 'intended' ? { kind: 'unknown', since: event.at } : state
    case 'not-found':
      return state.kind === 'unknown' ? { kind: 'intended' } : state
    case 'accepted':
      return { kind: 'working', brokerOrderId: event.brokerOrderId, filledShares: filledSharesOf(state) }
    case 'filled': {
      const filledShares = Math.max(filledSharesOf(state), event.cumulativeShares)
      if (!event.isComplete) return { kind: 'working', brokerOrderId: event.brokerOrderId, filledShares }
      return { kind: 'filled', brokerOrderId: event.brokerOrderId, filledShares, averagePrice: event.averagePrice, at: event.at }
    }
    case 'cancelled':
    case 'expired':
      return {
        kind: event.kind,
        brokerOrderId: event.brokerOrderId,
        filledShares: Math.max(filledSharesOf(state), event.filledShares),
        at: event.at,
      }
    case 'rejected':
      return { kind: 'rejected', reason: event.reason, at: event.at }
    default:
      return event satisfies never
  }
}
