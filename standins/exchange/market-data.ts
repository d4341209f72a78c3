import { z } from 'zod'
import { dateInNewYork, sessionsBetween } from '#domain/calendar.ts'
import { type Outcome, ok, refuse } from '#domain/outcome.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import type { Listing } from '#domain/tape.ts'
import { DAY_MS, type EpochMs, epochMs, MINUTE_MS } from '#domain/units.ts'
import { type Adjustment, adjusterOf, adjustmentFrom } from './adjustments.ts'
import { auctionsJson, auctionsOf } from './auctions.ts'
import type { Proxies } from './bar-frames.ts'
import type { CorporateAction } from './corporate-actions.ts'
import { type Page, pageOf, type RangeQuestion, rangeFrom, refusedFeed, wrongQuery } from './data-query.ts'
import { type CountedBar, countedBar, lastPrintOf, type Print, printsOf } from './derived-ticks.ts'
import type { Distortion, History } from './history.ts'
import type { LatestBars } from './latest-bars.ts'
import { barJson, quoteJson, tapeOfListing, tradeJson } from './market-json.ts'
import type { Newswire } from './news.ts'
import { type Refusal, refusal } from './refusal.ts'
import type { RunningDay } from './running-day.ts'
import { barSizeFrom, TIMEFRAMES } from './timeframe.ts'

/** Everything that questions about market data are answered out of. */
export type MarketData = {
  readonly now: () => EpochMs
  readonly feed: string
  readonly listings: ReadonlyMap<Symbol_, Listing>
  readonly proxies: Proxies
  readonly history: History
  readonly latest: LatestBars
  readonly day: RunningDay
  readonly distortion: Distortion
  readonly halfSpreadBps: number
  readonly actions: readonly CorporateAction[]
  readonly wire: Newswire
}

/** Rows by symbol as they are sent, and the token of the next page. */
export type RowsPage = Page<object>

const BarsQuery = z.object({ timeframe: z.string(), adjustment: z.string().default('raw') })

const MINUTE = { kind: 'minutes', minutes: 1 } as const

/** A page of bars, as asked: aggregated from minutes, adjusted, and never one that has not closed yet. */
export async function barsPage(data: MarketData, list: string, query: object): Promise<Outcome<RowsPage, Refusal>> {
  const range = askedRange(data, list, query)
  if (!range.ok) return range
  const parsed = BarsQuery.safeParse(query)
  if (!parsed.success) return refuse(wrongQuery(parsed.error))
  const size = barSizeFrom(parsed.data.timeframe)
  if (!size) return refuse(refusal(400, `invalid timeframe: ${parsed.data.timeframe}; expected ${TIMEFRAMES}`))
  const adjustment = adjustmentFrom(parsed.data.adjustment)
  if (!adjustment.ok) return adjustment
  const now = data.now()
  const { start, end } = range.value
  const bars = async (symbol: Symbol_) => {
    const adjusted = await adjusterFor(data, symbol, { adjustment: adjustment.value, now })
    return data.history({ symbol, size, from: start, until: end, now, ...(adjusted === undefined ? {} : { adjusted }) })
  }
  const page = await pageOf(range.value, bars, (bar) => bar.openedAt)
  return ok(rowsOfPage(page, (bar) => barJson(bar, data.proxies.get(bar.symbol))))
}

function adjusterFor(data: MarketData, symbol: Symbol_, terms: { readonly adjustment: Adjustment; readonly now: EpochMs }) {
  return terms.adjustment.size === 0 || data.actions.length === 0 ? undefined : adjusterOf(data, symbol, terms)
}

/** A page of the trades that closed bars stand for. */
export function tradesPage(data: MarketData, list: string, query: object): Promise<Outcome<RowsPage, Refusal>> {
  return printsPage(data, { list, query, json: (print, listing) => tradeJson(print, tapeOfListing(listing.exchange)) })
}

/** A page of the quotes that closed bars stand for. */
export function quotesPage(data: MarketData, list: string, query: object): Promise<Outcome<RowsPage, Refusal>> {
  const json = (print: Print, { exchange }: Listing) => quoteJson(print, tapeOfListing(exchange), data.halfSpreadBps)
  return printsPage(data, { list, query, json })
}

type PrintsQuestion = {
  readonly list: string
  readonly query: object
  readonly json: (print: Print, listing: Listing) => object
}

async function printsPage(data: MarketData, { list, query, json }: PrintsQuestion): Promise<Outcome<RowsPage, Refusal>> {
  const range = askedRange(data, list, query)
  if (!range.ok) return range
  const { start, end } = range.value
  const prints = async (symbol: Symbol_) => {
    const listing = data.listings.get(symbol)
    const from = epochMs(start - MINUTE_MS)
    const bars = await data.history({ symbol, size: MINUTE, from, until: end, now: data.now() })
    if (!listing) return []
    return bars
      .flatMap((bar) => printsOf(bar))
      .filter(({ at }) => at >= start && at <= end)
      .map((print) => ({ id: print.id, row: json(print, listing) }))
  }
  const page = await pageOf(range.value, prints, ({ id }) => id)
  return ok(rowsOfPage(page, ({ row }) => row))
}

/** A page of auctions, a row a session. */
export async function auctionsPage(data: MarketData, list: string, query: object): Promise<Outcome<RowsPage, Refusal>> {
  const range = askedRange(data, list, query)
  if (!range.ok) return range
  const { start, end } = range.value
  const now = data.now()
  const sessions = sessionsBetween(dateInNewYork(start), dateInNewYork(epochMs(Math.min(end, now))))
  const auctions = async (symbol: Symbol_) => {
    const minutes = await data.history({ symbol, size: MINUTE, from: epochMs(start - DAY_MS), until: end, now })
    return auctionsOf(minutes, sessions, now)
  }
  const page = await pageOf(range.value, auctions, ({ session }) => session.opensAt)
  return ok(rowsOfPage(page, auctionsJson))
}

function askedRange(data: MarketData, list: string, query: object): Outcome<RangeQuestion, Refusal> {
  const range = rangeFrom(list, query, data.now())
  if (!range.ok) return range
  const refused = refusedFeed(query, data.feed)
  return refused === undefined ? range : refuse(refused)
}

function rowsOfPage<Item>({ items, nextPageToken }: Page<Item>, json: (item: Item) => object): RowsPage {
  return { items: new Map([...items].map(([symbol, found]) => [symbol, found.map(json)])), nextPageToken }
}

/** The last closed minute of a symbol as clients are shown it. */
export function latestBarOf({ latest, distortion }: MarketData, symbol: Symbol_): CountedBar | undefined {
  const bar = latest.barOf(symbol)
  const seen = bar && distortion.seen(bar)
  return seen && countedBar(seen)
}

/** The last closed minute as it is sent, or undefined before the first. */
export function latestBarJson(data: MarketData, symbol: Symbol_): object | undefined {
  const bar = latestBarOf(data, symbol)
  return bar && barJson(bar, data.proxies.get(symbol))
}

/** The last trade of the last closed minute. */
export function latestTradeJson(data: MarketData, symbol: Symbol_): object | undefined {
  return latestOf(data, symbol, (print, { exchange }) => tradeJson(print, tapeOfListing(exchange)))
}

/** The quote around the last trade of the last closed minute. */
export function latestQuoteJson(data: MarketData, symbol: Symbol_): object | undefined {
  return latestOf(data, symbol, (print, { exchange }) => quoteJson(print, tapeOfListing(exchange), data.halfSpreadBps))
}

function latestOf(data: MarketData, symbol: Symbol_, json: PrintsQuestion['json']): object | undefined {
  const bar = latestBarOf(data, symbol)
  const [print, listing] = [bar && lastPrintOf(bar), data.listings.get(symbol)]
  return print && listing && json(print, listing)
}

/** Latest trade, quote and minute with the day so far and the day before; undefined for a symbol without any bar. */
export function snapshotJson(data: MarketData, symbol: Symbol_): object | undefined {
  const minuteBar = latestBarJson(data, symbol)
  if (minuteBar === undefined) return undefined
  const [day, before] = [data.day.dayOf(symbol), data.day.dayBeforeOf(symbol)]
  const proxy = data.proxies.get(symbol)
  const parts = {
    latestTrade: latestTradeJson(data, symbol),
    latestQuote: latestQuoteJson(data, symbol),
    minuteBar,
    dailyBar: day && barJson(day, proxy),
    prevDailyBar: before && barJson(before, proxy),
  }
  return Object.fromEntries(Object.entries(parts).filter(([, part]) => part !== undefined))
}
