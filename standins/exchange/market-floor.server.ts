import { dateInNewYork, lastSessionClosedBy, sessionAtInstant } from '#domain/calendar.ts'
import type { Session } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import type { Tape } from '#domain/tape.ts'
import { type EpochMs, epochMs, MINUTE_MS } from '#domain/units.ts'
import type { Halt } from './conditions.ts'
import { countedRows } from './counted-rows.ts'
import type { MarketOptions } from './exchange-options.ts'
import type { Faults } from './faults.ts'
import { distortionBy } from './faulty-bars.ts'
import { createHistory, type Distortion } from './history.ts'
import type { LatestBars } from './latest-bars.ts'
import type { MarketData } from './market-data.ts'
import type { StreamKeys } from './market-session.ts'
import { createMarketStream, type MarketStream } from './market-stream.server.ts'
import { newswireOf } from './news.ts'
import { createNewsStream, type NewsStream } from './news-stream.server.ts'
import type { MinuteOfRows } from './replay.ts'
import { createRunningDay, type RunningDay } from './running-day.ts'
import { ALPACA_LIMITS } from './stream-limits.ts'

/** The market-data side of one exchange: what it streams, and what it answers out of. */
export type MarketFloor = {
  readonly market: MarketStream
  readonly news: NewsStream
  readonly data: MarketData
  readonly emit: (minute: MinuteOfRows) => void
  /** How long a client may hold the replay up. */
  readonly patienceMs: number
}

export type MarketFloorTerms = {
  readonly options: MarketOptions & { readonly tape: Tape; readonly keys: StreamKeys; readonly startAt: EpochMs }
  readonly halfSpreadBps: number
  readonly halts: readonly Halt[]
  readonly isHalted: (symbol: Symbol_, from: EpochMs, until: EpochMs) => boolean
  readonly latest: LatestBars
  readonly faults: Faults
  readonly now: () => EpochMs
}

/** Sets the market-data side up, the day before `startAt` and the day so far noted. */
export async function openMarketFloor(terms: MarketFloorTerms): Promise<MarketFloor> {
  const { latest, faults, halfSpreadBps } = terms
  const { tape, keys, startAt, proxies = new Map(), ...options } = terms.options
  const feed = options.feedPath ?? 'iex'
  const limits = { ...ALPACA_LIMITS, ...options.limits }
  const day = createRunningDay(tape.listings)
  await noteDaysBefore(tape, day, startAt)
  const distortion = besideHalts(distortionBy(faults), terms.halts)
  const common = { keys, limits, faults }
  const market = createMarketStream({ ...terms, ...common, feed, listings: tape.listings, proxies, day, distortion })
  const wire = options.news ?? newswireOf([])
  const news = createNewsStream({ ...common, wire, since: startAt })
  const data: MarketData = {
    now: terms.now,
    feed,
    listings: new Map(tape.listings.map((listing) => [listing.symbol, listing])),
    proxies,
    history: createHistory(tape, distortion),
    latest,
    day,
    distortion,
    halfSpreadBps,
    actions: options.corporateActions ?? [],
    wire,
  }
  const emit = (minute: MinuteOfRows) => {
    day.beginDay(dateInNewYork(epochMs(minute.closedAt - MINUTE_MS)))
    market.emit(minute)
    news.emit(minute.closedAt)
  }
  return { market, news, data, emit, patienceMs: limits.patienceMs }
}

const LOOK_BACK_SESSIONS = 5

/** Notes the last session with bars that closed by `at`, and the minutes of the running one that have. */
async function noteDaysBefore(tape: Tape, day: RunningDay, at: EpochMs): Promise<void> {
  let session = lastSessionClosedBy(at)
  for (let back = 0; back < LOOK_BACK_SESSIONS; back++) {
    if (await noteMinutes(tape, day, { session, until: session.closesAt })) break
    session = lastSessionClosedBy(epochMs(session.opensAt - 1))
  }
  const running = sessionAtInstant(at)
  if (running) await noteMinutes(tape, day, { session: running, until: epochMs(at - MINUTE_MS + 1) })
}

async function noteMinutes(
  tape: Tape,
  day: RunningDay,
  { session, until }: { readonly session: Session; readonly until: EpochMs },
): Promise<boolean> {
  if (until <= session.opensAt) return false
  const rows = await tape.rowsBetween(session.opensAt, until)
  if (rows.openedAt.length === 0) return false
  day.beginDay(session.date)
  day.note(countedRows(rows, 0, rows.openedAt.length))
  return true
}

/** A scripted halt leaves no bars behind, as a real one does. */
function besideHalts(distortion: Distortion, halts: readonly Halt[]): Distortion {
  const isMeant = (halt: Halt, symbol: Symbol_) => halt.symbol === '*' || halt.symbol === symbol
  return {
    touches: (symbol) => distortion.touches(symbol) || halts.some((halt) => isMeant(halt, symbol)),
    seen: (bar) => {
      const until = bar.openedAt + MINUTE_MS
      const isHalted = halts.some((halt) => isMeant(halt, bar.symbol) && halt.from < until && bar.openedAt < halt.until)
      return isHalted ? undefined : distortion.seen(bar)
    },
  }
}
