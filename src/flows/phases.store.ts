import type { Pool } from 'pg'
import type { Book } from '#domain/book.ts'

/** What the days of a book spend their time on. */
export type Phase = 'load' | 'screen' | 'train' | 'session'

/** Notes that a phase of the book began now. */
export async function beginPhase(sql: Pool, book: Book, phase: Phase): Promise<void> {
  await sql.query(
    `insert into spreadworks.book_phases (book, phase, began_at) values ($1, $2, clock_timestamp())
     on conflict (book, phase) do update set began_at = clock_timestamp()`,
    [book, phase],
  )
}

/** Adds the time since the phase began to what it took on earlier days. A phase that has ended already stays as it is. */
export async function endPhase(sql: Pool, book: Book, phase: Phase): Promise<void> {
  await sql.query(
    `update spreadworks.book_phases
     set seconds = seconds + extract(epoch from clock_timestamp() - began_at), began_at = null
     where book = $1 and phase = $2 and began_at is not null`,
    [book, phase],
  )
}

/** Seconds of every phase, and since the book was opened. */
export async function secondsOf(sql: Pool, book: Book): Promise<Record<Phase | 'total', number>> {
  const { rows } = await sql.query<{ phase: Phase; seconds: number }>(
    `select phase, seconds from spreadworks.book_phases where book = $1
     union all
     select 'total', extract(epoch from coalesce(ended_at, clock_timestamp()) - started_at)::float8 from spreadworks.books where book = $1`,
    [book],
  )
  const seconds = { load: 0, screen: 0, train: 0, session: 0, total: 0 }
  for (const row of rows) seconds[row.phase] = Math.round(row.seconds * 1000) / 1000
  return seconds
}
