import { encode } from '@msgpack/msgpack'
import type { Bar } from '#domain/bars.ts'
import type { Listing } from '#domain/tape.ts'
import { type EpochMs, epochMs, MINUTE_MS } from '#domain/units.ts'
import { type BarEncoder, type BarFrame, type BarLetter, jsonBars, msgpackBars, type Proxies, type Wanted } from './bar-frames.ts'
import { type CountedRows, countedRows, pickedRows } from './counted-rows.ts'
import { type Codec, createDataSockets, type DataClient, type DataSockets } from './data-sockets.server.ts'
import type { Faults } from './faults.ts'
import { rowsOf, shownMinute } from './faulty-bars.ts'
import { createHaltWatch } from './halt-watch.ts'
import type { Distortion } from './history.ts'
import type { LatestBars } from './latest-bars.ts'
import type { MarketSession, StreamKeys } from './market-session.ts'
import type { MinuteOfRows } from './replay.ts'
import type { RunningDay } from './running-day.ts'
import type { StreamLimits } from './stream-limits.ts'
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
  const everything: Wanted = new Uint8Array(listings.length).fill(1)
  const wishOf = (session: MarketSession) => wishesOf(session, { listings, everything })
  const sockets = createDataSockets<Wishes>({ ...terms, stream: 'stocks', wishOf })
  let late: readonly Bar[] = []

  const postBars = ({ wish, codec, lane }: DataClient<Wishes>, letter: BarLetter, framed: Framed) => {
    const wanted = wish[CHANNEL_OF[letter]]
    const frame = wanted && framed(wanted, letter, codec)
    // Only minute bars are counted: they are what a consumer of the clock waits for.
    if (frame) lane.post({ payload: frame.payload, bars: letter === 'b' ? frame.bars : 0 })
  }
  const framing = (counted: CountedRows): Framed => {
    const whole = new Map<string, BarFrame | undefined>()
    return (wanted, letter, codec) => {
      const key = `${codec} ${letter}`
      const frame = whole.has(key) && wanted === everything ? whole.get(key) : encoders[codec](counted, wanted, letter)
      if (wanted === everything) whole.set(key, frame)
      return frame
    }
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
    const correctedBars = framing(countedRows(rowsOf(corrected), 0, corrected.length))
    const shown = traded && shownRows(traded, minute.closedAt)
    late = shown?.late ?? []
    const news = halts.newsOf(halted, minute.closedAt)
    const bars = shown && framing(shown.counted)
    const days = traded && clients.some(({ wish }) => wish.dailyBars) ? framing(day.rowsOf(traded)) : undefined
    for (const client of clients) {
      const { wish, codec } = client
      if (corrected.length > 0) postBars(client, 'u', correctedBars)
      for (const frame of news.framesFor(wish, codec)) postObjects(client, frame)
      if (!shown || !bars) continue
      const ticks = { listings, codec, halfSpreadBps: terms.halfSpreadBps }
      postObjects(client, tradeFrames(shown.counted, { ...ticks, wanted: wish.trades }))
      postObjects(client, quoteFrames(shown.counted, { ...ticks, wanted: wish.quotes }))
      postBars(client, 'b', bars)
      if (days) postBars(client, 'd', days)
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

/** Frames of the same bars; what everyone wants who wants every symbol is made once. */
type Framed = (wanted: Wanted, letter: BarLetter, codec: Codec) => BarFrame | undefined

const CHANNEL_OF = { b: 'bars', u: 'updatedBars', d: 'dailyBars' } as const

type Floor = { readonly listings: readonly Listing[]; readonly everything: Wanted }

function wishesOf({ subscriptions }: MarketSession, floor: Floor): Wishes | undefined {
  const wanted = (symbols: readonly string[]) => wantedOf(symbols, floor)
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

function wantedOf(symbols: readonly string[], { listings, everything }: Floor): Wanted | undefined {
  if (symbols.length === 0) return undefined
  if (symbols.includes('*')) return everything
  const named = new Set<string>(symbols)
  return Uint8Array.from(listings, ({ symbol }) => (named.has(symbol) ? 1 : 0))
}
