import type { Pool } from 'pg'
import type { Feed } from '#domain/bars.ts'
import type { Book } from '#domain/book.ts'
import { backtestBook, kindOf, rehearsalBook } from '#domain/book.ts'
import { type EpochMs, epochMs } from '#domain/units.ts'
import type { RehearsalParameters } from './rehearsal.ts'

export type BookState = 'preparing' | 'open' | 'closed' | 'failed' | 'cancelled'

export type StoredBook = {
  readonly book: Book
  readonly state: BookState
  readonly parameters: unknown
  readonly report: unknown
  readonly certificate: string | null
}

/** A rehearsal's book that nobody has: numbers are given out once. */
export async function nextRehearsalBook(sql: Pool): Promise<Book> {
  const { rows } = await sql.query<{ number: string }>(`select nextval('spreadworks.rehearsal_numbers') as number`)
  return rehearsalBook(`r${rows[0]?.number}`)
}

/** A backtest's book that nobody has. */
export async function nextBacktestBook(sql: Pool): Promise<Book> {
  const { rows } = await sql.query<{ number: string }>(`select nextval('spreadworks.rehearsal_numbers') as number`)
  return backtestBook(`b${rows[0]?.number}`)
}

/** Opens a book; opening it again changes nothing. */
export async function openBook(
  sql: Pool,
  book: Book,
  { feed, speed, parameters }: { feed: Feed; speed: string; parameters: object },
): Promise<void> {
  await sql.query(
    `insert into spreadworks.books (book, kind, feed, speed, parameters, state) values ($1, $2, $3, $4, $5, 'preparing')
     on conflict (book) do nothing`,
    [book, kindOf(book), feed, speed, JSON.stringify(parameters)],
  )
}

/** What the book's own clock shows, and whether its session is open. */
export async function showBookAt(sql: Pool, book: Book, at: EpochMs): Promise<void> {
  await sql.query(`update spreadworks.books set shown_at = $2, state = 'open' where book = $1 and ended_at is null`, [
    book,
    new Date(at),
  ])
}

/** Ends a book with its report and certificate. */
export async function closeBook(
  sql: Pool,
  book: Book,
  { report, certificate }: { report: object; certificate: string },
): Promise<void> {
  await sql.query(
    `update spreadworks.books set state = 'closed', ended_at = coalesce(ended_at, clock_timestamp()), report = $2, certificate = $3 where book = $1`,
    [book, JSON.stringify(report), certificate],
  )
}

/** Ends a book that did not come to its report. */
export async function abandonBook(sql: Pool, book: Book, state: 'failed' | 'cancelled'): Promise<void> {
  await sql.query(`update spreadworks.books set state = $2, ended_at = clock_timestamp() where book = $1 and ended_at is null`, [
    book,
    state,
  ])
}

/** Removes a book with everything that was decided in it; one that is not there is no matter. */
export async function deleteBook(sql: Pool, book: Book): Promise<void> {
  await sql.query(`delete from spreadworks.books where book = $1`, [book])
}

export async function loadBook(sql: Pool, book: Book): Promise<StoredBook | undefined> {
  const { rows } = await sql.query<StoredBook>(
    `select book, state, parameters, report, certificate from spreadworks.books where book = $1`,
    [book],
  )
  return rows[0]
}

/** The newest rehearsal that ended with this certificate. */
export async function bookOfCertificate(sql: Pool, certificate: string): Promise<Book | undefined> {
  const { rows } = await sql.query<{ book: Book }>(
    `select book from spreadworks.books where certificate = $1 order by ended_at desc limit 1`,
    [certificate],
  )
  return rows[0]?.book
}

/** The newest other book that ended with a certificate and had the same parameters but for its speed; undefined when none had. */
export async function bookLike(sql: Pool, { book, speed: _, ...parameters }: RehearsalParameters): Promise<Book | undefined> {
  const { rows } = await sql.query<{ book: Book }>(
    `select book from spreadworks.books
     where book <> $1 and state = 'closed' and certificate is not null and parameters - 'day' - 'speed' = $2::jsonb
     order by ended_at desc limit 1`,
    [book, JSON.stringify(parameters)],
  )
  return rows[0]?.book
}

/** What the book's own clock showed last, or undefined before it began. */
export async function shownAtOf(sql: Pool, book: Book): Promise<EpochMs | undefined> {
  const { rows } = await sql.query<{ shown_at: Date | null }>(`select shown_at from spreadworks.books where book = $1`, [book])
  const shownAt = rows[0]?.shown_at
  return shownAt === null || shownAt === undefined ? undefined : epochMs(shownAt.getTime())
}
