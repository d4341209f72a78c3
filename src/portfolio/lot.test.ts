import fc from 'fast-check'
import { expect, test } from 'vitest'
import { microUsd } from '#domain/money.ts'
import { averagePriceOf, costOf, NO_LOT, sumOf, tradeLot } from './lot.ts'

test('selling part of a lot realises the profit of that part and keeps its average price', () => {
  const bought = tradeLot(NO_LOT, 100, 10).lot
  const { lot, realised } = tradeLot(bought, -40, 12)
  expect(realised).toBe(microUsd(80))
  expect([lot.shares, averagePriceOf(lot)]).toEqual([60, 10])
})

test('a short lot gains when it is bought back lower', () => {
  const short = tradeLot(NO_LOT, -50, 20).lot
  expect(averagePriceOf(short)).toBe(20)
  expect(tradeLot(short, 50, 19).realised).toBe(microUsd(50))
})

test('a trade through zero closes the old lot and opens the other side at its price', () => {
  const { lot, realised } = tradeLot(tradeLot(NO_LOT, 10, 5).lot, -15, 6)
  expect(realised).toBe(microUsd(10))
  expect([lot.shares, averagePriceOf(lot)]).toEqual([-5, 6])
})

test('the average price of nothing is unknown', () => {
  expect(averagePriceOf(NO_LOT)).toBeUndefined()
})

test('whatever was traded, realised profit is money received less money paid and less the cost of what is left', () => {
  const trades = fc.array(fc.tuple(fc.integer({ min: -300, max: 300 }), fc.double({ min: 0.01, max: 900, noNaN: true })), {
    maxLength: 20,
  })
  fc.assert(
    fc.property(trades, (all) => {
      let lot = NO_LOT
      let realised = sumOf()
      for (const [shares, price] of all) {
        const change = tradeLot(lot, shares, price)
        lot = change.lot
        realised = sumOf(realised, change.realised)
      }
      const paid = sumOf(...all.map(([shares, price]) => costOf(shares, price)))
      expect(realised).toBe(lot.cost - paid)
      if (lot.shares === 0) expect(lot.cost).toBe(0n)
    }),
  )
})
