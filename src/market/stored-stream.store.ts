import type { Sql } from '#database/connection.client.ts'
import type { Bar, BarColumns, Feed } from '#domain/bars.ts'
import type { BarStream } from '#domain/broker.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { type EpochMs, epochMs, MINUTE_MS } from '#domain/units.ts'
import { passing, type Timer } from '#sources/alpaca/timer.ts'
import { barsBetween } from './bars.store.ts'

/** How often the store is asked for the bars of a minute that has just ended. */
const ASK_EVERY_MS = 50
/** Corrections and bars that were missed come within that time of their minute; what comes later is in the next day's history. */
const LATE_MS = 20 * MINUTE_MS

/** A stream of stored bars, which brings them when it is told to. */
export type StoredStream = BarStream & {
  /**
   * Brings every bar that opened before `until`, was stored since the last time, and is not held in quarantine; corrections of
   * the last 20 minutes too. Waits for bars of the minute that ends at `until`, while a symbol has none, until the limit is over.
   */
  readonly bring: (until: EpochMs) => Promise<void>
}

export type StoredStreamTerms = {
  readonly sql: Sql
  readonly feed: Feed
  readonly timer: Timer
  /** Bars that opened earlier are not brought. */
  readonly from: EpochMs
  /** How long after a minute's end its bars may come, milliseconds. */
  readonly waitMs: number
  /** Ends a wait. */
  readonly signal: AbortSignal
}

type Subscriber = { readonly symbols: readonly Symbol_[]; readonly onBars: (bars: readonly Bar[]) => void }

/**
 * The bars of a feed as whoever collects it stores them, maybe in another process: an account has one socket of bars. It asks by
 * the key of the bars, and only while somebody waits.
 */
export function storedStream(terms: StoredStreamTerms): StoredStream {
  const subscribers = new Set<Subscriber>()
  const told = new ToldBars()
  let readUntil = terms.from
  const tell = async (from: EpochMs, until: EpochMs) => {
    for (const { symbols, onBars } of subscribers) {
      const bars = told.newAmong(await barsBetween(terms.sql, symbols, { feed: terms.feed, timeframe: '1m', from, until }))
      if (bars.length > 0) onBars(bars)
    }
  }
  return {
    subscribe: async (symbols, onBars) => {
      const subscriber = { symbols, onBars }
      subscribers.add(subscriber)
      return {
        close: async () => {
          subscribers.delete(subscriber)
        },
      }
    },
    bring: async (until) => {
      const from = epochMs(Math.max(terms.from, Math.min(readUntil, until - LATE_MS)))
      const lastMinute = epochMs(Math.max(from, until - MINUTE_MS))
      // What is older is read while the last minute's bars are on their way.
      if (from < lastMinute) await tell(from, lastMinute)
      await lastMinuteStored(
        terms,
        [...subscribers].flatMap(({ symbols }) => symbols),
        until,
      )
      if (lastMinute < until) await tell(lastMinute, until)
      told.forgetBefore(epochMs(until - LATE_MS))
      readUntil = epochMs(Math.max(readUntil, until))
    },
  }
}

async function lastMinuteStored(
  { sql, feed, timer, waitMs, signal }: StoredStreamTerms,
  symbols: readonly Symbol_[],
  until: EpochMs,
) {
  let missing = symbols
  while (timer.now() < until + waitMs && !signal.aborted) {
    missing = await withoutBar(sql, missing, { feed, openedAt: epochMs(until - MINUTE_MS) })
    if (missing.length === 0) return
    await passing(timer, ASK_EVERY_MS, signal)
  }
}

/** Those of `symbols` of which no 1-minute bar of this opening is stored. */
async function withoutBar(
  sql: Sql,
  symbols: readonly Symbol_[],
  { feed, openedAt }: { readonly feed: Feed; readonly openedAt: EpochMs },
): Promise<Symbol_[]> {
  const { rows } = await sql.query<{ symbol: Symbol_ }>(
    `select symbol from spreadworks.bars where symbol = any($1) and timeframe = '1m' and opened_at = $2 and feed = $3`,
    [symbols, new Date(openedAt), feed],
  )
  const stored = new Set(rows.map(({ symbol }) => symbol))
  return symbols.filter((symbol) => !stored.has(symbol))
}

/** The closes that were brought: a bar is brought again only with another one. */
class ToldBars {
  readonly #closes = new Map<Symbol_, Map<number, number>>()

  newAmong(stored: ReadonlyMap<Symbol_, BarColumns>): Bar[] {
    const bars: Bar[] = []
    for (const [symbol, { openedAt, open, high, low, close, volumeShares }] of stored) {
      const closes = this.#closes.get(symbol) ?? new Map<number, number>()
      this.#closes.set(symbol, closes)
      for (let i = 0; i < openedAt.length; i++) {
        if (closes.get(openedAt[i]) === close[i]) continue
        closes.set(openedAt[i], close[i])
        const prices = { open: open[i], high: high[i], low: low[i], close: close[i] }
        bars.push({ symbol, openedAt: epochMs(openedAt[i]), ...prices, volumeShares: volumeShares[i] })
      }
    }
    return bars
  }

  forgetBefore(at: EpochMs): void {
    for (const closes of this.#closes.values()) for (const openedAt of closes.keys()) if (openedAt < at) closes.delete(openedAt)
  }
}
