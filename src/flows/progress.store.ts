import type { Pool } from 'pg'
import type { Progress } from './run-views.ts'

/** Says how far a run has come; what it said before is replaced. */
export async function saveProgress(
  sql: Pool,
  runId: string,
  { done, total, unit, sentence }: Progress,
  book = '',
): Promise<void> {
  await sql.query(
    `insert into spreadworks.flow_progress (flow_id, book, done, total, unit, sentence) values ($1, $2, $3, $4, $5, $6)
     on conflict (flow_id) do update set done = $3, total = $4, unit = $5, sentence = $6, updated_at = clock_timestamp()`,
    [runId, book, done, total ?? null, unit, sentence],
  )
}

/** What each of these runs last said. */
export async function progressOf(sql: Pool, runIds: readonly string[]): Promise<ReadonlyMap<string, Progress>> {
  const { rows } = await sql.query<{ flow_id: string; done: number; total: number | null; unit: string; sentence: string }>(
    `select flow_id, done, total, unit, sentence from spreadworks.flow_progress where flow_id = any($1)`,
    [runIds],
  )
  return new Map(
    rows.map(({ flow_id, done, total, unit, sentence }) => [flow_id, { done, total: total ?? undefined, unit, sentence }]),
  )
}

/** One more is done of what the run is at. */
export async function countTrained(sql: Pool, runId: string): Promise<void> {
  await sql.query(
    `update spreadworks.flow_progress set done = least(done + 1, coalesce(total, done + 1)), updated_at = clock_timestamp() where flow_id = $1`,
    [runId],
  )
}
