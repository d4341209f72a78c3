import { nameOf } from '#domain/pair.ts'
import { bySymbol } from '#domain/symbol.ts'
import type { Saga, SagaOrder } from '#execution/saga.ts'

/**
 * The order in which pair orders get their turn at the broker: by the instant of their decision, exits before entries, then
 * by name. It depends on nothing but what is stored and is the same in every book, so that a day which goes on elsewhere
 * sends what it sends in the same order.
 */
export function inTurn(a: Saga, b: Saga): number {
  const [first, second] = [a.orders.at(0), b.orders.at(0)]
  return first === undefined || second === undefined ? 0 : byDecision(first, second)
}

function byDecision(a: SagaOrder, b: SagaOrder): number {
  return a.at - b.at || Number(a.purpose !== 'exit') - Number(b.purpose !== 'exit') || bySymbol(nameOf(a.pair), nameOf(b.pair))
}
