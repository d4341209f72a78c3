import type { BrokerOrder, BrokerPosition } from '#domain/broker.ts'
import { filledSharesOf, isFinal } from '#domain/order.ts'
import { bySymbol, type Symbol_ } from '#domain/symbol.ts'
import type { SagaOrder } from './saga.ts'

/** Both sides of the comparison, as of one instant. Positions are compared by symbol, over all pairs. */
export type BothBooks = {
  readonly ours: { readonly orders: readonly SagaOrder[]; readonly shares: ReadonlyMap<Symbol_, number> }
  readonly brokers: { readonly openOrders: readonly BrokerOrder[]; readonly positions: readonly BrokerPosition[] }
}

/**
 * What differs. `order-stale`: ours is alive and the broker's is gone or further on, so it must be asked about.
 * `order-revived`: the broker works an order that we hold to be over, so it must be cancelled. `order-foreign` and
 * `position-foreign` were not made by this book: they are shown and never touched. `position`: shares differ.
 */
export type Difference =
  | { readonly kind: 'order-stale'; readonly clientOrderId: string }
  | { readonly kind: 'order-revived'; readonly clientOrderId: string; readonly brokerOrderId: string }
  | { readonly kind: 'order-foreign'; readonly clientOrderId: string; readonly symbol: Symbol_ }
  | { readonly kind: 'position'; readonly symbol: Symbol_; readonly ourShares: number; readonly brokerShares: number }
  | { readonly kind: 'position-foreign'; readonly symbol: Symbol_; readonly brokerShares: number }

/**
 * Every difference between our book and the broker's: orders first, by client id, then positions, by symbol. Positions
 * are compared only when no order is stale, since shares on their way are in one book and not yet in the other.
 */
export function reconcile({ ours, brokers }: BothBooks): Difference[] {
  const orders = [...staleOrders(ours.orders, brokers.openOrders), ...strangeOrders(ours.orders, brokers.openOrders)]
  if (orders.some(({ kind }) => kind === 'order-stale')) return orders
  const traded = new Set(ours.orders.map(({ symbol }) => symbol))
  return [...orders, ...differingPositions({ ours: ours.shares, brokers: brokers.positions, traded })]
}

function staleOrders(ours: readonly SagaOrder[], open: readonly BrokerOrder[]): Difference[] {
  const openByClientId = new Map(open.map((order) => [order.clientOrderId, order]))
  return ours
    .filter(({ state }) => !isFinal(state))
    .filter(({ clientOrderId, state }) => {
      const brokers = openByClientId.get(clientOrderId)
      return state.kind !== 'working' || brokers === undefined || brokers.filledShares !== filledSharesOf(state)
    })
    .map(({ clientOrderId }): Difference => ({ kind: 'order-stale', clientOrderId }))
    .sort(byClientId)
}

function strangeOrders(ours: readonly SagaOrder[], open: readonly BrokerOrder[]): Difference[] {
  const oursByClientId = new Map(ours.map((order) => [order.clientOrderId, order]))
  return open
    .flatMap(({ clientOrderId, brokerOrderId, symbol }): (Difference & { clientOrderId: string })[] => {
      const known = oursByClientId.get(clientOrderId)
      if (known === undefined) return [{ kind: 'order-foreign', clientOrderId, symbol }]
      return isFinal(known.state) ? [{ kind: 'order-revived', clientOrderId, brokerOrderId }] : []
    })
    .sort(byClientId)
}

function byClientId(a: Difference, b: Difference): number {
  return 'clientOrderId' in a && 'clientOrderId' in b ? bySymbol(a.clientOrderId, b.clientOrderId) : 0
}

type Positions = {
  readonly ours: ReadonlyMap<Symbol_, number>
  readonly brokers: readonly BrokerPosition[]
  readonly traded: ReadonlySet<Symbol_>
}

function differingPositions({ ours, brokers, traded }: Positions): Difference[] {
  const brokerShares = new Map(brokers.map(({ symbol, quantityShares }) => [symbol, quantityShares]))
  const symbols = [...new Set([...ours.keys(), ...brokerShares.keys()])].sort(bySymbol)
  return symbols.flatMap((symbol): Difference[] => {
    const [mine, theirs] = [ours.get(symbol) ?? 0, brokerShares.get(symbol) ?? 0]
    if (mine === theirs) return []
    const isForeign = mine === 0 && !traded.has(symbol)
    return [
      isForeign
        ? { kind: 'position-foreign', symbol, brokerShares: theirs }
        : { kind: 'position', symbol, ourShares: mine, brokerShares: theirs },
    ]
  })
}
