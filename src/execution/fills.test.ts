import { describe, expect, test } from 'vitest'
import type { Symbol_ } from '#domain/symbol.ts'
import { epochMs } from '#domain/units.ts'
import { fillFrom } from './fills.ts'
import type { Execution, OrderNews } from './order-events.ts'
import type { SagaOrder } from './saga.ts'

const at = epochMs(1)
const pair = { y: 'XOM' as Symbol_, x: 'CVX' as Symbol_ }

/** An order of 100 XOM of which 40 filled at 80. */
const PARTLY = {
  clientOrderId: 'o',
  pair,
  leg: 'y',
  symbol: pair.y,
  side: 'buy',
  referencePrice: 79.9,
  state: { kind: 'working', brokerOrderId: 'b', filledShares: 40 },
  filledUsd: 40 * 80,
} as Partial<SagaOrder> as SagaOrder

function news(cumulativeShares: number, averagePrice: number, execution?: Execution): OrderNews {
  const event = { kind: 'filled', brokerOrderId: 'b', cumulativeShares, averagePrice, isComplete: false, at } as const
  return { kind: 'order', at, clientOrderId: 'o', event, execution }
}

describe('the fill that news brings', () => {
  test('is the execution as the broker told it, when that explains the shares', () => {
    const execution = { id: 'e2', quantityShares: 60, price: 80.05 }
    expect(fillFrom(PARTLY, news(100, 80.03, execution))).toMatchObject({ executionId: 'e2', quantityShares: 60, price: 80.05 })
  })

  test('is nothing when it repeats what is known, comes late, or the order is over', () => {
    expect(fillFrom(PARTLY, news(40, 80, { id: 'e1', quantityShares: 40, price: 80 }))).toBeUndefined()
    expect(fillFrom(PARTLY, news(10, 80))).toBeUndefined()
    const over: SagaOrder = { ...PARTLY, state: { kind: 'cancelled', brokerOrderId: 'b', filledShares: 40, at } }
    expect(fillFrom(over, news(100, 80))).toBeUndefined()
  })

  test('stands for lost updates at the price that makes the average come out', () => {
    const fill = fillFrom(PARTLY, news(100, 80.06, { id: 'e3', quantityShares: 10, price: 80.2 }))
    expect(fill).toMatchObject({ executionId: 'inferred-o-100', quantityShares: 60, price: 80.1 })
  })
})
