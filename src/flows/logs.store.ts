import type { Pool } from 'pg'

export type LogLevel = 'info' | 'warn' | 'error'

/** Keeps a line of a run's log: what happened, in words for a person, with its figures beside it. */
export async function saveLog(
  sql: Pool,
  {
    runId,
    step,
    level,
    message,
    fields = {},
  }: { runId: string; step: string; level: LogLevel; message: string; fields?: object },
): Promise<void> {
  await sql.query(`insert into spreadworks.flow_logs (flow_id, step, level, message, fields) values ($1, $2, $3, $4, $5)`, [
    runId,
    step,
    level,
    message,
    JSON.stringify(fields),
  ])
}
