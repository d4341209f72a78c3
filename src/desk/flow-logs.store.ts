import type { Pool } from 'pg'
import type { LogLine, LogPage } from './flow-views.ts'

const LEVELS: readonly LogLine['level'][] = ['info', 'warn', 'error']

type Row = Omit<LogLine, 'id' | 'at'> & { readonly id: string; readonly at: Date }

/** Lines of a run's log, ascending; of `level` and above it. After an id the oldest come first in line, else the newest. */
export async function logPage(sql: Pool, runId: string, { limit, after, before, level = 'info' }: LogPage): Promise<LogLine[]> {
  const { rows } = await sql.query<Row>(
    `select id, at, step, level, message, fields from spreadworks.flow_logs
     where flow_id = $1 and ($2::bigint is null or id > $2) and ($3::bigint is null or id < $3) and level = any($4)
     order by id ${after === undefined ? 'desc' : 'asc'} limit $5`,
    [runId, after ?? null, before ?? null, LEVELS.slice(LEVELS.indexOf(level)), limit],
  )
  const lines = rows.map(({ id, at, ...line }) => ({ ...line, id: Number(id), at: at.getTime() }))
  return lines.sort((a, b) => a.id - b.id)
}
