import type { BarColumns, BarTable, Feed, Timeframe } from '#domain/bars.ts'
import type { BrokerUnavailable } from '#domain/broker.ts'
import type { Outcome } from '#domain/outcome.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import type { EpochMs } from '#domain/units.ts'

/** What recorded prices are corrected for; `raw` are as they traded. */
export type Adjustment = 'raw' | 'split' | 'dividend' | 'all'

/** Which recorded bars are asked for: those that opened in [from, until). */
export type BarsQuestion = {
  /** At most 500, so that the question fits into an address. */
  readonly symbols: readonly Symbol_[]
  readonly timeframe: Timeframe
  readonly from: EpochMs
  readonly until: EpochMs
  readonly adjustment: Adjustment
}

/** Where a question's answers go on; plain JSON, so that a flow can keep it and another process go on with it. */
export type BarsCursor = {
  readonly pageToken: string
  /** The question was asked anew for the symbols from this one on; undefined: for all of them. */
  readonly since: Symbol_ | undefined
  /** The last symbol that was answered, perhaps not to its end; undefined when none was. */
  readonly symbol: Symbol_ | undefined
}

/** One page of an answer: by symbol, then time; `next` is undefined on the last. */
export type BarsPage = { readonly table: BarTable; readonly next: BarsCursor | undefined }

/** In whose turn something is asked; it is given up when `signal` aborts. */
export type Asker = { readonly caller: string; readonly signal?: AbortSignal | undefined }

/** Recorded bars of one feed, asked for over REST. */
export interface BarHistory {
  readonly feed: Feed
  /**
   * Unadjusted 1-minute bars that opened in [from, until). A symbol without bars is missing from the answer. No request is
   * repeated by itself.
   * Throws ALPACA_ANSWER_UNDECODABLE when the answer is not what the protocol says.
   */
  minuteBars(
    symbols: readonly Symbol_[],
    from: EpochMs,
    until: EpochMs,
  ): Promise<Outcome<ReadonlyMap<Symbol_, BarColumns>, BrokerUnavailable>>
  /**
   * The first page, or the one that `cursor` leads to, asked for in `asker`'s turn. Outages and refusals for asking too much
   * are waited out for a few attempts. A cursor that the exchange no longer knows is asked anew from its symbol on.
   * Throws ALPACA_ANSWER_UNDECODABLE, ALPACA_REQUEST_REFUSED when the exchange calls the question wrong, and at once the
   * reason of the asker's signal when that aborts: a question that was given up is neither answered nor refused.
   */
  page(question: BarsQuestion, cursor: BarsCursor | undefined, asker: Asker): Promise<Outcome<BarsPage, BrokerUnavailable>>
}
