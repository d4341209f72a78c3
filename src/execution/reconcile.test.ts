import { describe, expect, test } from 'vitest'
import type { BrokerOrder } from '#domain/broker.ts'
import type { OrderState } from '#domain/order.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { epochMs } from '#domain/units.ts'
import { type BothBooks, reconcile } from './reconcile.ts'
import type { SagaOrder } from './saga.ts'

const [XOM, CVX, TSLA] = ['XOM', 'CVX', 'TSLA'].map((symbol) => symbol as Symbol_)

function ours(clientOrderId: string, state: OrderState, symbol = XOM): SagaOrder {
  return { clientOrderId, state, symbol } as Partial<SagaOrder> as SagaOrder
}

function theirs(clientOrderId: string, filledShares = 0, symbol = XOM): BrokerOrder {
  return { clientOrderId, brokerOrderId: `b-${clientOrderId}`, symbol, filledShares } as Partial<BrokerOrder> as BrokerOrder
}

function both(mine: Partial<BothBooks['ours']>, brokers: Partial<BothBooks['brokers']>): BothBooks {
  return { ours: { orders: [], shares: new Map(), ...mine }, brokers: { openOrders: [], positions: [], ...brokers } }
}

function position(symbol: Symbol_, quantityShares: number) {
  return { symbol, quantityShares, averageEntryPrice: 1, currentPrice: 1 }
}

const working = (filledShares: number): OrderState => ({ kind: 'working', brokerOrderId: 'b', filledShares })
const rejected: OrderState = { kind: 'rejected', reason: 'withdrawn', at: epochMs(0) }

describe('reconciliation', () => {
  test('finds nothing when both books say the same', () => {
    const books = both(
      { orders: [ours('a', working(3))], shares: new Map([[XOM, 3]]) },
      { openOrders: [theirs('a', 3)], positions: [position(XOM, 3)] },
    )
    expect(reconcile(books)).toEqual([])
  })

  test('has every order asked about that is alive here and gone, further on or unheard of there', () => {
    const orders = [ours('c', { kind: 'unknown', since: epochMs(0) }), ours('b', working(1)), ours('a', working(0))]
    const stale = reconcile(both({ orders, shares: new Map([[XOM, 1]]) }, { openOrders: [theirs('b', 2)] }))
    expect(stale).toEqual(['a', 'b', 'c'].map((clientOrderId) => ({ kind: 'order-stale', clientOrderId })))
  })

  test('has an order cancelled that is over here and works there', () => {
    const books = both({ orders: [ours('a', rejected)] }, { openOrders: [theirs('a')] })
    expect(reconcile(books)).toEqual([{ kind: 'order-revived', clientOrderId: 'a', brokerOrderId: 'b-a' }])
  })

  test('names shares that differ, and tells what this book never traded apart', () => {
    const books = both(
      { orders: [ours('a', rejected), ours('b', rejected, CVX)], shares: new Map([[CVX, -7]]) },
      { openOrders: [theirs('hand', 0, TSLA)], positions: [position(XOM, 5), position(TSLA, 9)] },
    )
    expect(reconcile(books)).toEqual([
      { kind: 'order-foreign', clientOrderId: 'hand', symbol: TSLA },
      { kind: 'position', symbol: CVX, ourShares: -7, brokerShares: 0 },
      { kind: 'position-foreign', symbol: TSLA, brokerShares: 9 },
      { kind: 'position', symbol: XOM, ourShares: 0, brokerShares: 5 },
    ])
  })
})
