import type { Sql } from '#database/connection.client.ts'
import type { Feed } from '#domain/bars.ts'
import { isProjected, sessionsBetween } from '#domain/calendar.ts'
import { minutesOf, type Session } from '#domain/sessions.ts'
import { bySymbol, type Symbol_ } from '#domain/symbol.ts'
import { epochMs, isoFrom, MINUTE_MS } from '#domain/units.ts'
import { barsBetween, sessionsStored, storedFeeds } from '#market/bars.store.ts'
import { minutesOfSymbol, symbolLedgers } from '#market/ledger-views.store.ts'
import type { CoverageCell, CoverageRow, CoverageSession, CoverageView, MinuteRun, SymbolMinutesView } from './market-views.ts'

export type CoverageAsked = {
  /** Undefined: the feed with the newest session. */
  readonly feed: Feed | undefined
  /** Most sessions shown, the newest. */
  readonly sessions: number
  /** Ends with the newest session of this symbol, in place of the feed's. */
  readonly endingWith?: Symbol_
  readonly offset: number
  readonly limit: number
}

/**
 * How whole the stored 1-minute bars of a feed are: for each symbol and session what the ledger knows; where it was not kept,
 * as for imports, how many bars there are. Sessions follow each other, so that one of which nothing is stored shows.
 */
export async function coverageView(
  sql: Sql,
  { feed: asked, sessions: most, endingWith, offset, limit }: CoverageAsked,
): Promise<CoverageView> {
  const feeds = [...new Set((await storedFeeds(sql)).filter(({ timeframe }) => timeframe === '1m').map(({ feed }) => feed))]
  const feed = asked ?? (await newestFeed(sql, feeds))
  const sessions = feed === undefined ? [] : (await sessionsShown(sql, feed, endingWith)).slice(-most)
  if (feed === undefined || sessions.length === 0) return { feed: feed ?? null, feeds, sessions: [], symbols: 0, rows: [] }
  const rows = rowsOf(await cellsOf(sql, feed, sessions), sessions)
  return {
    feed,
    feeds,
    sessions: sessions.map(sessionView),
    symbols: rows.length,
    rows: rows.slice(offset, offset + limit),
  }
}

async function newestFeed(sql: Sql, feeds: readonly Feed[]): Promise<Feed | undefined> {
  let newest: { feed: Feed; at: number } | undefined
  for (const feed of feeds) {
    const at = (await sessionsStored(sql, { feed, timeframe: '1m' })).at(-1)?.opensAt
    if (at !== undefined && (newest === undefined || at > newest.at)) newest = { feed, at }
  }
  return newest?.feed
}

/**
 * From the first session with bars through the last with bars or a ledger, of the feed or of one symbol of it, ascending, those
 * between without any included.
 */
async function sessionsShown(sql: Sql, feed: Feed, symbol: Symbol_ | undefined): Promise<Session[]> {
  const stored = await sessionsStored(sql, { feed, timeframe: '1m' })
  if (symbol !== undefined) return stored.slice(0, 1 + (await placeOfNewest(sql, { feed, symbol, stored })))
  const { rows } = await sql.query<{ newest: Session['date'] | null }>(
    `select to_char(max(day), 'YYYY-MM-DD') as newest from spreadworks.bar_ledger where feed = $1`,
    [feed],
  )
  const [first, last, known] = [stored.at(0)?.date, stored.at(-1)?.date, rows.at(0)?.newest ?? undefined]
  if (first === undefined || last === undefined) return []
  return sessionsBetween(first, known !== undefined && known > last ? known : last)
}

async function placeOfNewest(
  sql: Sql,
  { feed, symbol, stored }: { readonly feed: Feed; readonly symbol: Symbol_; readonly stored: readonly Session[] },
): Promise<number> {
  const { rows } = await sql.query<{ newest: Date | null }>(
    `select max(opened_at) as newest from spreadworks.bars where symbol = $1 and timeframe = '1m' and feed = $2`,
    [symbol, feed],
  )
  const newest = rows.at(0)?.newest?.getTime() ?? Number.NEGATIVE_INFINITY
  return stored.findLastIndex(({ opensAt }) => opensAt <= newest)
}

function sessionView(session: Session): CoverageSession {
  const { date: day, isHalfDay } = session
  return { day, isHalfDay, isProjected: isProjected(day), minutes: minutesOf(session) }
}

type Cells = ReadonlyMap<string, ReadonlyMap<string, CoverageCell>>

/** By symbol and day. What the ledger knows of is not counted again. */
async function cellsOf(sql: Sql, feed: Feed, sessions: readonly Session[]): Promise<Cells> {
  const [first, last] = [sessions[0], sessions[sessions.length - 1]]
  const known = await symbolLedgers(sql, { feed, from: first.date, through: last.date, symbols: undefined })
  const cells = new Map<string, Map<string, CoverageCell>>()
  const put = (symbol: string, day: string, { due, present, repaired, noTrade, missing }: CoverageCell) => {
    const row = cells.get(symbol) ?? new Map<string, CoverageCell>()
    cells.set(symbol, row.set(day, { due, present, repaired, noTrade, missing }))
  }
  for (const count of known) put(count.symbol, count.day, count)
  for (const { symbol, day, bars } of await barsBesideLedger(sql, feed, sessions))
    put(symbol, day, { due: 0, present: bars, repaired: 0, noTrade: 0, missing: 0 })
  return cells
}

type BarsOfDay = { readonly symbol: string; readonly day: string; readonly bars: number }

// Most days have no bar that the ledger does not know: their stored bars are as many as it has present, and none is looked at.
const BARS_BESIDE_LEDGER = `
  select b.symbol, to_char(s.day, 'YYYY-MM-DD') as day, count(*)::int as bars
  from unnest($2::date[], $3::timestamptz[], $4::timestamptz[]) as s (day, opens_at, closes_at)
  join spreadworks.bar_counts as c on c.feed = $1 and c.timeframe = '1m' and c.day = s.day
  join spreadworks.bars as b
    on b.feed = $1 and b.timeframe = '1m' and b.opened_at >= s.opens_at and b.opened_at < s.closes_at
  where c.bars <> (select coalesce(sum(bit_count(present)), 0) from spreadworks.bar_ledger where feed = $1 and day = s.day)
    and not exists (select from spreadworks.bar_ledger as l where l.symbol = b.symbol and l.day = s.day and l.feed = $1)
  group by b.symbol, s.day`

/** Bars by symbol and session of which no ledger was kept. */
async function barsBesideLedger(sql: Sql, feed: Feed, sessions: readonly Session[]): Promise<BarsOfDay[]> {
  const { rows } = await sql.query<BarsOfDay>(BARS_BESIDE_LEDGER, [
    feed,
    sessions.map((s) => s.date),
    sessions.map((s) => isoFrom(s.opensAt)),
    sessions.map((s) => isoFrom(s.closesAt)),
  ])
  return rows
}

function rowsOf(cells: Cells, sessions: readonly Session[]): CoverageRow[] {
  const rows = [...cells].map(([symbol, days]) => {
    const row = sessions.map(({ date }) => days.get(date) ?? null)
    return { symbol, missing: row.reduce((sum, cell) => sum + (cell?.missing ?? 0), 0), cells: row }
  })
  return rows.sort((a, b) => b.missing - a.missing || bySymbol(a.symbol, b.symbol))
}

/** Every minute of one symbol's session; where no ledger was kept, which minutes have a bar. */
export async function symbolMinutes(
  sql: Sql,
  { feed, symbol, session }: { readonly feed: Feed; readonly symbol: Symbol_; readonly session: Session },
): Promise<SymbolMinutesView> {
  const known = await minutesOfSymbol(sql, { feed, symbol, session })
  const runs =
    known?.map(({ cause, ...run }) => ({ ...run, cause: cause ?? null })) ?? (await runsOfBars(sql, { feed, symbol, session }))
  return { symbol, feed, session: { ...sessionView(session), opensAt: session.opensAt, closesAt: session.closesAt }, runs }
}

async function runsOfBars(
  sql: Sql,
  { feed, symbol, session }: { readonly feed: Feed; readonly symbol: Symbol_; readonly session: Session },
): Promise<MinuteRun[]> {
  const range = { feed, timeframe: '1m', from: session.opensAt, until: session.closesAt } as const
  const opened = new Set<number>((await barsBetween(sql, [symbol], range)).get(symbol)?.openedAt)
  const runs: MinuteRun[] = []
  for (let from = session.opensAt; from < session.closesAt; from = epochMs(from + MINUTE_MS)) {
    const state = opened.has(from) ? 'present' : 'not-judged'
    const last = runs.at(-1)
    if (last?.state === state) runs[runs.length - 1] = { ...last, until: from + MINUTE_MS }
    else runs.push({ from, until: from + MINUTE_MS, state, cause: null })
  }
  return runs
}
