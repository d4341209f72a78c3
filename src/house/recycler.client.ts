import type { Pool } from 'pg'
import type { RecycledExchange, RecycleRequest } from '#cli/program.ts'
import type { Feed } from '#domain/bars.ts'
import {
  lastSessionClosedBy,
  newYorkInstant,
  sessionAtInstant,
  sessionDateFrom,
  sessionOn,
  sessionsBefore,
} from '#domain/calendar.ts'
import { wrongRequest } from '#domain/fault.ts'
import { microUsd } from '#domain/money.ts'
import type { Session, SessionDate } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import type { Tape } from '#domain/tape.ts'
import { type EpochMs, epochMs, MINUTE_MS } from '#domain/units.ts'
import { feedFor } from '#flows/rehearsal-plan.steps.ts'
import { sessionsStored, symbolsStored } from '#market/bars.store.ts'
import { newsKnownAt } from '#market/news.store.ts'
import { splitsOf } from '#market/splits.store.ts'
import { storedTape } from '#market/tape.store.ts'
import type { Settings } from '#settings/schema.ts'
import { openExchange } from '../../standins/exchange/exchange.server.ts'
import { proxiedTape } from '../../standins/exchange/proxied-tape.ts'
import { relaidNews, relaidSplits } from '../../standins/exchange/relaid-events.ts'
import { type LaidSession, laidOut, laidSessionAt, relaidTape, withSessionsBefore } from '../../standins/exchange/relaid-tape.ts'
import { splitActions, storyOf } from './recycler-events.ts'
import { faultsIn } from './scripted-faults.file.ts'

/** Whoever is on this machine may ask: the exchange listens on the loopback address and has no money of anybody's. */
const KEYS = { keyId: 'PKRECYCLER', secret: 'recycler' }
/** Sessions before the first that can be asked for over REST. */
const LOOK_BACK_SESSIONS = 20
/** Most stored articles that are told; of more, the last ones. */
const MOST_ARTICLES = 20_000

/**
 * Opens an exchange alone over stored bars, and starts its clock. Throws a Fault of exit code 2 when what is asked for is not
 * stored, or a file of faults cannot be read.
 */
export async function openRecycler(
  { sql, settings, now }: { readonly sql: Pool; readonly settings: Settings; readonly now: EpochMs },
  request: RecycleRequest,
): Promise<RecycledExchange> {
  const faults = request.faultsFile === undefined ? [] : await faultsIn(request.faultsFile)
  const asked = askedRange(request)
  const feed = await feedFor(sql, request.feed ?? settings.market.feed)
  const recorded = await recordedSessions(sql, asked, feed)
  const proxies = new Map(request.proxies)
  const laid = layout(recorded, request, now)
  const feedPath = feed === 'sip' ? 'sip' : 'iex'
  const [first, last] = [recorded[0], recorded.at(-1) ?? recorded[0]]
  const withPast = withSessionsBefore(laid, LOOK_BACK_SESSIONS)
  const tape = await tapeOf(sql, { feed, recorded, proxies })
  const splits = await splitsOf(
    sql,
    tape.listings.map(({ symbol }) => symbol),
  )
  const articles = await newsKnownAt(sql, { at: last.closesAt, symbols: [], limit: MOST_ARTICLES })
  const exchange = await openExchange({
    tape: relaidTape(tape, withPast),
    corporateActions: relaidSplits(splitActions(splits, proxies), withPast),
    news: relaidNews(articles.map(storyOf), withPast),
    sessions: laid.map(({ shown }) => shown),
    speed: request.speed,
    startAt: startOf(laid, request, now),
    fillModel: settings.exchange,
    startingCash: microUsd(settings.risk.startingCashUsd),
    keys: KEYS,
    proxies,
    feedPath,
    faults,
    limits: { connectionsPerKey: request.connections },
    recordedAt: (at) => recordedIn(laidSessionAt(laid, at)),
    host: '127.0.0.1',
    port: request.port,
  })
  await fetch(`${exchange.url}/sandbox/clock/start`, { method: 'POST' })
  return { ...exchange, ...KEYS, feed, feedPath, from: first.date, until: last.date, close: exchange.close }
}

function recordedIn(laid: LaidSession | undefined) {
  return laid && { session: laid.shown.date, recorded: laid.recorded.date, pass: laid.pass }
}

/** Where sessions are shown: on their own days, or ending the present. A second pass follows the first on the calendar. */
function layout(recorded: readonly [Session, ...Session[]], request: RecycleRequest, now: EpochMs): LaidSession[] {
  if (!request.isShiftedToNow && request.passes === 1)
    return recorded.map((session) => ({ shown: session, recorded: session, pass: 1 }))
  const [first] = recorded
  return laidOut(recorded, { first: request.isShiftedToNow ? presentSession(now) : first, passes: request.passes })
}

/** The session that is trading, or the last one that did. */
function presentSession(now: EpochMs): Session {
  return sessionAtInstant(now) ?? lastSessionClosedBy(now)
}

/** The first opening; shifted to now while the market is open, this minute. */
function startOf([first]: readonly LaidSession[], { isShiftedToNow }: RecycleRequest, now: EpochMs): EpochMs {
  const isOpen = isShiftedToNow && sessionAtInstant(now) !== undefined
  return isOpen ? epochMs(now - (now % MINUTE_MS)) : first.shown.opensAt
}

/** The dates that are asked for; undefined where that is left to what is stored. */
type AskedRange = { readonly first: SessionDate | undefined; readonly last: SessionDate | undefined }

function askedRange({ day, from, until }: RecycleRequest): AskedRange {
  if (day === undefined)
    return { first: from === undefined ? undefined : dateOf(from), last: until === undefined ? undefined : dateOf(until) }
  const date = dateOf(day)
  requireOpen(date)
  return { first: date, last: date }
}

async function recordedSessions(sql: Pool, asked: AskedRange, feed: Feed): Promise<readonly [Session, ...Session[]]> {
  const stored = await sessionsStored(sql, { feed, timeframe: '1m' })
  const newest = stored.at(-1)
  if (newest === undefined)
    throw wrongRequest(
      'NOTHING_STORED',
      `The feed '${feed}' has no 1-minute bars within trading hours; import some (spreadworks import FILE).`,
    )
  const last = asked.last ?? newest.date
  const first = asked.first ?? (asked.last === undefined ? newest.date : (stored.at(0)?.date ?? last))
  const [earliest, ...others] = stored.filter(({ date }) => first <= date && date <= last)
  if (earliest !== undefined) return [earliest, ...others]
  throw wrongRequest(
    'DAY_NOT_STORED',
    `No 1-minute bars from ${first} to ${last} are stored in the feed '${feed}'; it has ${stored.at(0)?.date} to ${newest.date}.`,
  )
}

function dateOf(text: string): SessionDate {
  const date = sessionDateFrom(text)
  if (date === undefined) throw wrongRequest('DAY_UNREADABLE', `'${text}' is not a date; write it as YYYY-MM-DD.`)
  return date
}

function requireOpen(date: SessionDate): void {
  if (sessionOn(date) === undefined)
    throw wrongRequest('DAY_CLOSED', `The New York Stock Exchange was closed on ${date}; choose a trading day.`)
}

type Recorded = {
  readonly feed: Feed
  readonly recorded: readonly [Session, ...Session[]]
  readonly proxies: ReadonlyMap<Symbol_, Symbol_>
}

/** The stored bars of the sessions and of those before, with every symbol that trades in them and the proxies. */
async function tapeOf(sql: Pool, { feed, recorded, proxies }: Recorded): Promise<Tape> {
  const [first, last] = [recorded[0], recorded.at(-1) ?? recorded[0]]
  const [earliest = first] = sessionsBefore(first.date, LOOK_BACK_SESSIONS)
  const until = newYorkInstant(last.date, '20:00')
  const stored = await symbolsStored(sql, { feed, timeframe: '1m', from: first.opensAt, until: last.closesAt })
  const symbols = stored.map(({ symbol }) => symbol)
  for (const [symbol, proxy] of proxies) requireProxy({ symbol, proxy }, symbols)
  return proxiedTape(await storedTape(sql, { feed, symbols, from: newYorkInstant(earliest.date, '04:00'), until }), proxies)
}

function requireProxy(
  { symbol, proxy }: { readonly symbol: Symbol_; readonly proxy: Symbol_ },
  stored: readonly Symbol_[],
): void {
  if (stored.includes(symbol))
    throw wrongRequest(
      'PROXY_INVALID',
      `${symbol} has bars of its own in these sessions; a proxy would hide them: leave out --proxy ${symbol}=${proxy}.`,
    )
  if (!stored.includes(proxy))
    throw wrongRequest(
      'PROXY_INVALID',
      `${proxy}, the proxy of ${symbol}, has no bars in these sessions; name a symbol that has.`,
    )
}
