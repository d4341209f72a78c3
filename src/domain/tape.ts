import type { Feed } from './bars.ts'
import type { Symbol_ } from './symbol.ts'
import type { EpochMs } from './units.ts'

/** A symbol as the exchange stand-in lists it. */
export type Listing = {
  readonly symbol: Symbol_
  readonly name: string
  readonly exchange: 'NYSE' | 'NASDAQ' | 'ARCA' | 'AMEX' | 'BATS'
  readonly shortable: boolean
}

/**
 * Recorded 1-minute bars of many symbols on one clock: row i is a bar of listings[symbolIndex[i]].
 * Ascending by openedAt, then by symbolIndex. All columns have the same length.
 */
export type TapeRows = {
  readonly openedAt: Float64Array
  readonly symbolIndex: Uint16Array
  readonly open: Float64Array
  readonly high: Float64Array
  readonly low: Float64Array
  readonly close: Float64Array
  readonly volumeShares: Float64Array
}

/** Recorded market data that the exchange stand-in replays. It invents nothing: what the tape lacks, nobody sees. */
export interface Tape {
  readonly feed: Feed
  /** Ascending by symbol; `symbolIndex` of every row refers to this list. */
  readonly listings: readonly Listing[]
  /** Rows that opened in [from, until). A tape may leave out those of listings outside [begin, end) of `listed`, by place. */
  rowsBetween(from: EpochMs, until: EpochMs, listed?: { readonly begin: number; readonly end: number }): Promise<TapeRows>
}
