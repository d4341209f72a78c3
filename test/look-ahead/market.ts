import { type RandomStream, randomStream } from '#domain/random.ts'
import { MINUTE_MS, type PriceColumn, type TimeColumn } from '#domain/units.ts'

const MARKETS = 20
const CUTS_EACH = 10
const ROWS = 240

/** Two legs on one clock, as far as they are known. */
export type Market = { readonly openedAt: TimeColumn; readonly y: PriceColumn; readonly x: PriceColumn }

/** 20 markets, each with 10 rows at which to cut it: 200 in all. */
export function cutMarkets(): { readonly whole: Market; readonly cuts: readonly number[] }[] {
  return Array.from({ length: MARKETS }, (_, seed) => {
    const random = randomStream(seed, 'look-ahead')
    return { whole: marketOf(random), cuts: Array.from({ length: CUTS_EACH }, () => random.below(ROWS)) }
  })
}

/** Two walks with gaps, bad ticks and constant stretches. */
export function marketOf(random: RandomStream): Market {
  const openedAt = Float64Array.from({ length: ROWS }, (_, t) => 1.5e12 + t * MINUTE_MS) as TimeColumn
  return { openedAt, y: walkOf(random), x: walkOf(random) }
}

function walkOf({ normal, uniform, below }: RandomStream): PriceColumn {
  let level = 4
  let stillFor = 0
  const close = Float64Array.from({ length: ROWS }, () => {
    if (uniform() < 0.01) stillFor = below(30)
    if (stillFor-- <= 0) level += 0.01 * normal()
    if (uniform() < 0.02) return Number.NaN
    return Math.exp(level) * (uniform() < 0.005 ? 10 ** (below(7) - 3) : 1)
  })
  const gap = below(ROWS)
  return close.fill(Number.NaN, gap, gap + below(12)) as PriceColumn
}

/** What of a market is known at row t, in memory of its own. */
export function upTo({ openedAt, y, x }: Market, t: number): Market {
  return {
    openedAt: openedAt.slice(0, t + 1) as TimeColumn,
    y: y.slice(0, t + 1) as PriceColumn,
    x: x.slice(0, t + 1) as PriceColumn,
  }
}
