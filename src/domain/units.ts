/**
 * Units as types. A `Measured<'usd-per-share', number>` is a number that may not be mistaken for another unit's number;
 * it costs nothing at run time. Brands are minted only by constructors, decoders and the last line of a column function.
 */
declare const unit: unique symbol

export type Measured<Unit extends string, Base> = Base & { readonly [unit]: Unit }

/** Milliseconds since 1970-01-01T00:00:00Z. */
export type EpochMs = Measured<'epoch-ms', number>
/** A number in [0, 1]. */
export type Probability = Measured<'probability', number>

/** Instants, ascending, one per row: [n] epoch ms. */
export type TimeColumn = Measured<'epoch-ms', Float64Array>
/** [n] US dollars per share; NaN where nothing was observed. */
export type PriceColumn = Measured<'usd-per-share', Float64Array>
/** [n] shares; 0 is a measured zero, NaN is not observed. */
export type SharesColumn = Measured<'shares', Float64Array>
/** [n] differences of natural logarithms of prices. */
export type LogReturnColumn = Measured<'log-return', Float64Array>
/** [n] ln y − β ln x − α. */
export type LogSpreadColumn = Measured<'log-spread', Float64Array>
/** [n] standard deviations from the mean. */
export type ZScoreColumn = Measured<'z-score', Float64Array>

export const MINUTE_MS = 60_000
export const DAY_MS = 86_400_000

export function epochMs(value: number): EpochMs {
  return value as EpochMs
}

/** The instant that an ISO 8601 text with an offset or `Z` names. Throws RangeError for a text without one. */
export function instantFrom(iso: string): EpochMs {
  return Temporal.Instant.from(iso).epochMilliseconds as EpochMs
}

/** ISO 8601 in UTC with milliseconds, for example 2018-03-28T13:30:00.000Z. */
export function isoFrom(at: EpochMs): string {
  return new Date(at).toISOString()
}
