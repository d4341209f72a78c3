import type { Sql } from '#database/connection.client.ts'
import type { AlertRecord, AlertsView } from './alert-views.ts'
import type { AlertView } from './views.ts'

/** The critical alerts of a book, and those of none, that are not over and that nobody has acknowledged, newest first, at most 3. */
export async function openAlertsOf(sql: Sql, book: string): Promise<AlertView[]> {
  const { rows } = await sql.query<AlertView>(
    `select id, (extract(epoch from at) * 1000)::float8 as at, title, body from spreadworks.alerts
     where (book = $1 or book is null) and severity = 'critical' and acknowledged_at is null and resolved_at is null
     order by at desc, id limit 3`,
    [book],
  )
  return rows
}

const ALERTS = `
  select id, key, book, flow, run_id as "runId", severity, title, body, times, acknowledged_by as "acknowledgedBy",
    (extract(epoch from at) * 1000)::float8 as at, (extract(epoch from last_at) * 1000)::float8 as "lastAt",
    (extract(epoch from resolved_at) * 1000)::float8 as "resolvedAt",
    (extract(epoch from acknowledged_at) * 1000)::float8 as "acknowledgedAt",
    (select coalesce(json_agg(json_build_object(
       'channel', channel, 'what', what, 'state', state, 'attempts', attempts, 'error', error,
       'dueAt', (extract(epoch from due_at) * 1000)::float8, 'sentAt', (extract(epoch from sent_at) * 1000)::float8
     ) order by what, due_at, channel), '[]') from spreadworks.alert_deliveries where alert = a.id) as deliveries
  from spreadworks.alerts as a`

/** Open alerts of every book, at most 500, and the newest `limit` of the others, each with what became of telling it. */
export async function alertsView(sql: Sql, { limit }: { readonly limit: number }): Promise<AlertsView> {
  const [open, recent] = await Promise.all([
    sql.query<AlertRecord>(
      `${ALERTS} where resolved_at is null and acknowledged_at is null
       order by array_position(array['critical', 'warning', 'info'], severity), last_at desc, id limit 500`,
    ),
    sql.query<AlertRecord>(
      `${ALERTS} where resolved_at is not null or acknowledged_at is not null order by last_at desc, id limit $1`,
      [limit],
    ),
  ])
  return { open: open.rows, recent: recent.rows }
}

/** The id of the alert whose id begins with `beginning`; `beginning` itself when there is none, or more than one. */
export async function alertIdOf(sql: Sql, beginning: string): Promise<string> {
  const { rows } = await sql.query<{ id: string }>(
    'select id from spreadworks.alerts where starts_with(id, $1) order by id = $1 desc limit 2',
    [beginning],
  )
  const [first, second] = rows
  return first !== undefined && (second === undefined || first.id === beginning) ? first.id : beginning
}
