import { createHash } from 'node:crypto'
import type { Sql } from '#database/connection.client.ts'
import { Fault } from '#domain/fault.ts'
import { type EpochMs, epochMs, isoFrom } from '#domain/units.ts'
import type { NewAlert } from './alert.ts'

/** An escalation is told anew, whoever has acknowledged what it was before. */
const RAISE = `
  insert into spreadworks.alerts as known (id, key, severity, title, body, book, flow, run_id, at, last_at)
  select $1, $2, $3, $4, $5, $6, $7, $8, $9::timestamptz, $9::timestamptz
  where not exists (select from spreadworks.alerts where key = $2 and resolved_at >= $9)
  on conflict (key) where resolved_at is null do update set
    times = known.times + 1, last_at = excluded.last_at, severity = excluded.severity,
    title = excluded.title, body = excluded.body,
    (told_at, acknowledged_at, acknowledged_by) = (
      select case when is_graver then null else known.told_at end,
             case when is_graver then null else known.acknowledged_at end,
             case when is_graver then null else known.acknowledged_by end
      from (select array_position(array['info', 'warning', 'critical'], excluded.severity)
                 > array_position(array['info', 'warning', 'critical'], known.severity)) as escalation (is_graver))
  where excluded.last_at > known.last_at`

/**
 * Keeps an alert: one row a key while it is open. Raised again it counts, and says what was said last. The same one at the
 * same instant, or at one before its end, changes nothing, so a step may be repeated. Whom it is told, and when, is the
 * notifier's business: one statement, and no channel is waited for.
 */
export async function raiseAlert(sql: Sql, { key, severity, title, body, at, book, flow, runId }: NewAlert): Promise<void> {
  await sql.query(RAISE, [
    ...[idOf(key, at), key, severity, title, body],
    ...[book ?? null, flow ?? null, runId ?? null, isoFrom(at)],
  ])
}

/**
 * Ends the open alert of `key` at `at`, and has those channels told that were told of it, or are being told. Where there is
 * none nothing changes.
 */
export async function resolveAlert(sql: Sql, key: string, at: EpochMs): Promise<void> {
  await sql.query(
    `with over as (
       update spreadworks.alerts set resolved_at = greatest($2::timestamptz, last_at)
       where key = $1 and resolved_at is null returning id
     )
     insert into spreadworks.alert_deliveries (id, alert, channel, what, state, due_at)
     select distinct encode(sha256(convert_to(d.alert || '/' || d.channel || '/resolved', 'UTF8')), 'hex'),
       d.alert, d.channel, 'resolved', 'due', $2::timestamptz
     from spreadworks.alert_deliveries as d join over on over.id = d.alert
     where d.what = 'raised' and d.state in ('sending', 'sent')
     on conflict (id) do nothing`,
    [key, isoFrom(at)],
  )
}

/** Notes that a person has seen an alert, so that it is not told again; the first to do so stands. Throws ALERT_UNKNOWN. */
export async function acknowledgeAlert(
  sql: Sql,
  id: string,
  { by, at }: { readonly by: string; readonly at: EpochMs },
): Promise<void> {
  const { rowCount } = await sql.query(
    `update spreadworks.alerts set acknowledged_at = coalesce(acknowledged_at, $2),
       acknowledged_by = case when acknowledged_at is null then $3 else acknowledged_by end
     where id = $1`,
    [id, isoFrom(at), by],
  )
  if (rowCount === 0)
    throw new Fault('ALERT_UNKNOWN', `There is no alert ${id}; spreadworks alerts list shows those there are.`, { exitCode: 2 })
}

/** The open alerts whose key begins with one of `families`, each with when it was first and last raised. */
export async function openAlertsUnder(
  sql: Sql,
  families: readonly string[],
): Promise<{ readonly key: string; readonly at: EpochMs; readonly lastAt: EpochMs }[]> {
  const { rows } = await sql.query<{ key: string; at: Date; last_at: Date }>(
    `select key, at, last_at from spreadworks.alerts
     where resolved_at is null and exists (select from unnest($1::text[]) as family where starts_with(key, family)) order by key`,
    [families],
  )
  return rows.map(({ key, at, last_at }) => ({ key, at: epochMs(at.getTime()), lastAt: epochMs(last_at.getTime()) }))
}

function idOf(key: string, at: EpochMs): string {
  return createHash('sha256')
    .update(`${key}\n${isoFrom(at)}`)
    .digest('hex')
    .slice(0, 32)
}
