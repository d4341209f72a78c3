import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Bar } from '#domain/bars.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { epochMs, MINUTE_MS } from '#domain/units.ts'
import { countedBar, joinedBars, printsOf, quoteAround } from './derived-ticks.ts'

const cents = fc.integer({ min: 1, max: 500_000 }).map((n) => n / 100)
const bars = fc
  .tuple(fc.nat(40_000_000), cents, cents, cents, cents, fc.integer({ min: 0, max: 1_000_000 }))
  .map(([minute, a, b, c, d, volumeShares]): Bar => {
    const [low, open, close, high] = [a, b, c, d].sort((x, y) => x - y)
    return { symbol: 'KO' as Symbol_, openedAt: epochMs(minute * MINUTE_MS), open, high, low, close, volumeShares }
  })

describe('the prints of a bar', () => {
  test('make the bar again: its open, extremes, close and volume', () => {
    fc.assert(
      fc.property(
        bars.filter((bar) => bar.volumeShares >= 4),
        (bar) => {
          const prints = printsOf(bar)
          const prices = prints.map(({ price }) => price)
          expect([prices[0], Math.max(...prices), Math.min(...prices), prices[3]]).toEqual([
            bar.open,
            bar.high,
            bar.low,
            bar.close,
          ])
          expect(prints.reduce((sum, { sizeShares }) => sum + sizeShares, 0)).toBe(bar.volumeShares)
          expect(prints.every(({ at }) => at >= bar.openedAt && at < bar.openedAt + MINUTE_MS)).toBe(true)
        },
      ),
    )
  })

  test('have the count and the mean price that the bar is served with', () => {
    fc.assert(
      fc.property(bars, (bar) => {
        const prints = printsOf(bar)
        const { trades, vwap } = countedBar(bar)
        const paid = prints.reduce((sum, { price, sizeShares }) => sum + price * sizeShares, 0)
        expect(trades).toBe(prints.length)
        expect(vwap).toBeCloseTo(bar.volumeShares > 0 ? paid / bar.volumeShares : bar.close, 5)
      }),
    )
  })

  test('of bars that follow each other have ids that ascend', () => {
    fc.assert(
      fc.property(bars, bars, (one, two) => {
        const [earlier, later] = [one, two].sort((a, b) => a.openedAt - b.openedAt)
        fc.pre(earlier.openedAt < later.openedAt)
        const ids = [...printsOf(earlier), ...printsOf(later)].map(({ id }) => id)
        expect(ids.every((id, i) => i === 0 || id > ids[i - 1])).toBe(true)
      }),
    )
  })
})

test('bars joined pairwise from either end are the same bar', () => {
  fc.assert(
    fc.property(bars, bars, bars, (a, b, c) => {
      const [x, y, z] = [a, b, c].map(countedBar)
      const [left, right] = [joinedBars(joinedBars(x, y), z), joinedBars(x, joinedBars(y, z))]
      expect({ ...left, vwap: 0 }).toEqual({ ...right, vwap: 0 })
      expect(left.vwap).toBeCloseTo(right.vwap, 4)
    }),
  )
})

test('a quote lies around its print and is never crossed', () => {
  fc.assert(
    fc.property(cents, fc.integer({ min: 0, max: 100 }), (price, halfSpreadBps) => {
      const { bid, ask } = quoteAround({ id: 1, at: epochMs(0), price, sizeShares: 1 }, halfSpreadBps)
      expect(bid <= price && price <= ask).toBe(true)
      expect(ask - bid).toBeLessThanOrEqual(2 * price * (halfSpreadBps / 10_000) + 0.0201)
    }),
  )
  expect(quoteAround({ id: 1, at: epochMs(0), price: 20.1, sizeShares: 1 }, 0)).toEqual({ bid: 20.1, ask: 20.1 })
})
