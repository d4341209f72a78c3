import type { Pool } from 'pg'
import { type EpochMs, isoFrom } from '#domain/units.ts'
import { logDayOf } from './log-days.ts'

/** A partition that goes away must wait for those who read it. It is asked for so briefly that nobody waits for it in turn. */
const LOCK_TIMEOUT_MS = 100

type LogPartition = { readonly name: string; readonly isAttached: boolean; readonly isLeaving: boolean }

/**
 * Removes the days of run logs that ended by `before`; returns how many. No row is deleted: a day is one table. Writers and
 * readers of other days go on. What was interrupted is brought to its end by the next call.
 */
export async function dropLogDays(sql: Pool, before: EpochMs): Promise<number> {
  const old = (await logPartitions(sql)).filter(({ name }) => (logDayOf(name)?.until ?? Number.POSITIVE_INFINITY) <= before)
  for (const partition of old) await dropLogDay(sql, partition)
  return old.length
}

async function logPartitions(sql: Pool): Promise<LogPartition[]> {
  const { rows } = await sql.query<LogPartition>(
    `select c.relname as name, i.inhrelid is not null as "isAttached", coalesce(i.inhdetachpending, false) as "isLeaving"
     from pg_class as c
     left join pg_inherits as i on i.inhrelid = c.oid and i.inhparent = 'spreadworks.flow_logs'::regclass
     where c.relnamespace = 'spreadworks'::regnamespace and c.relkind = 'r' and c.relname like 'flow\\_logs\\_%'
     order by c.relname`,
  )
  return rows
}

/** A name comes from the catalogue and was read back by logDayOf, so it can stand in a statement. */
async function dropLogDay(sql: Pool, { name, isAttached, isLeaving }: LogPartition): Promise<void> {
  const session = await sql.connect()
  try {
    // Concurrently: a plain detach or drop would lock out everyone who writes a line of today.
    if (isAttached)
      await session.query(
        `alter table spreadworks.flow_logs detach partition spreadworks.${name} ${isLeaving ? 'finalize' : 'concurrently'}`,
      )
    await session.query(`set lock_timeout = ${LOCK_TIMEOUT_MS}`)
    await session.query(`drop table if exists spreadworks.${name}`)
    await session.query('reset lock_timeout')
    session.release()
  } catch (cause) {
    // What the session was left with is not known, so nobody else is given it.
    session.release(true)
    throw cause
  }
}

/**
 * Ids of at most `limit` runs that ended before `before`, the oldest first. A run that another one began stays as long as that
 * one may still ask for its result.
 */
export async function runsEndedBefore(sql: Pool, before: EpochMs, limit: number): Promise<string[]> {
  const { rows } = await sql.query<{ id: string }>(
    `select run.workflow_uuid as id from dbos.workflow_status as run
     where run.completed_at < $1 and run.status in ('SUCCESS', 'ERROR', 'CANCELLED', 'MAX_RECOVERY_ATTEMPTS_EXCEEDED')
       and not exists (
         select from dbos.workflow_status as parent
         where parent.workflow_uuid = run.parent_workflow_id and parent.status in ('PENDING', 'ENQUEUED', 'DELAYED'))
     order by run.completed_at limit $2`,
    [before, limit],
  )
  return rows.map(({ id }) => id)
}

/** Removes what runs left in our own tables. */
export async function forgetRuns(sql: Pool, runIds: readonly string[]): Promise<void> {
  await sql.query(`delete from spreadworks.flow_progress where flow_id = any($1)`, [runIds])
  await sql.query(`delete from spreadworks.flow_results where run_id = any($1)`, [runIds])
}

/** Removes at most `limit` alerts that were over before `before`, with what was sent of them; returns how many. */
export async function deleteAlerts(sql: Pool, before: EpochMs, limit: number): Promise<number> {
  const { rowCount } = await sql.query(
    `delete from spreadworks.alerts where id in (
       select id from spreadworks.alerts where coalesce(resolved_at, acknowledged_at) < $1 and last_at < $1 order by last_at limit $2)`,
    [isoFrom(before), limit],
  )
  return rowCount ?? 0
}
