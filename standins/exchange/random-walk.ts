import { randomStream } from '#domain/random.ts'
import type { Session } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import type { Listing, Tape, TapeRows } from '#domain/tape.ts'
import { MINUTE_MS } from '#domain/units.ts'
import { toCent } from './rounding.ts'

/** Rows held in memory as a tape. */
function tapeOf(listings: readonly Listing[], rows: TapeRows): Tape {
  const firstAtOrAfter = (at: number) => {
    const found = rows.openedAt.findIndex((opened) => opened >= at)
    return found < 0 ? rows.openedAt.length : found
  }
  return {
    feed: 'random-walk',
    listings,
    rowsBetween: async (from, until) => {
      const range = [firstAtOrAfter(from), firstAtOrAfter(until)] as const
      return {
        openedAt: rows.openedAt.slice(...range),
        symbolIndex: rows.symbolIndex.slice(...range),
        open: rows.open.slice(...range),
        high: rows.high.slice(...range),
        low: rows.low.slice(...range),
        close: rows.close.slice(...range),
        volumeShares: rows.volumeShares.slice(...range),
      }
    },
  }
}

/**
 * Random walks of `symbols` over every minute of `sessions`, for tests and measurements of the exchange: the same seed
 * gives the same tape. The last symbol may not be sold short.
 */
export function randomWalkTape(seed: number, symbols: readonly Symbol_[], sessions: readonly Session[]): Tape {
  const sorted = [...symbols].sort()
  const listings = sorted.map(
    (symbol, i): Listing => ({ symbol, name: `${symbol} Inc.`, exchange: 'NYSE', shortable: i < sorted.length - 1 }),
  )
  const minutes = sessions.flatMap(({ opensAt, closesAt }) =>
    Array.from({ length: (closesAt - opensAt) / MINUTE_MS }, (_, i) => opensAt + i * MINUTE_MS),
  )
  const count = minutes.length * sorted.length
  const column = () => new Float64Array(count)
  const rows = {
    openedAt: column(),
    symbolIndex: new Uint16Array(count),
    open: column(),
    high: column(),
    low: column(),
    close: column(),
    volumeShares: column(),
  }
  const random = randomStream(seed, 'random-walk')
  const last = sorted.map(() => 50 + 100 * random.uniform())
  for (let i = 0; i < count; i++) {
    const s = i % sorted.length
    rows.openedAt[i] = minutes[Math.floor(i / sorted.length)]
    rows.symbolIndex[i] = s
    rows.open[i] = toCent(last[s])
    rows.close[i] = toCent(last[s] * (1 + 0.0005 * random.normal()))
    rows.high[i] = toCent(Math.max(rows.open[i], rows.close[i]) + 0.02)
    rows.low[i] = toCent(Math.min(rows.open[i], rows.close[i]) - 0.02)
    rows.volumeShares[i] = 500 + random.below(5_000)
    last[s] = rows.close[i]
  }
  return tapeOf(listings, rows)
}
