import type { Sql } from '#database/connection.client.ts'
import { type EpochMs, epochMs, MINUTE_MS } from '#domain/units.ts'
import type { BarCount } from './bar-count.ts'
import { sessionShownAt } from './market-sessions.ts'
import type { BookView, TapeRow, TapeView } from './views.ts'

const MOST_SYMBOLS = 12
const MINUTES_SHOWN = 60

/** How long a bar may come after its minute and still be counted. */
const SETTLED_AFTER_MS = 10 * MINUTE_MS

/** Whose market, as the book's clock shows it at `at`. `counted`: what an earlier answer for the same book gave. */
export type TapeAsked = { readonly book: BookView; readonly at: EpochMs; readonly counted: BarCount | undefined }

/**
 * The market as the book's clock shows it: its symbols that have traded in the session, the held ones first, then the
 * widest moves since the open; at most 12. A bar that had not closed by then has no part in it, and one stored more than
 * ten minutes late is not counted while `counted` is handed on. Undefined for a book without a feed and for one whose own
 * clock has not begun.
 */
export async function tapeOf(
  sql: Sql,
  { book, at, counted }: TapeAsked,
): Promise<{ readonly tape: TapeView; readonly counted: BarCount } | undefined> {
  const hasBegun = book.shownAt !== null || book.kind === 'live' || book.kind === 'paper'
  if (book.feed === null || !hasBegun) return undefined
  const { date, opensAt, closesAt } = sessionShownAt(at)
  const until = epochMs(Math.min(at, closesAt))
  const settled = epochMs(Math.max(opensAt, until - SETTLED_AFTER_MS))
  const known = counted?.day === date && counted.through <= settled ? counted : { through: opensAt, bars: 0 }
  const [rows, later] = await Promise.all([
    pricedRows(sql, book, { from: opensAt, until }),
    countBars(sql, book, { from: known.through, until, settled }),
  ])
  return {
    tape: { at, day: date, bars: known.bars + later.bars, rows },
    counted: { day: date, through: settled, bars: known.bars + later.settledBars },
  }
}

/** Bars that closed in (from, until]. */
type Closed = { readonly from: EpochMs; readonly until: EpochMs }

async function pricedRows(sql: Sql, { book, feed }: BookView, { from, until }: Closed): Promise<TapeRow[]> {
  const first = Math.floor(until / MINUTE_MS - MINUTES_SHOWN) * MINUTE_MS
  const { rows } = await sql.query<PricedRow>(PRICED, [book, feed, ...openingsOf({ from, until }), first, MOST_SYMBOLS])
  return rows.map(({ openings, prices, ...row }) => ({ ...row, closes: minuteByMinute(openings, prices, first) }))
}

type PricedRow = Omit<TapeRow, 'closes'> & { readonly openings: readonly number[]; readonly prices: readonly number[] }

function minuteByMinute(openings: readonly number[], prices: readonly number[], first: number): (number | null)[] {
  const priceAt = new Map(openings.map((opening, i) => [opening, prices[i]]))
  return Array.from({ length: MINUTES_SHOWN }, (_, i) => priceAt.get(first + i * MINUTE_MS) ?? null)
}

type Counts = { readonly bars: number; readonly settledBars: number }

async function countBars(sql: Sql, { book, feed }: BookView, closed: Closed & { readonly settled: EpochMs }): Promise<Counts> {
  const { rows } = await sql.query<Counts>(COUNTED, [book, feed, ...openingsOf(closed), closed.settled - MINUTE_MS])
  return rows[0]
}

/** The first and the last millisecond at which such bars opened. */
function openingsOf({ from, until }: Closed): [number, number] {
  return [from - MINUTE_MS + 1, until - MINUTE_MS]
}

/** Bars of one symbol that opened from $3 through $4. As parameters, the instants let the planner open one partition. */
const BARS = `
  from spreadworks.bars
  where symbol = offered.symbol and timeframe = '1m' and feed = $2
    and opened_at between to_timestamp($3::float8 / 1000) and to_timestamp($4::float8 / 1000)`

const OFFERED = `
  select symbol from spreadworks.books, jsonb_array_elements_text(parameters -> 'symbols') as symbol where book = $1`

/** Two key lookups a symbol choose the symbols; only the chosen ones' minutes are read. */
const PRICED = `
  with held as (
    select distinct o.symbol
    from spreadworks.positions p join spreadworks.orders o on o.book = p.book and o.pair = p.pair
    where p.book = $1 and p.state <> 'closed'
  ), chosen as (
    select offered.symbol, newest.last, newest.opened_at, newest.last / opening.open - 1 as change,
      offered.symbol in (select symbol from held) as "isHeld"
    from (${OFFERED}) as offered
    cross join lateral (select open ${BARS} order by opened_at limit 1) as opening
    cross join lateral (select close as last, opened_at ${BARS} order by opened_at desc limit 1) as newest
    order by "isHeld" desc, abs(newest.last / opening.open - 1) desc, offered.symbol
    limit $6
  )
  select offered.symbol, "isHeld", last, change, (extract(epoch from offered.opened_at) * 1000)::float8 as "lastOpenedAt", minutes.*
  from chosen as offered
  cross join lateral (
    select coalesce(sum(volume), 0) as "hourVolumeShares",
      coalesce(array_agg((extract(epoch from opened_at) * 1000)::float8), '{}') as openings,
      coalesce(array_agg(close), '{}') as prices
    ${BARS} and opened_at >= to_timestamp($5::float8 / 1000)
  ) as minutes
  order by "isHeld" desc, abs(change) desc, offered.symbol`

const COUNTED = `
  select coalesce(sum(minutes.bars), 0)::int as bars, coalesce(sum(minutes.settled), 0)::int as "settledBars"
  from (${OFFERED}) as offered
  cross join lateral (
    select count(*) as bars, count(*) filter (where opened_at <= to_timestamp($5::float8 / 1000)) as settled ${BARS}
  ) as minutes`
