import { describe, expect, test } from 'vitest'
import { epochMs } from '#domain/units.ts'
import { figuresFrom, unrealisedOf } from './figures.ts'

const PAIRS = { openPairs: 2, closedPairs: 4, closedWithGain: 3 }
const LAST = { at: epochMs(1), equity: '101000.00', grossExposure: '25250.00' }

describe('figures', () => {
  test('profit of the day is exact in money and measured from where the day began', () => {
    const figures = figuresFrom({ ...PAIRS, last: { ...LAST, equity: '100000.000001' }, dayOpening: '100000.00' })
    expect(figures.dayProfitUsd).toEqual({ kind: 'known', value: '0.000001' })
  })

  test('exposure is a fraction of equity, the win rate one of closed pairs', () => {
    const figures = figuresFrom({ ...PAIRS, last: LAST, dayOpening: '100000.00' })
    expect(figures).toMatchObject({ grossExposure: { value: 0.25 }, winRate: { value: 0.75 }, dayReturn: { value: 0.01 } })
  })

  test('before the first mark they are unknown with a reason, never 0', () => {
    const figures = figuresFrom({ ...PAIRS, closedPairs: 0, last: undefined, dayOpening: undefined })
    expect(
      [figures.equityUsd, figures.dayProfitUsd, figures.grossExposure, figures.winRate].map((figure) => figure.kind),
    ).toEqual(Array.from({ length: 4 }, () => 'unknown'))
  })
})

describe('unrealised profit', () => {
  const y = { symbol: 'XOM', shares: 10, entryPrice: 70, price: 71 }

  test('adds both legs, a short leg gaining as its price falls', () => {
    expect(unrealisedOf([y, { symbol: 'CVX', shares: -5, entryPrice: 110, price: 108.5 }])).toEqual({
      kind: 'known',
      value: '17.50',
    })
  })

  test('is unknown while a leg has no price, and names it', () => {
    expect(unrealisedOf([y, { symbol: 'CVX', shares: -5, entryPrice: 110, price: null }])).toMatchObject({
      kind: 'unknown',
      reason: expect.stringContaining('CVX'),
    })
  })
})
