import type { Sql } from '#database/connection.client.ts'
import { type EpochMs, epochMs } from '#domain/units.ts'
import type { QueueName } from './flow-names.ts'

/** How many processes may run flows on one database at once. */
export const SLOTS = 64
/** Names our advisory locks among those of other programs on the same server. */
const LOCK_SPACE = 0x5b_ea_d0
/** What makes a row of `pg_locks` the lock of a slot in this database; its `objid` is the slot. */
export const SLOT_LOCK = `locktype = 'advisory' and granted and classid::bigint = ${LOCK_SPACE} and objsubid = 2
  and database = (select oid from pg_database where datname = current_database())`

/** A process that carries out runs, as it tells of itself. */
export type WorkerIdentity = {
  readonly version: string
  readonly flowsVersion: string
  readonly host: string
  readonly pid: number
  readonly queues: readonly QueueName[]
}

/** `gone` is one that did not end as it should; its row stays until its runs are gone on with. Instants are wall time. */
export type WorkerRecord = WorkerIdentity & {
  readonly executor: string
  readonly state: 'live' | 'draining' | 'gone'
  readonly startedAt: EpochMs
  readonly seenAt: EpochMs
}

/** The executor id of a slot: stable, so that the process that next holds the slot finds what the last one left. */
export function executorOf(slot: number): string {
  return `worker-${slot}`
}

/** The slot of an executor id, or undefined when it is none of ours. */
export function slotOf(executor: string): number | undefined {
  const [, slot] = /^worker-(\d+)$/.exec(executor) ?? []
  return slot === undefined ? undefined : Number(slot)
}

/** Takes the slot's lock for this session unless another has it. */
export async function lockSlot(sql: Sql, slot: number): Promise<boolean> {
  const { rows } = await sql.query<{ held: boolean }>('select pg_try_advisory_lock($1, $2) as held', [LOCK_SPACE, slot])
  return rows[0]?.held === true
}

export async function unlockSlot(sql: Sql, slot: number): Promise<void> {
  await sql.query('select pg_advisory_unlock($1, $2)', [LOCK_SPACE, slot])
}

/** Tells of the process that holds the slot; `claim` is its own. */
export async function saveWorker(sql: Sql, executor: string, claim: string, worker: WorkerIdentity): Promise<void> {
  const { version, flowsVersion, host, pid, queues } = worker
  await sql.query(
    `insert into spreadworks.flow_workers (executor, claim, version, flows_version, host, pid, queues, backend_pid)
     values ($1, $2, $3, $4, $5, $6, $7, pg_backend_pid())
     on conflict (executor) do update set claim = $2, version = $3, flows_version = $4, host = $5, pid = $6, queues = $7,
       backend_pid = pg_backend_pid(), is_draining = false, seen_at = clock_timestamp(),
       started_at = case when flow_workers.claim = $2 then flow_workers.started_at else clock_timestamp() end`,
    [executor, claim, version, flowsVersion, host, pid, queues],
  )
}

/** Whose claim the slot is, and the server's process that last held it; undefined when nobody told of itself. */
export async function claimOf(sql: Sql, executor: string): Promise<{ claim: string; backendPid: number } | undefined> {
  const { rows } = await sql.query<{ claim: string; backendPid: number }>(
    `select claim, backend_pid as "backendPid" from spreadworks.flow_workers where executor = $1`,
    [executor],
  )
  return rows[0]
}

export async function noteSign(sql: Sql, executor: string): Promise<void> {
  await sql.query(`update spreadworks.flow_workers set seen_at = clock_timestamp() where executor = $1`, [executor])
}

export async function noteDraining(sql: Sql, executor: string): Promise<void> {
  await sql.query(`update spreadworks.flow_workers set is_draining = true where executor = $1`, [executor])
}

export async function removeWorker(sql: Sql, executor: string): Promise<void> {
  await sql.query(`delete from spreadworks.flow_workers where executor = $1`, [executor])
}

/** Ends the server's side of a connection that holds a slot, with its lock. */
export async function endHolder(sql: Sql, slot: number): Promise<void> {
  await sql.query(`select pg_terminate_backend(pid) from pg_locks where ${SLOT_LOCK} and objid::bigint = $1`, [slot])
}

/**
 * For how long the server has taken connections, ms. Its log writer begins then, recovery comes before; who may not see it counts
 * from the server's start.
 */
export async function serverOpenMs(sql: Sql): Promise<number> {
  const { rows } = await sql.query<{ ms: number }>(
    `select extract(epoch from clock_timestamp() - coalesce(
       (select backend_start from pg_stat_activity where backend_type = 'walwriter'), pg_postmaster_start_time()))::float8 * 1000 as ms`,
  )
  return rows[0]?.ms ?? 0
}

/** Executors other than `own` that told of themselves, or have unfinished runs, and how each stands. */
export async function others(
  sql: Sql,
  own: string,
  leaseMs: number,
): Promise<{ readonly executor: string; readonly isLocked: boolean; readonly isSilent: boolean }[]> {
  const { rows } = await sql.query<{ executor: string; isLocked: boolean; isSilent: boolean }>(
    `select executor, l.objid is not null as "isLocked",
            coalesce(w.seen_at < clock_timestamp() - make_interval(secs => $2::float8 / 1000), false) as "isSilent"
     from (select executor from spreadworks.flow_workers
           union select executor_id from dbos.workflow_status where status = 'PENDING' and application_name = 'spreadworks') o
     left join spreadworks.flow_workers w using (executor)
     left join pg_locks l on ${SLOT_LOCK} and executor = 'worker-' || l.objid
     where executor <> $1 and executor ~ '^worker-[0-9]+$'`,
    [own, leaseMs],
  )
  return rows
}

/** Every process that told of itself and has not ended as it should have, by its slot. */
export async function workers(sql: Sql): Promise<WorkerRecord[]> {
  const { rows } = await sql.query<Omit<WorkerRecord, 'startedAt' | 'seenAt'> & { startedAt: Date; seenAt: Date }>(
    `select executor, version, flows_version as "flowsVersion", host, w.pid, queues, started_at as "startedAt", seen_at as "seenAt",
            case when l.objid is null then 'gone' when is_draining then 'draining' else 'live' end as state
     from spreadworks.flow_workers w left join pg_locks l on ${SLOT_LOCK} and executor = 'worker-' || l.objid
     order by substring(executor from '[0-9]+')::int`,
  )
  return rows.map(({ startedAt, seenAt, ...rest }) => ({
    ...rest,
    startedAt: epochMs(startedAt.getTime()),
    seenAt: epochMs(seenAt.getTime()),
  }))
}
