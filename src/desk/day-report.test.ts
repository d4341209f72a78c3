import { describe, expect, test } from 'vitest'
import { PAPER } from '#domain/book.ts'
import { microUsd } from '#domain/money.ts'
import type { OrderState } from '#domain/order.ts'
import type { SessionDate } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { epochMs, type Probability } from '#domain/units.ts'
import type { Signal } from '#signals/signal.ts'
import { type DayRecord, dayReport } from './day-report.ts'

const at = epochMs(0)
const pair = { y: 'XOM' as Symbol_, x: 'CVX' as Symbol_ }

function signal(changes: Partial<Signal>): Signal {
  const shared = {
    id: 's',
    book: PAPER,
    at,
    pair,
    confidence: 1 as Probability,
    probability: undefined,
    numbers: {},
    modelId: 'm',
    strategy: 's',
  }
  return { ...shared, kind: 'hold', z: undefined, reasons: [], ...changes }
}

const RECORD: DayRecord = {
  day: '2018-03-28' as SessionDate,
  source: 'import',
  symbols: 30,
  bars: { replayed: 11_700, missing: 12 },
  pairs: { tested: 435, correlated: 80, cointegrated: 9 },
  shortlist: ['XOM-CVX', 'COP-SLB'],
  models: [
    { isPromoted: true, f1: 0.6, auc: 0.7 },
    { isPromoted: false, f1: 0.4, auc: undefined },
  ],
  signals: [
    signal({ z: 1, reasons: ['near'] }),
    signal({ z: -1.9, reasons: ['far'] }),
    signal({ kind: 'stand-aside', reasons: ['gap'] }),
  ],
  decisions: [],
  orders: [],
  profit: { gross: microUsd(10), costs: microUsd(0.41), net: microUsd(9.59) },
  certificate: 'abc',
  seconds: { load: 1, screen: 2, train: 3, session: 4, total: 10 },
}

describe('the report of a day', () => {
  test('has exactly the keys that were promised', () => {
    expect(dayReport(RECORD)).toEqual({
      day: '2018-03-28',
      source: 'import',
      symbols: 30,
      bars: { replayed: 11_700, missing: 12 },
      pairs: { tested: 435, correlated: 80, cointegrated: 9, shortlisted: 2 },
      models: { trained: 2, promoted: 1, f1: { mean: 0.5, best: 0.6 }, auc: { mean: 0.7, best: 0.7 } },
      signals: 3,
      approvals: 0,
      refusals: 0,
      orders: { submitted: 0, filled: 0, rejected: 0 },
      pnlUsd: { gross: 10, costs: 0.41, net: 9.59 },
      certificate: 'abc',
      seconds: { load: 1, screen: 2, train: 3, session: 4, total: 10 },
      signalsByKind: { 'enter-long': 0, 'enter-short': 0, exit: 0, hold: 2, 'stand-aside': 1 },
      leftOut: 0,
      stoppedBy: { 'XOM-CVX': 'far', 'COP-SLB': 'No model was trained for it' },
    })
  })

  test('says null, not 0, of scores that nobody made', () => {
    expect(dayReport({ ...RECORD, models: [] }).models).toMatchObject({ trained: 0, f1: { mean: null, best: null } })
    expect(dayReport({ ...RECORD, models: [] }).leftOut).toBe(2)
  })

  test('names risk or the broker when one of them stopped a pair', () => {
    const refused = { pair: 'XOM-CVX', verdict: 'refused', sentence: 'Risk refused XOM-CVX: too small.' } as const
    expect(dayReport({ ...RECORD, decisions: [refused] }).stoppedBy['XOM-CVX']).toBe('Risk refused XOM-CVX: too small.')
    const rejected: OrderState = { kind: 'rejected', reason: 'not shortable', at }
    const report = dayReport({ ...RECORD, orders: [{ pair, state: rejected }] })
    expect([report.stoppedBy['XOM-CVX'], report.orders]).toEqual([
      'The broker refused: not shortable',
      { submitted: 1, filled: 0, rejected: 1 },
    ])
  })

  test('names nothing once something traded', () => {
    const filled: OrderState = { kind: 'filled', brokerOrderId: 'b', filledShares: 1, averagePrice: 1, at }
    expect(dayReport({ ...RECORD, orders: [{ pair, state: filled }] }).stoppedBy).toEqual({})
  })
})
