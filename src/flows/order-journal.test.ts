import { expect, test } from 'vitest'
import { PAPER } from '#domain/book.ts'
import type { OrderState } from '#domain/order.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { epochMs } from '#domain/units.ts'
import { followUpIdOf } from '#execution/intend.ts'
import type { SagaOrder } from '#execution/saga.ts'
import { journalOf } from './order-journal.ts'

const FILLED: OrderState = { kind: 'filled', brokerOrderId: 'b', filledShares: 10, averagePrice: 1, at: epochMs(1) }
const cancelled = (at: number): OrderState => ({ kind: 'cancelled', brokerOrderId: 'b', filledShares: 0, at: epochMs(at) })

function order(clientOrderId: string, more: Omit<Partial<SagaOrder>, 'type'> = {}): SagaOrder {
  return {
    clientOrderId,
    book: PAPER,
    decisionId: 'd',
    signalId: 's',
    signalZ: 1,
    at: epochMs(0),
    pair: { y: 'Y' as Symbol_, x: 'X' as Symbol_ },
    leg: 'y',
    symbol: 'Y' as Symbol_,
    side: 'buy',
    quantityShares: 10,
    timeInForce: 'day',
    purpose: 'enter',
    referencePrice: 1,
    state: FILLED,
    filledUsd: 10,
    ...more,
    type: 'market',
  }
}

const told = (orders: readonly SagaOrder[]) =>
  journalOf(orders).map((one) => `${one.at} ${one.kind} ${one.kind === 'placed' ? one.request.clientOrderId : one.clientOrderId}`)

test('legs are placed y first, exits before entries, and pairs by name, however they are stored', () => {
  const other = { decisionId: 'a', pair: { y: 'Z' as Symbol_, x: 'X' as Symbol_ } }
  const leaving = { decisionId: 'z', pair: { y: 'ZZ' as Symbol_, x: 'X' as Symbol_ }, purpose: 'exit' } as const
  const orders = [order('entry-x', { leg: 'x' }), order('later', other), order('exit', leaving), order('entry-y')]
  expect(told(orders)).toEqual(['0 placed exit', '0 placed entry-y', '0 placed entry-x', '0 placed later'])
  expect(told(orders.toReversed())).toEqual(told(orders))
})

test('what was never sent and what was refused left nothing behind', () => {
  const refused: OrderState = { kind: 'rejected', reason: 'no', at: epochMs(0) }
  expect(told([order('intended', { state: { kind: 'intended' } }), order('refused', { leg: 'x', state: refused })])).toEqual([])
})

test('a cancel comes at its instant, before what is placed then, and after the order it takes back', () => {
  const entry = order('entry', { state: cancelled(5) })
  const unwinding = order(followUpIdOf('x', 1), { leg: 'x', purpose: 'unwind', at: epochMs(5) })
  const orders = [entry, order('x', { leg: 'x' }), unwinding]
  expect(told(orders)).toEqual(['0 placed entry', '0 placed x', '5 cancelled entry', `5 placed ${unwinding.clientOrderId}`])
  expect(told([order('brief', { state: cancelled(0) })])).toEqual(['0 placed brief', '0 cancelled brief'])
})
