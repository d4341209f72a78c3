import { filledSharesOf, isFinal } from '#domain/order.ts'
import type { EpochMs } from '#domain/units.ts'
import type { PairFill } from '#portfolio/portfolio.ts'
import type { OrderNews } from './order-events.ts'
import type { SagaOrder } from './saga.ts'

/** A fill before its fees are known. */
export type BareFill = Omit<PairFill, 'fees'>

/**
 * The shares that `news` adds to those known of `order`, as one fill, or undefined when it adds none. An execution that
 * explains all of them is taken as it was told. Otherwise updates were lost, and one fill stands for them: its price makes
 * the order's average come out, and its id derives from the order and its shares, so that the same gap closes once.
 * A final order takes no fill: what reconciliation then finds is told, not booked.
 */
export function fillFrom(order: SagaOrder, { event, execution }: OrderNews): BareFill | undefined {
  if (event.kind !== 'filled' || isFinal(order.state)) return undefined
  const shares = event.cumulativeShares - filledSharesOf(order.state)
  if (shares <= 0) return undefined
  if (execution !== undefined && execution.quantityShares === shares) {
    return fillOf(order, { ...execution, at: event.at })
  }
  const price = (event.cumulativeShares * event.averagePrice - order.filledUsd) / shares
  const id = `inferred-${order.clientOrderId}-${event.cumulativeShares}`
  return fillOf(order, { id, quantityShares: shares, price: Math.round(price * 1e6) / 1e6, at: event.at })
}

type Executed = { readonly id: string; readonly quantityShares: number; readonly price: number; readonly at: EpochMs }

function fillOf(order: SagaOrder, { id, quantityShares, price, at }: Executed): BareFill {
  const { clientOrderId, pair, leg, symbol, side, referencePrice } = order
  return { executionId: id, clientOrderId, at, pair, leg, symbol, side, quantityShares, price, referencePrice }
}
