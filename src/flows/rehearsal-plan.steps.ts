import type { Pool } from 'pg'
import { z } from 'zod'
import { type Feed, SIMULATED } from '#domain/bars.ts'
import { nextSession, sessionDateFrom, sessionOn, sessionsBefore } from '#domain/calendar.ts'
import { wrongRequest } from '#domain/fault.ts'
import type { Session } from '#domain/sessions.ts'
import { bySymbol, type Symbol_ } from '#domain/symbol.ts'
import { sessionsStored, storedFeeds, symbolsStored } from '#market/bars.store.ts'
import { isSectorActive } from '#market/listing.ts'
import { sectorChoice } from '#market/sectors.store.ts'
import { sectors, symbolsOfSector } from '#market/symbols.store.ts'
import { universeOf } from '#market/universe.store.ts'
import type { Settings } from '#settings/schema.ts'
import { nextRehearsalBook } from './books.store.ts'
import type { RehearsalParameters, TradingRules } from './rehearsal.ts'

/** What a person asks for; what is left out comes from the settings. */
export type RehearsalRequest = {
  /** `YYYY-MM-DD`; the last stored session unless given. */
  readonly day: string | undefined
  readonly days: number
  readonly sectors: readonly string[]
  readonly speed: number | 'max' | undefined
  readonly seed: number | undefined
  readonly feed: string | undefined
}

/** What a rehearsal can be asked for. */
export const RehearsalFields = z.strictObject({
  day: z.string().optional().describe('First session, YYYY-MM-DD; the last one stored unless given'),
  days: z.int().min(1).default(1).describe('Sessions in a row'),
  sectors: z.array(z.string()).default([]).describe('Sectors whose symbols take part; all when none is named'),
  speed: z
    .union([z.literal('max'), z.number().positive().max(100_000)])
    .optional()
    .describe('max, or how many times faster than the market; rehearsal.speed unless given'),
  seed: z.int().min(0).optional().describe('Seed of everything random; rehearsal.seed unless given'),
  feed: z.string().optional().describe('Feed whose bars are replayed; market.feed unless given'),
})

/** The request that fields from outside make. Throws a Fault of exit code 2 that names the field and what it should be. */
export function rehearsalRequestFrom(fields: Readonly<Record<string, unknown>>): RehearsalRequest {
  const parsed = RehearsalFields.safeParse(fields)
  if (!parsed.success)
    throw wrongRequest(
      'REHEARSAL_PARAMETERS',
      `A rehearsal cannot be started with these parameters: ${z.prettifyError(parsed.error)}`,
    )
  const { day, days, sectors: asked, speed, seed, feed } = parsed.data
  return { day, days, sectors: asked, speed, seed, feed }
}

/**
 * The rehearsal that is asked for, in a book of its own. Throws a Fault of exit code 2 when it cannot be: nothing stored,
 * a day without data, an unknown sector, too few sessions before the day.
 */
export async function planRehearsal(sql: Pool, request: RehearsalRequest, settings: Settings): Promise<RehearsalParameters> {
  return { ...(await planDays(sql, request, settings)), book: await nextRehearsalBook(sql) }
}

/** The same without a book yet. */
export async function planDays(
  sql: Pool,
  request: RehearsalRequest,
  settings: Settings,
): Promise<Omit<RehearsalParameters, 'book'>> {
  const feed = await feedFor(sql, request.feed ?? settings.market.feed)
  const stored = await sessionsStored(sql, { feed, timeframe: '1m' })
  const days = daysFor(stored, request, feed)
  requireLookback(stored, { first: days[0], needed: settings.pairs.lookbackSessions, feed })
  const activeSectors = settings.sectors.active
  for (const sector of request.sectors) await requireActive(sql, sector, activeSectors)
  const symbols = await symbolsFor(sql, { feed, days, sectors: request.sectors, activeSectors })
  return {
    days: days.map(({ date }) => date),
    symbols,
    sectors: request.sectors,
    feed,
    speed: request.speed ?? settings.rehearsal.speed,
    seed: request.seed ?? settings.rehearsal.seed,
    rules: rulesOf(settings),
  }
}

/** The settings that decide what the days of a book do. */
export function rulesOf({ pairs, model, train, promotion, signals, risk, exchange }: Settings): TradingRules {
  return { pairs, model, train, promotion, signals, risk, exchange }
}

/** Feeds in the order in which one is taken when none is asked for. */
const PREFERRED: readonly Feed[] = ['import', 'sip', 'iex', 'yahoo', SIMULATED]

/** The feed that is asked for, or the one stored, or the preferred of several. Throws FEED_UNKNOWN, NOTHING_STORED or FEED_AMBIGUOUS. */
export async function feedFor(sql: Pool, asked: string | undefined): Promise<Feed> {
  const feeds = (await storedFeeds(sql)).filter(({ timeframe }) => timeframe === '1m').map(({ feed }) => feed)
  if (asked !== undefined) {
    if (feeds.includes(asked)) return asked
    throw wrongRequest(
      'FEED_UNKNOWN',
      `No 1-minute bars of the feed '${asked}' are stored; ${feeds.length === 0 ? 'none are stored at all' : `there are ${feeds.join(', ')}`}.`,
    )
  }
  const [only, ...others] = feeds
  if (only === undefined)
    throw wrongRequest(
      'NOTHING_STORED',
      'No 1-minute bars are stored; import some first (spreadworks import FILE), or start once (spreadworks start).',
    )
  const chosen = others.length === 0 ? only : PREFERRED.find((feed) => feeds.includes(feed))
  if (chosen !== undefined) return chosen
  throw wrongRequest('FEED_AMBIGUOUS', `1-minute bars of several feeds are stored (${feeds.join(', ')}); say which with --feed.`)
}

function daysFor(stored: readonly Session[], { day, days }: RehearsalRequest, feed: Feed): [Session, ...Session[]] {
  const newest = stored.at(-1)
  if (newest === undefined)
    throw wrongRequest(
      'NOTHING_STORED',
      `The feed '${feed}' has no 1-minute bars within trading hours; import some (spreadworks import FILE).`,
    )
  const date = day === undefined ? newest.date : sessionDateFrom(day)
  if (date === undefined) throw wrongRequest('DAY_UNREADABLE', `'${day}' is not a date; write it as YYYY-MM-DD.`)
  const first = sessionOn(date)
  if (first === undefined)
    throw wrongRequest('DAY_CLOSED', `The New York Stock Exchange was closed on ${date}; choose a trading day.`)
  const has = `it has ${stored.at(0)?.date} to ${newest.date}`
  const dates = new Set(stored.map((session) => session.date))
  if (!dates.has(date))
    throw wrongRequest('DAY_NOT_STORED', `No 1-minute bars of ${date} are stored in the feed '${feed}'; ${has}.`)
  const wanted: [Session, ...Session[]] = [first]
  while (wanted.length < days) wanted.push(nextSession((wanted.at(-1) ?? first).opensAt))
  const lacking = wanted.find((session) => !dates.has(session.date))
  if (lacking === undefined) return wanted
  throw wrongRequest(
    'DAYS_NOT_STORED',
    `${days} sessions from ${date} on were asked for, but no 1-minute bars of ${lacking.date} are stored in the feed '${feed}'; ${has}.`,
  )
}

/** Throws LOOKBACK_TOO_SHORT when fewer sessions than `needed` are stored before `first`. */
export function requireLookback(
  stored: readonly Session[],
  { first, needed, feed }: { first: Session; needed: number; feed: Feed },
): void {
  const dates = new Set(stored.map(({ date }) => date))
  const there = sessionsBefore(first.date, needed).filter(({ date }) => dates.has(date)).length
  if (there < needed) {
    throw wrongRequest(
      'LOOKBACK_TOO_SHORT',
      `A rehearsal of ${first.date} needs the ${needed} sessions before it (pairs.lookback_sessions), but the feed '${feed}' has ${there} of them; import more or choose a later day.`,
    )
  }
}

type Wanted = {
  readonly feed: Feed
  readonly days: readonly [Session, ...Session[]]
  readonly sectors: readonly string[]
  readonly activeSectors: readonly string[]
}

/** The symbols that trade on the days, less those that are switched off, gone or halted when the first day opens. */
export async function symbolsFor(sql: Pool, { feed, days, sectors: asked, activeSectors }: Wanted): Promise<Symbol_[]> {
  const last = days.at(-1) ?? days[0]
  const traded = await symbolsStored(sql, { feed, timeframe: '1m', from: days[0].opensAt, until: last.closesAt })
  const wanted =
    asked.length === 0 ? undefined : new Set((await Promise.all(asked.map((sector) => sectorSymbols(sql, sector)))).flat())
  const asTraded = traded.map(({ symbol }) => symbol).filter((symbol) => wanted?.has(symbol) ?? true)
  const { open: symbols, keptOut } = await universeOf(sql, asTraded, { activeSectors, at: days[0].opensAt })
  if (symbols.length >= 2) return [...symbols].sort(bySymbol)
  const where = asked.length === 0 ? `the feed '${feed}' has` : `of ${asked.join(', ')} the feed '${feed}' has`
  throw wrongRequest(
    'TOO_FEW_SYMBOLS',
    `A rehearsal needs two symbols at least; ${where} ${symbols.length} with bars on ${days[0].date}${keptOut.size === 0 ? '' : `, and ${keptOut.size} that take no new entry (spreadworks symbols list)`}: import more of them.`,
  )
}

/** The symbols of a sector. Throws SECTOR_UNKNOWN. */
export async function sectorSymbols(sql: Pool, sector: string): Promise<Symbol_[]> {
  const symbols = await symbolsOfSector(sql, sector)
  if (symbols.length > 0) return symbols
  const known = (await sectors(sql)).map((one) => one.sector)
  throw wrongRequest(
    'SECTOR_UNKNOWN',
    `There is no sector '${sector}'; there ${known.length === 0 ? 'are none yet: import a symbols.csv' : `are ${known.join(', ')}`}.`,
  )
}

/** Throws SECTOR_INACTIVE for a sector that is switched off. */
export async function requireActive(sql: Pool, sector: string, activeSectors: readonly string[]): Promise<void> {
  if (isSectorActive(sector, await sectorChoice(sql, activeSectors))) return
  throw wrongRequest(
    'SECTOR_INACTIVE',
    `The sector '${sector}' is switched off; switch it on first (spreadworks sectors set-active, or the page under Data).`,
  )
}
