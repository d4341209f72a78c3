import type { BrokerOrder, TradeUpdate } from '#domain/broker.ts'
import type { OrderEvent } from '#domain/order.ts'
import type { EpochMs } from '#domain/units.ts'

/** One execution as the broker tells it by itself. */
export type Execution = { readonly id: string; readonly quantityShares: number; readonly price: number }

/** Something that became known of one order. `execution` is undefined for what was learned by asking. */
export type OrderNews = {
  readonly kind: 'order'
  /** When it happened, or was learned. */
  readonly at: EpochMs
  readonly clientOrderId: string
  readonly event: OrderEvent
  readonly execution: Execution | undefined
}

/** What a trade update says. */
export function newsFromUpdate(update: TradeUpdate): OrderNews {
  const { clientOrderId } = update
  const execution =
    update.kind === 'fill' ? { id: update.executionId, quantityShares: update.quantityShares, price: update.price } : undefined
  return { kind: 'order', at: update.at, clientOrderId, event: eventOf(update), execution }
}

function eventOf(update: TradeUpdate): OrderEvent {
  const { brokerOrderId, at } = update
  switch (update.kind) {
    case 'accepted':
      return { kind: 'accepted', brokerOrderId }
    case 'fill': {
      const { cumulativeShares, averagePrice, isComplete } = update
      return { kind: 'filled', brokerOrderId, cumulativeShares, averagePrice, isComplete, at }
    }
    case 'cancelled':
    case 'expired':
      return { kind: update.kind, brokerOrderId, filledShares: update.filledShares, at }
    case 'rejected':
      return { kind: 'rejected', reason: update.reason, at }
    default:
      return update satisfies never
  }
}

/**
 * What the broker's own record of an order says, oldest first: its executions as one, then how it stands.
 * Throws RangeError for filled shares without an average price.
 */
export function newsFromOrder(order: BrokerOrder): OrderNews[] {
  const { clientOrderId, brokerOrderId, filledShares, averagePrice, updatedAt: at, status } = order
  const events: OrderEvent[] = []
  if (filledShares > 0) {
    if (averagePrice === undefined) throw new RangeError(`order ${clientOrderId} has ${filledShares} filled shares and no price`)
    const isComplete = status === 'filled'
    events.push({ kind: 'filled', brokerOrderId, cumulativeShares: filledShares, averagePrice, isComplete, at })
  }
  const last = standing(order)
  if (last) events.push(last)
  return events.map((event) => ({ kind: 'order', at, clientOrderId, event, execution: undefined }))
}

function standing({ status, brokerOrderId, filledShares, updatedAt: at }: BrokerOrder): OrderEvent | undefined {
  switch (status) {
    case 'working':
      return { kind: 'accepted', brokerOrderId }
    case 'filled':
      return undefined
    // We never replace orders; whoever did has taken this one out of the market.
    case 'replaced':
    case 'cancelled':
      return { kind: 'cancelled', brokerOrderId, filledShares, at }
    case 'expired':
      return { kind: 'expired', brokerOrderId, filledShares, at }
    case 'rejected':
      return { kind: 'rejected', reason: 'rejected by the broker', at }
    default:
      return status satisfies never
  }
}
