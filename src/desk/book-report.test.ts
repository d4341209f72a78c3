import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { SessionDate } from '#domain/sessions.ts'
import { bookReport, centsOf, type RehearsedDay } from './book-report.ts'

const SECONDS = { load: 1, screen: 1, train: 1, session: 1, total: 4 }
const NO_SIGNALS = { 'enter-long': 0, 'enter-short': 0, exit: 0, hold: 0, 'stand-aside': 0 }

function day(date: string, more: Partial<RehearsedDay> = {}): RehearsedDay {
  return {
    day: date as SessionDate,
    source: 'import',
    symbols: 4,
    bars: { replayed: 10, missing: 1 },
    barsStored: 10,
    pairs: { tested: 6, correlated: 3, cointegrated: 2, shortlisted: 1 },
    models: { trained: 1, promoted: 0, f1: { mean: 0.5, best: 0.5 }, auc: { mean: null, best: null } },
    signals: 5,
    signalsByKind: { ...NO_SIGNALS, hold: 5 },
    approvals: 1,
    refusals: 0,
    orders: { submitted: 2, filled: 0, rejected: 0 },
    pnlUsd: { gross: 0.1, costs: 0.3, net: -0.2 },
    certificate: date,
    seconds: SECONDS,
    leftOut: 0,
    stoppedBy: { 'XOM-CVX': date },
    stoppedAtScreen: {},
    ...more,
  }
}

describe('the report of a book', () => {
  test('of one day is that day, with the certificate and the seconds of the book', () => {
    const one = day('2024-03-06')
    expect(bookReport([one], 'all', { ...SECONDS, total: 9 })).toEqual({
      ...one,
      certificate: 'all',
      seconds: { ...SECONDS, total: 9 },
    })
  })

  test('of two days sums them up and keeps each, without the seconds that nobody counted by day', () => {
    const models = { trained: 3, promoted: 2, f1: { mean: 0.7, best: 0.9 }, auc: { mean: 0.6, best: 0.6 } }
    const both = bookReport(
      [day('2024-03-06'), day('2024-03-07', { models, stoppedAtScreen: { 'low-correlation': 6 } })],
      'all',
      SECONDS,
    )
    expect(both).toMatchObject({ day: '2024-03-06', symbols: 4, bars: { replayed: 20, missing: 2 }, signals: 10, approvals: 2 })
    expect(both.models).toMatchObject({ trained: 4, promoted: 2, f1: { best: 0.9 }, auc: { mean: 0.6, best: 0.6 } })
    expect(both.models.f1.mean).toBeCloseTo((0.5 + 3 * 0.7) / 4, 12)
    expect(both.pnlUsd).toEqual({ gross: 0.2, costs: 0.6, net: -0.4 })
    expect(both.stoppedAtScreen).toEqual({ 'low-correlation': 6 })
    expect(both.days?.map((one) => [one.day, 'seconds' in one])).toEqual([
      ['2024-03-06', false],
      ['2024-03-07', false],
    ])
  })

  test('says what stopped pairs only when no day traded', () => {
    const traded = day('2024-03-07', { orders: { submitted: 2, filled: 2, rejected: 0 }, stoppedBy: {} })
    expect(bookReport([day('2024-03-06'), traded], 'all', SECONDS).stoppedBy).toEqual({})
  })
})

test('profits have two decimals, and gross − costs = net as they are printed', () => {
  const micro = fc.integer({ min: -1e9, max: 1e9 })
  fc.assert(
    fc.property(micro, micro, (gross, costs) => {
      const printed = centsOf({ gross: gross / 1e6, costs: costs / 1e6, net: (gross - costs) / 1e6 })
      const cents = Object.values(printed).map((value) => Math.round(value * 100))
      expect(Object.values(printed)).toEqual(cents.map((value) => value / 100))
      expect(cents[0] - cents[1]).toBe(cents[2])
      expect(Math.abs(printed.costs - costs / 1e6)).toBeLessThan(0.0101)
    }),
  )
})
