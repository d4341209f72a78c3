import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nameOf, pairNamed } from './pair.ts'
import { type Symbol_, symbolFrom } from './symbol.ts'

const tickers = fc
  .tuple(fc.constantFrom('A', 'BRK', 'KO', 'T9'), fc.constantFrom('', '-A', '-B', '.B', '/WS', '-KO'))
  .map(([root, share]) => symbolFrom(root + share)!)

test('a name leads back to its pair, whatever dashes its tickers have', () => {
  fc.assert(
    fc.property(tickers, tickers, (y, x) => {
      expect(pairNamed(nameOf({ y, x }))).toEqual({ y, x })
    }),
  )
})

test('pairs that a single dash would confuse have different names', () => {
  const name = (y: string, x: string) => nameOf({ y: y as Symbol_, x: x as Symbol_ })
  expect([name('XOM', 'CVX'), name('A-B', 'KO'), name('A', 'B-KO')]).toEqual(['XOM-CVX', 'A-B--KO', 'A--B-KO'])
})

test.each(['', 'XOM', 'XOM-', '-CVX', 'XOM--CVX', 'A-B-KO', 'A--B--C', 'xom-cvx'])('%j is no name of a pair', (name) => {
  expect(pairNamed(name)).toBeUndefined()
})
