import { restore, type Saga, type SagaOrder } from '#execution/saga.ts'
import { inTurn } from './saga-turn.ts'
import type { PastRequest } from './venue.ts'

/** The pair orders that the stored orders of a book come to, each with its orders in turn; in the order of their turns. */
export function sagasOf(orders: readonly SagaOrder[]): Saga[] {
  return [...Map.groupBy(orders, ({ decisionId }) => decisionId).values()].map(restore).sort(inTurn)
}

/**
 * What was asked of the broker for these orders, in the order in which it was asked: ascending by instant and, within one,
 * cancels of what was there before, then orders in their turn. Orders that were not sent, and those that the broker refused,
 * left nothing behind. A desk asks at the instants that it writes down, so they are the broker's own.
 */
export function journalOf(orders: readonly SagaOrder[]): PastRequest[] {
  const requests = sagasOf(orders).flatMap((saga) => saga.orders.flatMap(requestsFor))
  return requests.sort((a, b) => a.at - b.at || Number(isAtOnce(a)) - Number(isAtOnce(b))).map(({ request }) => request)
}

/** `placedAt`: when the order that the request is about was placed. */
type Asked = { readonly at: PastRequest['at']; readonly placedAt: PastRequest['at']; readonly request: PastRequest }

/** Whether the request is no cancel of an earlier order; a cancel of one placed in the same instant follows it. */
function isAtOnce({ at, placedAt }: Asked): boolean {
  return at === placedAt
}

function requestsFor(order: SagaOrder): Asked[] {
  const { state, at, clientOrderId } = order
  if (state.kind === 'intended' || state.kind === 'rejected') return []
  const placed: Asked = { at, placedAt: at, request: { kind: 'placed', at, request: order } }
  if (state.kind !== 'cancelled') return [placed]
  return [placed, { at: state.at, placedAt: at, request: { kind: 'cancelled', at: state.at, clientOrderId } }]
}
