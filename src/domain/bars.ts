import type { Symbol_ } from './symbol.ts'
import type { EpochMs, PriceColumn, SharesColumn, TimeColumn } from './units.ts'

/** How much time one bar covers. A daily bar opens when its session opens. */
export type Timeframe = '1m' | '5m' | '15m' | '1h' | '1d'

export const TIMEFRAME_MS: Readonly<Record<Timeframe, number>> = {
  '1m': 60_000,
  '5m': 300_000,
  '15m': 900_000,
  '1h': 3_600_000,
  '1d': 86_400_000,
}

/**
 * Where bars come from: `iex`, `sip`, `yahoo`, `simulated`, `import` or the name that an import gave.
 * Feeds are never mixed in one series.
 */
export type Feed = string

/** The feed of generated markets; whatever shows such bars says so. */
export const SIMULATED: Feed = 'simulated'

/** The only feed that rewrites its past. */
const SPLIT_ADJUSTED: Feed = 'yahoo'

/**
 * What a feed's prices are corrected for: `split` when older ones are divided by later splits, `raw` when they stand as they
 * traded. One feed has one adjustment, so that a series never mixes two; the table of bars holds it to that.
 */
export function adjustmentOf(feed: Feed): 'raw' | 'split' {
  return feed === SPLIT_ADJUSTED ? 'split' : 'raw'
}

/** Bars of one symbol, column by column: row i of every column is the bar that opened at openedAt[i]. Ascending, unique. */
export type BarColumns = {
  readonly symbol: Symbol_
  readonly openedAt: TimeColumn
  readonly open: PriceColumn
  readonly high: PriceColumn
  readonly low: PriceColumn
  readonly close: PriceColumn
  readonly volumeShares: SharesColumn
}

/** One bar as it arrives alone, on a stream. */
export type Bar = {
  readonly symbol: Symbol_
  readonly openedAt: EpochMs
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  readonly volumeShares: number
}

/**
 * Bars of many symbols, column by column: row i is of symbols[symbolIndex[i]]. Rows may stand in any order. `vwap` (USD per
 * share) and `trades` are NaN where the source tells none.
 */
export type BarTable = {
  readonly symbols: readonly Symbol_[]
  readonly symbolIndex: Uint32Array
  /** [n] epoch ms. */
  readonly openedAt: Float64Array
  readonly open: PriceColumn
  readonly high: PriceColumn
  readonly low: PriceColumn
  readonly close: PriceColumn
  readonly volumeShares: SharesColumn
  readonly vwap: PriceColumn
  readonly trades: Float64Array
}

/** Which bars a question is about. `from` is included, `until` is not; both compare with the bar's opening. */
export type BarRange = {
  readonly feed: Feed
  readonly timeframe: Timeframe
  readonly from: EpochMs
  readonly until: EpochMs
}
