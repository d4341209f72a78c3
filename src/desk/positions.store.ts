import type { Sql } from '#database/connection.client.ts'
import type { EpochMs } from '#domain/units.ts'
import { unrealisedOf } from './figures.ts'
import type { PositionView } from './views.ts'

/** Which positions of a book, priced by the bars of `feed` that had closed at `at`. */
export type PositionsAsked = {
  readonly book: string
  readonly feed: string | null
  readonly at: EpochMs
  readonly which: 'held' | 'all'
}

/** Positions of a book, the held ones first, then the newest; at most 200. A leg without a price has unknown profit. */
export async function positionsOf(sql: Sql, { book, feed, at, which }: PositionsAsked): Promise<PositionView[]> {
  const { rows } = await sql.query<PositionRow>(POSITIONS, [book, feed, at, which === 'all'])
  return rows.map(viewOf)
}

type PositionRow = Omit<PositionView, 'unrealisedUsd'> & {
  readonly yEntryPrice: number | null
  readonly xEntryPrice: number | null
  readonly yMark: number | null
  readonly xMark: number | null
}

function viewOf({ yEntryPrice, xEntryPrice, yMark, xMark, ...row }: PositionRow): PositionView {
  if (row.state === 'closed')
    return { ...row, unrealisedUsd: { kind: 'unknown', reason: 'The pair is closed; its profit is realised.' } }
  const unrealisedUsd = unrealisedOf([
    { symbol: row.y, shares: row.yShares, entryPrice: yEntryPrice, price: yMark },
    { symbol: row.x, shares: row.xShares, entryPrice: xEntryPrice, price: xMark },
  ])
  return { ...row, unrealisedUsd }
}

/** The close of the newest 1-minute bar that had finished: one that opened a minute before the asked instant, or earlier. */
function markOf(leg: 'y' | 'x'): string {
  return `left join lateral (
    select close from spreadworks.trusted_bars
    where symbol = legs.${leg} and timeframe = '1m' and feed = $2
      and opened_at <= to_timestamp($3::float8 / 1000) - interval '1 minute'
      and opened_at > to_timestamp($3::float8 / 1000) - interval '5 days'
    order by opened_at desc limit 1
  ) as ${leg}_mark on true`
}

const POSITIONS = `
  select p.pair || '@' || extract(epoch from p.opened_at)::text as id, p.pair, legs.y, legs.x, p.state, p.direction,
    p.y_shares as "yShares", p.x_shares as "xShares", p.y_price as "yEntryPrice", p.x_price as "xEntryPrice",
    y_mark.close as "yMark", x_mark.close as "xMark", s.z as "entryZ", p.realised::text as "realisedUsd",
    (extract(epoch from p.opened_at) * 1000)::float8 as "openedAt",
    (extract(epoch from p.closed_at) * 1000)::float8 as "closedAt"
  from spreadworks.positions p
  left join spreadworks.signals s on s.id = p.entry_signal_id
  left join lateral (
    select max(symbol) filter (where leg = 'y') as y, max(symbol) filter (where leg = 'x') as x
    from spreadworks.orders o where o.book = p.book and o.pair = p.pair
  ) as legs on true
  ${markOf('y')}
  ${markOf('x')}
  where p.book = $1 and ($4 or p.state <> 'closed')
  order by p.state = 'closed', p.opened_at desc, p.pair
  limit 200`
