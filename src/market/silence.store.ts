import type { Sql } from '#database/connection.client.ts'
import type { Feed } from '#domain/bars.ts'
import type { Session } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { epochMs, isoFrom } from '#domain/units.ts'
import type { Silence } from './symbol-maintenance.ts'

const SILENCES = `
with sessions as (
  select opens_at, closes_at from unnest($3::timestamptz[], $4::timestamptz[]) as t (opens_at, closes_at)
), presence as (
  select w.symbol, s.opens_at, (
    select max(opened_at) from spreadworks.bars
    where symbol = w.symbol and timeframe = '1m' and opened_at >= s.opens_at and opened_at < s.closes_at and feed = $2
  ) as last_bar_at
  from unnest($1::text[]) as w (symbol) cross join sessions as s
), alive as (
  select opens_at from presence group by opens_at having count(last_bar_at) * 2 >= count(*) and count(last_bar_at) > 0
), newest as (
  select w.symbol, (
    select max(opened_at) from spreadworks.bars
    where symbol = w.symbol and timeframe = '1m' and opened_at < (select max(closes_at) from sessions) and feed = $2
  ) as last_bar_at
  from unnest($1::text[]) as w (symbol)
)
select n.symbol, n.last_bar_at, (count(*) filter (where p.opens_at > n.last_bar_at))::int as sessions
from newest as n join presence as p using (symbol) join alive using (opens_at)
group by n.symbol, n.last_bar_at`

/**
 * For how many of the last of `sessions` each symbol had no 1-minute bar in `feed`. Only sessions in which half of the symbols
 * had one count, so that a feed that lacks a day accuses nobody; days without a session do not appear at all. A symbol that
 * never had a bar is not silent: nobody has asked for it yet.
 */
export async function silencesOf(
  sql: Sql,
  symbols: readonly Symbol_[],
  { feed, sessions }: { readonly feed: Feed; readonly sessions: readonly Session[] },
): Promise<Map<Symbol_, Silence>> {
  const opens = sessions.map(({ opensAt }) => isoFrom(opensAt))
  const closes = sessions.map(({ closesAt }) => isoFrom(closesAt))
  const { rows } = await sql.query<{ symbol: Symbol_; sessions: number; last_bar_at: Date | null }>(SILENCES, [
    symbols,
    feed,
    opens,
    closes,
  ])
  return new Map(
    rows.map(({ symbol, sessions: silent, last_bar_at: last }) => [
      symbol,
      { sessions: silent, lastBarAt: last === null ? undefined : epochMs(last.getTime()) },
    ]),
  )
}
