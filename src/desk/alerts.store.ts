import type { Sql } from '#database/connection.client.ts'
import type { AlertView } from './views.ts'

/** The critical alerts of a book, and those of none, that nobody has acknowledged, newest first, at most 3. */
export async function openAlertsOf(sql: Sql, book: string): Promise<AlertView[]> {
  const { rows } = await sql.query<AlertView>(
    `select id, (extract(epoch from at) * 1000)::float8 as at, title, body from spreadworks.alerts
     where (book = $1 or book is null) and severity = 'critical' and acknowledged_at is null
     order by at desc, id limit 3`,
    [book],
  )
  return rows
}
