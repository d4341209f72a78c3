import type { Sql } from '#database/connection.client.ts'
import type { EpochMs } from '#domain/units.ts'
import type { Marks } from './figures.ts'
import type { EquityPoint } from './views.ts'

const MOST_POINTS = 2_000

/**
 * Equity of a book from `since` on (all of it when undefined), ascending. Beyond 2,000 marks the last of each of 2,000
 * equal slices stands for its slice, so that the newest is always there.
 */
export async function equityPoints(sql: Sql, book: string, since?: EpochMs): Promise<EquityPoint[]> {
  const { rows } = await sql.query<EquityPoint>(
    `with marks as (
       select at, equity, row_number() over (order by at desc) as age, count(*) over () as size
       from spreadworks.equity
       where book = $1 and ($2::float8 is null or at >= to_timestamp($2 / 1000))
     )
     select (extract(epoch from at) * 1000)::float8 as at, equity::text as "equityUsd"
     from marks
     where (age - 1) % ceil(size / $3::numeric) = 0
     order by at`,
    [book, since ?? null, MOST_POINTS],
  )
  return rows
}

/** What a book's figures rest on, for the session that opened at `sessionOpensAt`. */
export async function marksOf(sql: Sql, book: string, sessionOpensAt: EpochMs): Promise<Marks> {
  const { rows } = await sql.query<MarkRow>(MARKS, [book, sessionOpensAt])
  const [{ at, equity, grossExposure, dayOpening, ...pairs }] = rows
  const last = at === null || equity === null || grossExposure === null ? undefined : { at, equity, grossExposure }
  return { last, dayOpening: dayOpening ?? undefined, ...pairs }
}

type MarkRow = {
  readonly at: EpochMs | null
  readonly equity: string | null
  readonly grossExposure: string | null
  readonly dayOpening: string | null
  readonly openPairs: number
  readonly closedPairs: number
  readonly closedWithGain: number
}

const MARKS = `
  select
    (extract(epoch from newest.at) * 1000)::float8 as at,
    newest.equity::text as equity,
    newest.gross_exposure::text as "grossExposure",
    coalesce(
      (select equity from spreadworks.equity where book = $1 and at < to_timestamp($2::float8 / 1000) order by at desc limit 1),
      (select equity from spreadworks.equity where book = $1 order by at limit 1)
    )::text as "dayOpening",
    pairs."openPairs", pairs."closedPairs", pairs."closedWithGain"
  from (
    select
      count(*) filter (where state <> 'closed')::int as "openPairs",
      count(*) filter (where state = 'closed')::int as "closedPairs",
      count(*) filter (where state = 'closed' and realised > 0)::int as "closedWithGain"
    from spreadworks.positions where book = $1
  ) as pairs
  left join lateral (
    select at, equity, gross_exposure from spreadworks.equity where book = $1 order by at desc limit 1
  ) as newest on true`
