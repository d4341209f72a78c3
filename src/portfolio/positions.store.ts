import type { Sql } from '#database/connection.client.ts'
import type { Book } from '#domain/book.ts'
import { decimalFrom } from '#domain/money.ts'
import { nameOf } from '#domain/pair.ts'
import { isoFrom } from '#domain/units.ts'
import type { PairHolding } from './portfolio.ts'

/**
 * Makes the stored holdings of a book equal to `holdings`: writes what is new or changed, removes what is not in it.
 * Orders and fills are the truth; this table is how it reads. Idempotent, and one statement.
 */
export async function savePositions(sql: Sql, book: Book, holdings: readonly PairHolding[]): Promise<void> {
  await sql.query(
    `with given as (
       select * from jsonb_to_recordset($2) as t (
         pair text, state text, direction text, y_shares float8, x_shares float8, y_price float8, x_price float8,
         opened_at timestamptz, closed_at timestamptz, realised numeric, entry_signal_id text)
     ), gone as (
       delete from spreadworks.positions p where book = $1
       and not exists (select from given g where g.pair = p.pair and g.opened_at = p.opened_at)
     )
     insert into spreadworks.positions as p (book, pair, state, direction, y_shares, x_shares, y_price, x_price,
       opened_at, closed_at, realised, entry_signal_id)
     select $1, * from given
     on conflict (book, pair, opened_at) do update set (state, y_shares, x_shares, y_price, x_price, closed_at, realised) =
       (excluded.state, excluded.y_shares, excluded.x_shares, excluded.y_price, excluded.x_price, excluded.closed_at, excluded.realised)
     where (p.state, p.y_shares, p.x_shares, p.y_price, p.x_price, p.closed_at, p.realised) is distinct from
       (excluded.state, excluded.y_shares, excluded.x_shares, excluded.y_price, excluded.x_price, excluded.closed_at, excluded.realised)`,
    [book, JSON.stringify(holdings.map(rowOf))],
  )
}

function rowOf(held: PairHolding): Readonly<Record<string, string | number | null>> {
  return {
    pair: nameOf(held.pair),
    state: held.state,
    direction: held.direction,
    y_shares: held.y.lot.shares,
    x_shares: held.x.lot.shares,
    y_price: held.y.entryPrice ?? null,
    x_price: held.x.entryPrice ?? null,
    opened_at: isoFrom(held.openedAt),
    closed_at: held.state === 'closed' && held.lastFillAt !== undefined ? isoFrom(held.lastFillAt) : null,
    realised: decimalFrom(held.realised),
    entry_signal_id: held.entrySignalId,
  }
}
