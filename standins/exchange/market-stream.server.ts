import { encode } from '@msgpack/msgpack'
import type { Bar } from '#domain/bars.ts'
import type { Listing } from '#domain/tape.ts'
import { type EpochMs, epochMs, MINUTE_MS } from '#domain/units.ts'
import { type BarEncoder, type BarLetter, jsonBars, msgpackBars, type Proxies, type Wanted } from './bar-frames.ts'
import { type CountedRows, countedRows, pickedRows } from './counted-rows.ts'
import { type Codec, createDataSockets, type DataClient, type DataSockets, type StreamLimits } from './data-sockets.server.ts'
import type { Faults } from './faults.ts'
import { rowsOf, shownMinute } from './faulty-bars.ts'
import { createHaltWatch } from './halt-watch.ts'
import type { Distortion } from './history.ts'
import type { LatestBars } from './latest-bars.ts'
import type { MarketSession, StreamKeys } from './market-session.ts'
import type { MinuteOfRows } from './replay.ts'
import type { RunningDay } from './running-day.ts'
import { quoteFrames, tradeFrames } from './tick-frames.ts'

/** What one client wants, channel by channel: a byte for each listing, undefined where it wants none. */
type Wishes = Readonly<
  Record<'trades' | 'quotes' | 'bars' | 'updatedBars' | 'dailyBars' | 'statuses' | 'lulds' | 'imbalances', Wanted | undefined>
>

export type MarketStream = Omit<DataSockets<Wishes>, 'listening'> & {
  /** Sends the minute to whoever listens, and notes it in the running day. */
  readonly emit: (minute: MinuteOfRows) => void
}

export type MarketStreamTerms = {
  readonly keys: StreamKeys
  readonly feed: string
  readonly listings: readonly Listing[]
  readonly proxies: Proxies
  readonly limits: StreamLimits
  readonly halfSpreadBps: number
  readonly day: RunningDay
  readonly latest: LatestBars
  readonly faults: Faults
  readonly distortion: Distortion
  /** Whether nothing trades in a symbol at any instant of [from, until). */
  readonly isHalted: (symbol: Listing['symbol'], from: EpochMs, until: EpochMs) => boolean
}

/**
 * Alpaca's v2 stock data stream. A minute goes out in this order, each kind in a frame of its own: corrected bars of the minute
 * before, statuses, bands and imbalances of halts, trades, quotes, the minute's bars, the running day's.
 */
export function createMarketStream(terms: MarketStreamTerms): MarketStream {
  const { listings, day, faults } = terms
  const encoders: Readonly<Record<Codec, BarEncoder>> = {
    json: jsonBars(listings, terms.proxies),
    msgpack: msgpackBars(listings, terms.proxies),
  }
  const indexOf = new Map(listings.map(({ symbol }, s) => [symbol, s]))
  const halts = createHaltWatch(listings, terms)
  const sockets = createDataSockets<Wishes>({ ...terms, stream: 'stocks', wishOf: (session) => wishesOf(session, listings) })
  let late: readonly Bar[] = []

  const postBars = (client: DataClient<Wishes>, letter: BarLetter, counted: CountedRows) => {
    const wanted = client.wish[CHANNEL_OF[letter]]
    const frame = wanted && encoders[client.codec](counted, wanted, letter)
    // Only minute bars are counted: they are what a consumer of the clock waits for.
    if (frame) client.lane.post({ payload: frame.payload, bars: letter === 'b' ? frame.bars : 0 })
  }
  const postObjects = ({ codec, lane }: DataClient<Wishes>, frame: readonly object[]) => {
    if (frame.length > 0) lane.post({ payload: codec === 'msgpack' ? encode(frame) : JSON.stringify(frame), bars: 0 })
  }
  const emit = (minute: MinuteOfRows) => {
    const recorded = countedRows(minute.rows, minute.begin, minute.end)
    const halted = halts.haltedIn(epochMs(minute.closedAt - MINUTE_MS), minute.closedAt)
    const traded = halted.size === 0 ? recorded : pickedRows(recorded, (i) => !halted.has(minute.rows.symbolIndex[i]))
    if (traded) day.note(traded)
    const clients = sockets.listening()
    const corrected = late.map((bar) => ({ bar, s: indexOf.get(bar.symbol) ?? 0 }))
    const shown = traded && shownRows(traded, minute.closedAt)
    late = shown?.late ?? []
    const news = halts.newsOf(halted, minute.closedAt)
    for (const client of clients) {
      const { wish, codec } = client
      if (corrected.length > 0) postBars(client, 'u', countedRows(rowsOf(corrected), 0, corrected.length))
      for (const frame of news.framesFor(wish, codec)) postObjects(client, frame)
      if (!traded || !shown) continue
      postObjects(client, tradeFrames(shown.counted, { listings, wanted: wish.trades, codec }))
      postObjects(
        client,
        quoteFrames(shown.counted, { listings, wanted: wish.quotes, codec, halfSpreadBps: terms.halfSpreadBps }),
      )
      postBars(client, 'b', shown.counted)
      if (wish.dailyBars) postBars(client, 'd', day.rowsOf(traded))
    }
  }
  const shownRows = (traded: CountedRows, closedAt: EpochMs) => {
    const { rows, begin, end } = traded
    const minute = { rows, begin, end, closedAt }
    const seen = shownMinute(minute, { faults, distortion: terms.distortion, listings })
    if (seen.minute === minute) return { counted: traded, late: seen.late }
    return { counted: countedRows(seen.minute.rows, seen.minute.begin, seen.minute.end), late: seen.late }
  }
  const { listening: _, ...open } = sockets
  return { ...open, emit }
}

const CHANNEL_OF = { b: 'bars', u: 'updatedBars', d: 'dailyBars' } as const

function wishesOf({ subscriptions }: MarketSession, listings: readonly Listing[]): Wishes | undefined {
  const wanted = (symbols: readonly string[]) => wantedOf(symbols, listings)
  if (Object.values(subscriptions).every((symbols) => symbols.length === 0)) return undefined
  return {
    trades: wanted(subscriptions.trades),
    quotes: wanted(subscriptions.quotes),
    bars: wanted(subscriptions.bars),
    updatedBars: wanted(subscriptions.updatedBars),
    dailyBars: wanted(subscriptions.dailyBars),
    statuses: wanted(subscriptions.statuses),
    lulds: wanted(subscriptions.lulds),
    imbalances: wanted(subscriptions.imbalances),
  }
}

function wantedOf(symbols: readonly string[], listings: readonly Listing[]): Wanted | undefined {
  if (symbols.length === 0) return undefined
  if (symbols.includes('*')) return new Uint8Array(listings.length).fill(1)
  const named = new Set<string>(symbols)
  return Uint8Array.from(listings, ({ symbol }) => (named.has(symbol) ? 1 : 0))
}
