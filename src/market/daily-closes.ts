import type { Feed } from '#domain/bars.ts'
import type { SessionDate } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import type { PriceColumn } from '#domain/units.ts'

/** From the session of `effectiveOn` on, one old share is `newPerOld` new ones: 10 for 10:1, 0.1 for a reverse split. */
export type Split = { readonly effectiveOn: SessionDate; readonly newPerOld: number }

/** Closes of one feed: [n] as it tells them, NaN where it has none. */
export type FeedCloses = {
  readonly feed: Feed
  /** Whether the feed rewrites older closes after a split; false when they stand as they were traded. */
  readonly isSplitAdjusted: boolean
  readonly close: PriceColumn
}

/** Daily closes of one symbol as two feeds tell them, on the same sessions, ascending, with the splits that anybody has told of. */
export type DailyCloses = {
  readonly symbol: Symbol_
  readonly dates: readonly SessionDate[]
  readonly feeds: readonly [FeedCloses, FeedCloses]
  readonly splits: readonly Split[]
}

/** How far from its date a split may show in closes as traded; a vendor that is a few days late is still late for this split. */
const SESSIONS_AROUND = 5

/** Closes of both feeds as if every share had been split long ago, and which splits the closes as traded bear out. */
export type OneBasis = {
  /** [n] natural logarithms, NaN where the feed has no close. */
  readonly logs: readonly [Float64Array, Float64Array]
  /** Told of, and not denied by closes as traded. */
  readonly splits: readonly Split[]
  /** Told of, but closes as traded do not fall (or rise) by them around their date. */
  readonly denied: readonly Split[]
}

/**
 * Brings both feeds to one basis: closes as traded are divided by every split after them. A split counts unless a feed with
 * closes as traded was there on both sides of it and shows no more than half of it; then it is left out.
 */
export function onOneBasis({ dates, feeds, splits }: DailyCloses): OneBasis {
  const asTraded = feeds.filter(({ isSplitAdjusted }) => !isSplitAdjusted)
  const isDenied = (split: Split) => asTraded.some((feed) => shows(split, feed.close, dates) === false)
  const kept = splits.filter((split) => !isDenied(split))
  const [a, b] = feeds
  return {
    logs: [logCloses(a, dates, kept), logCloses(b, dates, kept)],
    splits: kept,
    denied: splits.filter(isDenied),
  }
}

/** Whether closes as traded move by a split around its date; undefined where they are not known on both sides. */
function shows({ effectiveOn, newPerOld }: Split, close: PriceColumn, dates: readonly SessionDate[]): boolean | undefined {
  const after = dates.findIndex((date) => date >= effectiveOn)
  const observed = dates.flatMap((_, t) => (Number.isNaN(close[t]) ? [] : [t]))
  const place = observed.findIndex((t) => t >= after)
  if (after < 0 || place <= 0) return undefined
  const step = Math.log(newPerOld)
  const around = observed.slice(Math.max(0, place - 1 - SESSIONS_AROUND), place + 1 + SESSIONS_AROUND)
  return around.some((t, i) => i > 0 && (-Math.log(close[t] / close[around[i - 1]]) / step) * 2 > 1)
}

function logCloses(
  { isSplitAdjusted, close }: FeedCloses,
  dates: readonly SessionDate[],
  splits: readonly Split[],
): Float64Array {
  return Float64Array.from(close, (price, t) => {
    const later = isSplitAdjusted ? [] : splits.filter(({ effectiveOn }) => dates[t] < effectiveOn)
    return Math.log(price) - later.reduce((sum, { newPerOld }) => sum + Math.log(newPerOld), 0)
  })
}
