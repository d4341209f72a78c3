import type { Sql } from '#database/connection.client.ts'
import type { Feed } from '#domain/bars.ts'
import type { Session } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import type { PriceColumn } from '#domain/units.ts'

/** A session's last minute bar is taken for its close when it opened no earlier than this before the end. */
const LAST_MINUTES_MS = 15 * 60_000

// Bars that are held back are read too: this is what decides whether they still are.
const DAILY_CLOSES = `
select symbol, array_agg(coalesce(daily.close, last.close) order by place) as closes
from unnest($1::text[]) as symbol
cross join unnest($3::timestamptz[], $4::timestamptz[], $5::timestamptz[]) with ordinality as s (opens_at, late_at, closes_at, place)
left join lateral (
  select close from spreadworks.bars as b
  where b.symbol = symbol.symbol and b.timeframe = '1d' and b.feed = $2 and b.opened_at = s.opens_at
) as daily on true
left join lateral (
  select close from spreadworks.bars as b
  where b.symbol = symbol.symbol and b.timeframe = '1m' and b.feed = $2 and b.opened_at >= s.late_at and b.opened_at < s.closes_at
  order by b.opened_at desc limit 1
) as last on daily.close is null
group by symbol`

/**
 * Closes of `sessions` by one feed, [n] for each of `symbols`: of the daily bar where one is stored, else of the last minute bar
 * when it opened in the last quarter of an hour; NaN where neither is. All of them are of the feed's one adjustment (`adjustmentOf`).
 */
export async function dailyClosesOf(
  sql: Sql,
  symbols: readonly Symbol_[],
  { feed, sessions }: { readonly feed: Feed; readonly sessions: readonly Session[] },
): Promise<ReadonlyMap<Symbol_, PriceColumn>> {
  const { rows } = await sql.query<{ symbol: Symbol_; closes: readonly (number | null)[] }>(DAILY_CLOSES, [
    symbols,
    feed,
    sessions.map(({ opensAt }) => new Date(opensAt)),
    sessions.map(({ closesAt }) => new Date(closesAt - LAST_MINUTES_MS)),
    sessions.map(({ closesAt }) => new Date(closesAt)),
  ])
  return new Map(
    rows.map(({ symbol, closes }) => [symbol, Float64Array.from(closes, (close) => close ?? Number.NaN) as PriceColumn]),
  )
}
