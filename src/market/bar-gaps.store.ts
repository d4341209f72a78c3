import type { Sql } from '#database/connection.client.ts'
import type { Feed } from '#domain/bars.ts'
import type { EpochMs } from '#domain/units.ts'

/** A time in which a feed's stream did not bring what it should have, for all of its symbols. */
export type Gap = {
  readonly feed: Feed
  /** Opening of the first minute that may be missing. */
  readonly from: EpochMs
  /** Undefined while the stream is still away. */
  readonly until: EpochMs | undefined
  /** One sentence: `the stream was open and brought nothing`. */
  readonly cause: string
  /** Undefined until a source has answered for all of it. */
  readonly repairedAt: EpochMs | undefined
  readonly barsRepaired: number
}

/** Notes that a gap began, or what became of it; of one that is known the cause stays. */
export async function saveGap(sql: Sql, { feed, from, until, cause, repairedAt, barsRepaired }: Gap): Promise<void> {
  await sql.query(
    `insert into spreadworks.bar_gaps as kept (feed, from_at, until_at, cause, repaired_at, bars_repaired) values ($1, $2, $3, $4, $5, $6)
     on conflict (feed, from_at) do update
       set until_at = greatest(kept.until_at, excluded.until_at), repaired_at = excluded.repaired_at,
           bars_repaired = kept.bars_repaired + excluded.bars_repaired`,
    [feed, new Date(from), dateOf(until), cause, dateOf(repairedAt), barsRepaired],
  )
}

type GapRow = { feed: Feed; from: number; until: number | null; cause: string; repaired: number | null; bars: number }

/** The gaps of a feed that touch [from, until), ascending. */
export async function gapsBetween(
  sql: Sql,
  { feed, from, until }: { readonly feed: Feed; readonly from: EpochMs; readonly until: EpochMs },
): Promise<Gap[]> {
  const { rows } = await sql.query<GapRow>(
    `select feed, extract(epoch from from_at)::float8 * 1000 as from, extract(epoch from until_at)::float8 * 1000 as until, cause,
            extract(epoch from repaired_at)::float8 * 1000 as repaired, bars_repaired as bars
     from spreadworks.bar_gaps where feed = $1 and from_at < $3 and coalesce(until_at, 'infinity') > $2 order by from_at`,
    [feed, new Date(from), new Date(until)],
  )
  return rows.map((row) => ({
    feed: row.feed,
    from: row.from as EpochMs,
    until: (row.until ?? undefined) as EpochMs | undefined,
    cause: row.cause,
    repairedAt: (row.repaired ?? undefined) as EpochMs | undefined,
    barsRepaired: row.bars,
  }))
}

function dateOf(at: EpochMs | undefined): Date | null {
  return at === undefined ? null : new Date(at)
}
