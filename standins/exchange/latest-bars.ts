import type { Bar } from '#domain/bars.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import type { Listing, TapeRows } from '#domain/tape.ts'
import { epochMs } from '#domain/units.ts'

/** Row `i` of a tape as a bar. */
export function barOfRow(rows: TapeRows, i: number, symbol: Symbol_): Bar {
  return {
    symbol,
    openedAt: epochMs(rows.openedAt[i]),
    open: rows.open[i],
    high: rows.high[i],
    low: rows.low[i],
    close: rows.close[i],
    volumeShares: rows.volumeShares[i],
  }
}

/** The last closed bar of every listing, as the replay comes past them. */
export type LatestBars = {
  /** Notes rows [begin, end), which are later than all before. */
  readonly note: (rows: TapeRows, begin: number, end: number) => void
  readonly barOf: (symbol: Symbol_) => Bar | undefined
  /** Last close in USD per share; undefined before the first bar. */
  readonly priceOf: (symbol: Symbol_) => number | undefined
  /** Keeps the last closes as those of the day before. */
  readonly beginDay: () => void
  /** Last close before the day began, in USD per share. */
  readonly previousCloseOf: (symbol: Symbol_) => number | undefined
}

export function createLatestBars(listings: readonly Listing[]): LatestBars {
  const indexOf = new Map(listings.map(({ symbol }, i) => [symbol, i]))
  const columns = Array.from({ length: 6 }, () => new Float64Array(listings.length).fill(Number.NaN))
  const [openedAt, open, high, low, close, volume] = columns
  const barOf = (symbol: Symbol_): Bar | undefined => {
    const s = indexOf.get(symbol) ?? -1
    if (s < 0 || Number.isNaN(openedAt[s])) return undefined
    return {
      symbol,
      openedAt: epochMs(openedAt[s]),
      open: open[s],
      high: high[s],
      low: low[s],
      close: close[s],
      volumeShares: volume[s],
    }
  }
  const note = (rows: TapeRows, begin: number, end: number) => {
    for (let i = begin; i < end; i++) {
      const s = rows.symbolIndex[i]
      openedAt[s] = rows.openedAt[i]
      open[s] = rows.open[i]
      high[s] = rows.high[i]
      low[s] = rows.low[i]
      close[s] = rows.close[i]
      volume[s] = rows.volumeShares[i]
    }
  }
  let previousClose = new Float64Array(listings.length).fill(Number.NaN)
  return {
    note,
    barOf,
    priceOf: (symbol) => barOf(symbol)?.close,
    beginDay: () => {
      previousClose = close.slice()
    },
    previousCloseOf: (symbol) => {
      const price = previousClose[indexOf.get(symbol) ?? -1]
      return price > 0 ? price : undefined
    },
  }
}
