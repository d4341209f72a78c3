import fc from 'fast-check'
import { expect, test } from 'vitest'
import { randomStream } from '#domain/random.ts'
import type { PriceColumn } from '#domain/units.ts'
import { correlationDrift } from './correlation-drift.ts'

/** Prices whose log returns are these, from 100 dollars on. */
function pricesOf(returns: readonly number[]): PriceColumn {
  const prices = [100]
  for (const [t, r] of returns.entries()) prices.push(prices[t] * Math.exp(r))
  return Float64Array.from(prices) as PriceColumn
}

test('a leg that moved with the other and then against it has drifted from 1 to −1', () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 30, max: 60 }), (seed, turnsAt) => {
      const random = randomStream(seed, 'returns')
      const returns = Array.from({ length: 100 }, () => (random.uniform() - 0.5) / 50)
      const turned = returns.map((r, t) => (t < turnsAt ? r : -r))
      const drift = correlationDrift(pricesOf(returns), pricesOf(turned), { head: turnsAt + 1, minimumBars: 30 })
      const [before, now, change] = [1, -1, -2].map((r) => expect.closeTo(r, 9))
      expect(drift).toEqual({ kind: 'measured', before, now, change, bars: 100 - turnsAt })
    }),
  )
})

test('nothing is told of too few bars, of a leg that stands still, and of bars that were not observed', () => {
  const rising = pricesOf(Array.from({ length: 60 }, (_, t) => Math.sin(t) / 100))
  const still = rising.map(() => 50) as PriceColumn
  const unseen = rising.map((price, t) => (t > 40 ? Number.NaN : price)) as PriceColumn
  expect(correlationDrift(rising, rising, { head: 50, minimumBars: 30 })).toEqual({ kind: 'too-short' })
  expect(correlationDrift(rising, still, { head: 30, minimumBars: 20 })).toEqual({ kind: 'constant' })
  expect(correlationDrift(rising, unseen, { head: 41, minimumBars: 5 })).toEqual({ kind: 'too-short' })
})
