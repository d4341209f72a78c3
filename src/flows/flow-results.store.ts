import type { Pool } from 'pg'
import type { Book } from '#domain/book.ts'
import type { SessionDate } from '#domain/sessions.ts'
import { epochMs } from '#domain/units.ts'
import type { FlowResult, ResultKind, StoredResult } from './flow-results.ts'
import type { DayParameters } from './rehearsal.ts'

/** Keeps what a run left; the same thing again takes its place. */
export async function saveResult(sql: Pool, runId: string, { kind, reference, book, day, detail }: FlowResult): Promise<void> {
  await sql.query(
    `insert into spreadworks.flow_results (run_id, kind, reference, book, day, detail) values ($1, $2, $3, $4, $5, $6)
     on conflict (run_id, kind, reference) do update set book = $4, day = $5, detail = $6
     where (flow_results.book, flow_results.day, flow_results.detail) is distinct from ($4, $5::date, $6::jsonb)`,
    [runId, kind, reference, book ?? null, day ?? null, JSON.stringify(detail)],
  )
}

type ResultRow = {
  readonly kind: ResultKind
  readonly reference: string
  readonly book: Book | null
  readonly day: SessionDate | null
  readonly detail: object
  readonly at: Date
}

/** What the runs left, by run, each run's in the order in which it came. Runs that left nothing are absent. */
export async function resultsOf(sql: Pool, runIds: readonly string[]): Promise<ReadonlyMap<string, readonly StoredResult[]>> {
  const { rows } = await sql.query<ResultRow & { run_id: string }>(
    `select run_id, kind, reference, book, day::text as day, detail, at from spreadworks.flow_results
     where run_id = any($1) order by at, kind, reference`,
    [runIds],
  )
  const of = new Map<string, StoredResult[]>()
  for (const { run_id, ...row } of rows) of.set(run_id, [...(of.get(run_id) ?? []), resultOf(row)])
  return of
}

/** The newest result of a kind about a day; of any book when none is named. Undefined when there is none. */
export async function newestResult(
  sql: Pool,
  { kind, day, book }: { readonly kind: ResultKind; readonly day: SessionDate; readonly book: Book | undefined },
): Promise<StoredResult | undefined> {
  const { rows } = await sql.query<ResultRow>(
    `select kind, reference, book, day::text as day, detail, at from spreadworks.flow_results
     where kind = $1 and day = $2 and ($3::text is null or book = $3) order by at desc limit 1`,
    [kind, day, book ?? null],
  )
  return rows.map(resultOf)[0]
}

/** What was decided in the morning for the account's day; undefined before it was ready. */
export async function accountDay(sql: Pool, book: Book, day: SessionDate): Promise<DayParameters | undefined> {
  const ready = await newestResult(sql, { kind: 'readiness', day, book })
  // Every readiness is given the parameters of its day.
  return ready === undefined ? undefined : (ready.detail as { readonly parameters: DayParameters }).parameters
}

function resultOf({ book, day, at, ...row }: ResultRow): StoredResult {
  return { ...row, book: book ?? undefined, day: day ?? undefined, at: epochMs(at.getTime()) }
}
