import type { Bar } from '#domain/bars.ts'
import { type EpochMs, epochMs, MINUTE_MS } from '#domain/units.ts'
import { toMicroDollar } from './rounding.ts'

/**
 * Trades and quotes that a minute bar stands for. A tape knows bars only, so what is served as a trade or quote follows from
 * the bar by one rule, and says so in its conditions.
 *
 * A bar of at least four shares is four prints: the open when the minute begins, its two extremes after 20 and 40 seconds (the
 * low first when the bar rose), and the close in its last millisecond. The first three have a quarter of the volume each,
 * rounded down, the last has the rest. A smaller volume is one print at the close; none is no print.
 */
export type Print = {
  /** Unique within the symbol, ascending in time. */
  readonly id: number
  readonly at: EpochMs
  /** USD per share. */
  readonly price: number
  readonly sizeShares: number
}

/** A bar with the number of prints in it and their mean price weighted by size, USD per share; its close when there is none. */
export type CountedBar = Bar & { readonly trades: number; readonly vwap: number }

/** What every derived trade and quote carries as its condition. */
export const DERIVED = 'derived'

const PRINTS = 4
const OFFSETS_MS = [0, 20_000, 40_000, MINUTE_MS - 1] as const

/** How many prints a bar of this volume is. */
export function printsIn(volumeShares: number): number {
  if (!(volumeShares > 0)) return 0
  return volumeShares >= PRINTS ? PRINTS : 1
}

/**
 * The mean price of a bar's prints weighted by size, to a millionth of a dollar: `earlier` is the sum of open, high and low. The
 * close of a bar without volume.
 */
export function meanOfPrints(earlier: number, close: number, volumeShares: number): number {
  if (!(volumeShares >= PRINTS)) return close
  const quarter = Math.floor(volumeShares / PRINTS)
  return toMicroDollar((quarter * earlier + (volumeShares - 3 * quarter) * close) / volumeShares)
}

/** The prints of a minute bar, ascending in time. */
export function printsOf(bar: Bar): readonly Print[] {
  const { open, high, low, close, volumeShares, openedAt } = bar
  const count = printsIn(volumeShares)
  const quarter = Math.floor(volumeShares / PRINTS)
  const print = (k: number, price: number, sizeShares: number): Print => ({
    id: (openedAt / MINUTE_MS) * PRINTS + k,
    at: epochMs(openedAt + OFFSETS_MS[k]),
    price,
    sizeShares,
  })
  if (count === 0) return []
  if (count === 1) return [print(3, close, volumeShares)]
  const [first, second] = close >= open ? [low, high] : [high, low]
  return [
    print(0, open, quarter),
    print(1, first, quarter),
    print(2, second, quarter),
    print(3, close, volumeShares - 3 * quarter),
  ]
}

/** The last print of a minute bar; undefined when nothing traded. */
export function lastPrintOf(bar: Bar): Print | undefined {
  return printsOf(bar).at(-1)
}

/** The minute bar with its prints counted. */
export function countedBar(bar: Bar): CountedBar {
  const { open, high, low, close, volumeShares } = bar
  return { ...bar, trades: printsIn(volumeShares), vwap: meanOfPrints(open + high + low, close, volumeShares) }
}

/** `earlier` with `later` appended, stamped as `earlier`. */
export function joinedBars(earlier: CountedBar, later: CountedBar): CountedBar {
  const volumeShares = earlier.volumeShares + later.volumeShares
  const paid = earlier.vwap * earlier.volumeShares + later.vwap * later.volumeShares
  return {
    ...earlier,
    high: Math.max(earlier.high, later.high),
    low: Math.min(earlier.low, later.low),
    close: later.close,
    volumeShares,
    trades: earlier.trades + later.trades,
    vwap: volumeShares > 0 ? paid / volumeShares : later.close,
  }
}

/** Bid and ask around a print: the price less and plus the half spread, rounded outward to the cent, or to 0.0001 below a dollar. */
export function quoteAround(print: Print, halfSpreadBps: number): { readonly bid: number; readonly ask: number } {
  const steps = print.price >= 1 ? 100 : 10_000
  // A millionth of a step takes away what binary fractions add, so that a whole cent is not moved by one.
  const half = print.price * (halfSpreadBps / 10_000)
  return {
    bid: Math.floor(toMicroDollar((print.price - half) * steps)) / steps,
    ask: Math.ceil(toMicroDollar((print.price + half) * steps)) / steps,
  }
}
