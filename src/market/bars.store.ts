import { ensureBarPartitions } from '#database/bar-partitions.store.ts'
import type { Sql } from '#database/connection.client.ts'
import { adjustmentOf, type BarColumns, type BarRange, type Feed, type Timeframe } from '#domain/bars.ts'
import { sessionOn } from '#domain/calendar.ts'
import type { Session, SessionDate } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { type EpochMs, epochMs, type PriceColumn, type SharesColumn, type TimeColumn } from '#domain/units.ts'
import { packed, unpackDoubles, unpackInstants } from './packed-columns.ts'

/** One statement: new bars come in, corrected ones replace what was known, and what was known is kept as a revision. */
const SAVE_BARS = `
with given as (
  select $1::text as symbol, $2::text as timeframe, $3::text as feed, $4::timestamptz as received_at,
         to_timestamp(opened_at / 1000) as opened_at, open, high, low, close, volume
  from unnest($5::float8[], $6::float8[], $7::float8[], $8::float8[], $9::float8[], $10::float8[])
    as t (opened_at, open, high, low, close, volume)
), superseded as (
  insert into spreadworks.bar_revisions (symbol, timeframe, opened_at, feed, open, high, low, close, volume, received_at)
  select b.symbol, b.timeframe, b.opened_at, b.feed, b.open, b.high, b.low, b.close, b.volume, b.received_at
  from spreadworks.bars as b join given as g using (symbol, timeframe, opened_at, feed)
  where (b.open, b.high, b.low, b.close, b.volume) is distinct from (g.open, g.high, g.low, g.close, g.volume)
  returning 1
), written as (
  insert into spreadworks.bars as b (symbol, timeframe, opened_at, feed, open, high, low, close, volume, received_at, adjustment)
  select symbol, timeframe, opened_at, feed, open, high, low, close, volume, coalesce(received_at, now()), $11 from given
  on conflict (symbol, timeframe, opened_at, feed) do update
    set open = excluded.open, high = excluded.high, low = excluded.low, close = excluded.close, volume = excluded.volume,
        received_at = excluded.received_at, vwap = null, trades = null
    where (b.open, b.high, b.low, b.close, b.volume) is distinct from
          (excluded.open, excluded.high, excluded.low, excluded.close, excluded.volume)
  returning 1
)
select (select count(*)::int from written) as written, (select count(*)::int from superseded) as revised`

/**
 * Writes bars that are new or corrected; saving the same bars again changes nothing. `receivedAt` is when they became known,
 * now unless given. Bars must keep the bar rules (see the table's checks), or nothing is written and it throws.
 */
export async function saveBars(
  sql: Sql,
  bars: BarColumns,
  {
    timeframe,
    feed,
    receivedAt,
  }: { readonly timeframe: Timeframe; readonly feed: Feed; readonly receivedAt?: EpochMs | undefined },
): Promise<{ readonly new: number; readonly revised: number }> {
  const [first, last] = [bars.openedAt.at(0), bars.openedAt.at(-1)]
  if (first === undefined || last === undefined) return { new: 0, revised: 0 }
  await ensureBarPartitions(sql, epochMs(first), epochMs(last + 1))
  const columns = [bars.openedAt, bars.open, bars.high, bars.low, bars.close, bars.volumeShares].map((column) =>
    Array.from(column),
  )
  const received = receivedAt === undefined ? null : new Date(receivedAt)
  const { rows } = await sql.query<{ written: number; revised: number }>(SAVE_BARS, [
    bars.symbol,
    timeframe,
    feed,
    received,
    ...columns,
    adjustmentOf(feed),
  ])
  const [{ written, revised }] = rows
  return { new: written - revised, revised }
}

const ORDER = 'opened_at'
const BARS_BETWEEN = `
select symbol, ${packed('timestamptz_send(opened_at)', ORDER)} as opened_at,
       ${packed('float8send(open)', ORDER)} as open, ${packed('float8send(high)', ORDER)} as high,
       ${packed('float8send(low)', ORDER)} as low, ${packed('float8send(close)', ORDER)} as close,
       ${packed('float8send(volume)', ORDER)} as volume
from spreadworks.trusted_bars
where symbol = any($1) and timeframe = $2 and feed = $3 and opened_at >= $4 and opened_at < $5
group by symbol`

type PackedBars = { readonly symbol: Symbol_ } & Readonly<
  Record<'opened_at' | 'open' | 'high' | 'low' | 'close' | 'volume', Buffer>
>

/** The stored bars of `symbols` in `range` that are not in quarantine, in the order asked for. A symbol without any has empty columns. */
export async function barsBetween(sql: Sql, symbols: readonly Symbol_[], range: BarRange): Promise<Map<Symbol_, BarColumns>> {
  const { timeframe, feed, from, until } = range
  const { rows } = await sql.query<PackedBars>(BARS_BETWEEN, [symbols, timeframe, feed, new Date(from), new Date(until)])
  const stored = new Map(rows.map((row) => [row.symbol, row]))
  return new Map(symbols.map((symbol) => [symbol, columnsFrom(stored.get(symbol) ?? noBars(symbol))]))
}

function noBars(symbol: Symbol_): PackedBars {
  const none = Buffer.alloc(0)
  return { symbol, opened_at: none, open: none, high: none, low: none, close: none, volume: none }
}

function columnsFrom({ symbol, opened_at, open, high, low, close, volume }: PackedBars): BarColumns {
  return {
    symbol,
    openedAt: unpackInstants(opened_at) as Float64Array as TimeColumn,
    open: unpackDoubles(open) as Float64Array as PriceColumn,
    high: unpackDoubles(high) as Float64Array as PriceColumn,
    low: unpackDoubles(low) as Float64Array as PriceColumn,
    close: unpackDoubles(close) as Float64Array as PriceColumn,
    volumeShares: unpackDoubles(volume) as Float64Array as SharesColumn,
  }
}

/** A feed that holds bars of a timeframe, and how many. */
export type StoredFeed = { readonly feed: Feed; readonly timeframe: Timeframe; readonly bars: number }

/** Everything that is stored, by feed and timeframe. */
export async function storedFeeds(sql: Sql): Promise<StoredFeed[]> {
  const { rows } = await sql.query<{ feed: Feed; timeframe: Timeframe; bars: string }>(
    `select feed, timeframe, sum(bars) as bars from spreadworks.bar_counts group by feed, timeframe order by feed collate "C", timeframe`,
  )
  return rows.map((row) => ({ ...row, bars: Number(row.bars) }))
}

/** Sessions of which the feed holds at least one bar, ascending. */
export async function sessionsStored(
  sql: Sql,
  { feed, timeframe }: { readonly feed: Feed; readonly timeframe: Timeframe },
): Promise<Session[]> {
  // A New York session lies within one UTC day, so a day's first and last bar tell whether the session has any.
  const { rows } = await sql.query<{ day: string; first: Date; last: Date }>(
    `select to_char(day, 'YYYY-MM-DD') as day, first_at as first, last_at as last
     from spreadworks.bar_counts where feed = $1 and timeframe = $2 order by day`,
    [feed, timeframe],
  )
  return rows.flatMap(({ day, first, last }) => {
    const session = sessionOn(day as SessionDate)
    return session && last.getTime() >= session.opensAt && first.getTime() < session.closesAt ? [session] : []
  })
}

/** A symbol and how many bars of it are stored. */
export type StoredSymbol = { readonly symbol: Symbol_; readonly bars: number }

/** Symbols that have a bar in `range`, ascending, each with how many. */
export async function symbolsStored(sql: Sql, { feed, timeframe, from, until }: BarRange): Promise<StoredSymbol[]> {
  const { rows } = await sql.query<StoredSymbol>(
    `select symbol, count(*)::int as bars from spreadworks.bars
     where feed = $1 and timeframe = $2 and opened_at >= $3 and opened_at < $4 group by symbol order by symbol collate "C"`,
    [feed, timeframe, new Date(from), new Date(until)],
  )
  return rows
}
