import type { Sql } from '#database/connection.client.ts'
import { SIMULATED } from '#domain/bars.ts'
import type { BookView } from './views.ts'

const BOOKS = `
  select book, kind, state, feed, speed, 
    coalesce(to_char(shown_at at time zone 'America/New_York', 'YYYY-MM-DD'), parameters -> 'days' ->> 0) as day,
    (extract(epoch from shown_at) * 1000)::float8 as "shownAt",
    (extract(epoch from started_at) * 1000)::float8 as "startedAt",
    (extract(epoch from ended_at) * 1000)::float8 as "endedAt"
  from spreadworks.books`

/** The newest books first, at most `limit`. */
export async function newestBooks(sql: Sql, limit: number): Promise<BookView[]> {
  const { rows } = await sql.query<BookRow>(`${BOOKS} order by started_at desc, book desc limit $1`, [limit])
  return rows.map(viewOf)
}

/** The book named `book`, or undefined. */
export async function bookNamed(sql: Sql, book: string): Promise<BookView | undefined> {
  const { rows } = await sql.query<BookRow>(`${BOOKS} where book = $1`, [book])
  return rows.map(viewOf).at(0)
}

/** The book that a page shows when none is asked for: the newest at work, else the newest; undefined when there is none. */
export async function bookOfFirstSight(sql: Sql): Promise<BookView | undefined> {
  const { rows } = await sql.query<BookRow>(
    `${BOOKS} where kind <> 'backtest' order by state in ('preparing', 'open') desc, started_at desc, book desc limit 1`,
  )
  return rows.map(viewOf).at(0)
}

type BookRow = Omit<BookView, 'isSimulated'>

function viewOf(row: BookRow): BookView {
  return { ...row, isSimulated: row.feed === SIMULATED }
}
