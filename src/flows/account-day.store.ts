import type { Pool } from 'pg'
import type { Book } from '#domain/book.ts'
import { pairNamed } from '#domain/pair.ts'
import type { SessionDate } from '#domain/sessions.ts'
import { bySymbol, type Symbol_ } from '#domain/symbol.ts'
import { heldPairs } from './held-pairs.store.ts'
import type { DayParameters } from './rehearsal.ts'

/** The newest day of a book that was made ready, and by which run. */
export type Readiness = {
  readonly day: SessionDate
  readonly runId: string
  /** Tells one making ready from another. */
  readonly key: string
}

/** Undefined when no day of the book up to `day` was ever made ready. */
export async function readinessBy(sql: Pool, book: Book, day: SessionDate): Promise<Readiness | undefined> {
  const { rows } = await sql.query<{ day: SessionDate; runId: string; at: Date }>(
    `select day::text as day, run_id as "runId", at from spreadworks.flow_results
     where kind = 'readiness' and book = $1 and day <= $2 order by day desc, at desc limit 1`,
    [book, day],
  )
  const [ready] = rows
  return ready && { day: ready.day, runId: ready.runId, key: `${ready.runId} ${ready.at.getTime()}` }
}

/**
 * What an account's book trades by on `day`: as it was decided when the day was made ready or, where it was not, on the last day
 * that was; with the symbols of the pairs that have a model of the day or are held, ascending.
 */
export async function parametersOn(
  sql: Pool,
  { book, day }: Pick<DayParameters, 'book' | 'day'>,
  { runId, day: readyOn }: Readiness,
): Promise<DayParameters> {
  const { rows } = await sql.query<{ parameters: DayParameters }>(
    `select detail->'parameters' as parameters from spreadworks.flow_results
     where run_id = $1 and kind = 'readiness' and reference = $2`,
    [runId, readyOn],
  )
  const [{ parameters }] = rows
  return { ...parameters, day, symbols: await tradedSymbols(sql, book, day) }
}

/** A text that is another one whenever something was taken in, ordered, filled or ended in the book. */
export async function bookVersion(sql: Pool, book: Book): Promise<string> {
  const { rows } = await sql.query<{ version: string }>(
    `select concat_ws(' ', (select extract(epoch from shown_at) from spreadworks.books where book = $1),
       count(*), count(*) filter (where state in ('intended', 'unknown', 'working')), sum(filled_shares),
       extract(epoch from max(updated_at))) as version
     from spreadworks.orders where book = $1`,
    [book],
  )
  return rows[0]?.version ?? ''
}

async function tradedSymbols(sql: Pool, book: Book, day: SessionDate): Promise<Symbol_[]> {
  const { rows } = await sql.query<{ y: Symbol_; x: Symbol_ }>(
    `select y, x from spreadworks.pair_models where book = $1 and day = $2`,
    [book, day],
  )
  const held = (await heldPairs(sql, book)).flatMap(({ pair }) => pairNamed(pair) ?? [])
  return [...new Set([...rows, ...held].flatMap(({ y, x }) => [y, x]))].sort(bySymbol)
}
