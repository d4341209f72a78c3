import type { Pool } from 'pg'
import type { Feed } from '#domain/bars.ts'
import type { Book } from '#domain/book.ts'
import type { PairName } from '#domain/pair.ts'
import type { SessionDate } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import type { EpochMs } from '#domain/units.ts'

/** A shortlisted pair and the screen that found it. */
export type ShortlistedBy = {
  readonly screenId: string
  readonly book: Book
  readonly day: SessionDate
  readonly feed: Feed
  /** Bars that opened in [from, until) were read. */
  readonly from: EpochMs
  readonly until: EpochMs
  readonly pair: PairName
  readonly y: Symbol_
  readonly x: Symbol_
}

/**
 * The newest screen that shortlisted `pair` (undefined: the best of the newest screen that shortlisted any), of `day` when one is
 * named; `book`'s comes before others'. Undefined when there is none.
 */
export async function shortlistingScreen(
  sql: Pool,
  {
    pair,
    day,
    book,
  }: { readonly pair: PairName | undefined; readonly day: SessionDate | undefined; readonly book: Book | undefined },
): Promise<ShortlistedBy | undefined> {
  const { rows } = await sql.query<ShortlistedBy>(
    `select s.id as "screenId", s.book, s.day::text as day, s.feed, p.pair, p.y, p.x,
       (extract(epoch from s.from_at) * 1000)::float8 as from, (extract(epoch from s.until_at) * 1000)::float8 as until
     from spreadworks.screens s join spreadworks.screened_pairs p on p.screen_id = s.id
     where p.verdict = 'shortlisted' and ($1::text is null or p.pair = $1) and ($2::date is null or s.day = $2)
     order by s.book = $3 desc nulls last, s.created_at desc, s.id, p.rank limit 1`,
    [pair ?? null, day ?? null, book ?? null],
  )
  return rows[0]
}
