import { type Feed, SIMULATED, type Timeframe } from '#domain/bars.ts'
import type { BrokerUnavailable } from '#domain/broker.ts'
import { type Outcome, ok } from '#domain/outcome.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import type { EpochMs } from '#domain/units.ts'
import { type Backfilled, type Brought, backfill, type NoSource } from '#market/backfill.ts'
import { SYMBOLS_IN_A_QUESTION } from '#market/load-bars.steps.ts'
import type { BarsCursor } from '#sources/alpaca/history.ts'
import { step } from './step.flow.ts'

export type HistoryParameters = {
  readonly symbols: readonly Symbol_[]
  readonly timeframe: Timeframe
  /** Bars that opened in [from, until). */
  readonly from: EpochMs
  readonly until: EpochMs
  /** Asked in this order; the first that has bars and tells all of them is enough. `simulated` generates a market. */
  readonly feeds: readonly Feed[]
}

/** Bars told, of these the new ones and the ones that replaced others, and the time that it took, milliseconds of wall time. */
export type HistoryCounts = { readonly bars: number; readonly new: number; readonly revised: number; readonly tookMs: number }

/** Where a load is: whose bars, of which part of the symbols, from which page on, and what has come before. */
export type HistoryPlace = {
  readonly feed: Feed
  /** Place of the part's first symbol in the list of all. */
  readonly first: number
  readonly cursor: BarsCursor | undefined
  readonly soFar: HistoryCounts
}

export type HistoryPage = { readonly counts: HistoryCounts; readonly next: BarsCursor | undefined }

/** What a finished load left: symbols without any bar, and, of 1-minute bars, minutes without trade and missing ones. */
export type HistoryGaps = {
  readonly withoutBars: readonly Symbol_[]
  readonly minutes: { readonly noTrade: number; readonly missing: number } | undefined
}

export type HistoryLoaded = Outcome<Backfilled<HistoryCounts> & HistoryGaps, NoSource>

export type LoadHistorySteps = {
  /** Asks for one page and stores it. */
  readonly loadPage: (parameters: HistoryParameters, place: HistoryPlace) => Promise<Outcome<HistoryPage, BrokerUnavailable>>
  /** Generates and stores a market, marked as simulated. */
  readonly generate: (parameters: HistoryParameters) => Promise<HistoryCounts>
  /** Tells of a source that did not serve. */
  readonly tellPassedOver: (passedOver: NoSource['passedOver']) => Promise<void>
  /** Keeps the symbols of which bars came, and looks at what is missing. */
  readonly lookAtGaps: (parameters: HistoryParameters, feed: Feed) => Promise<HistoryGaps>
}

const NOTHING: HistoryCounts = { bars: 0, new: 0, revised: 0, tookMs: 0 }

/** Recorded bars from the first source that has them, page by page: a load that was killed goes on with the page that it was at. */
export const loadHistory =
  (steps: LoadHistorySteps) =>
  async (parameters: HistoryParameters): Promise<HistoryLoaded> => {
    const filled = await backfill(parameters.feeds, (feed) => loadFeed(steps, parameters, feed))
    const { passedOver } = filled.ok ? filled.value : filled.why
    if (passedOver.length > 0) await step('tell-passed-over', () => steps.tellPassedOver(passedOver))
    if (!filled.ok) return filled
    const { feed } = filled.value
    const gaps = await step('look-at-gaps', () => steps.lookAtGaps(parameters, feed))
    return ok({ ...filled.value, ...gaps })
  }

async function loadFeed(steps: LoadHistorySteps, parameters: HistoryParameters, feed: Feed): Promise<Brought<HistoryCounts>> {
  if (feed === SIMULATED) {
    const counts = await step('generate', () => steps.generate(parameters))
    return { counts, stopped: undefined }
  }
  let soFar = NOTHING
  for (let first = 0; first < parameters.symbols.length; first += SYMBOLS_IN_A_QUESTION) {
    let cursor: BarsCursor | undefined
    do {
      const place = { feed, first, cursor, soFar }
      const page = await step('load-page', () => steps.loadPage(parameters, place))
      if (!page.ok) return { counts: soFar, stopped: page.why }
      soFar = sum(soFar, page.value.counts)
      cursor = page.value.next
    } while (cursor)
  }
  return { counts: soFar, stopped: undefined }
}

function sum(a: HistoryCounts, b: HistoryCounts): HistoryCounts {
  return { bars: a.bars + b.bars, new: a.new + b.new, revised: a.revised + b.revised, tookMs: a.tookMs + b.tookMs }
}
