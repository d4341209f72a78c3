import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import type { Pool } from 'pg'
import { workers } from '#flows/workers.store.ts'
import { LEASE_MS } from './month-settings.ts'

const LOOK_EVERY_MS = 500
const MEGABYTE = 1_000_000

/** What one look at the machine showed: megabytes (10⁶ bytes), and files and sockets that are open. */
export type Sample = {
  readonly databaseMb: number
  readonly logDays: number
  readonly runs: number
  readonly memoryMb: number
  readonly handles: number
}

/** What was seen while the month went by. */
export type Watching = {
  /** The longest that a run was under way whose worker was gone or silent, milliseconds. */
  readonly longestOwnerless: () => number
  /** The longest that runs waited for a place at a limited queue where none was taken, milliseconds. */
  readonly longestIdle: () => number
  /** The most runs at once on the queue that takes one. */
  readonly mostAtOnce: () => number
  /** Begins to count anew: PostgreSQL was struck, and nobody counts as gone for a while. */
  readonly pardon: () => void
  readonly close: () => Promise<void>
}

const PENDING = `select workflow_uuid as run, executor_id as executor, queue_name as queue from dbos.workflow_status where status = 'PENDING'`
const WAITING = `select count(*)::int as waiting from dbos.workflow_status where status = 'ENQUEUED' and queue_name = 'house'`

/** Looks twice a second at who owns what is under way. */
export function watchMonth(sql: Pool): Watching {
  const ending = new AbortController()
  const since = new Map<string, number>()
  let [ownerless, idle, most] = [0, 0, 0]
  const lasting = (key: string, isSo: boolean): number => {
    if (!isSo) since.delete(key)
    else if (!since.has(key)) since.set(key, Date.now())
    return isSo ? Date.now() - (since.get(key) ?? Date.now()) : 0
  }
  const look = async () => {
    const before = Date.now()
    const live = (await workers(sql)).filter(({ state, seenAt }) => state !== 'gone' && seenAt > before - LEASE_MS)
    const names = new Set(live.map(({ executor }) => executor))
    const { rows: pending } = await sql.query<{ run: string; executor: string; queue: string | null }>(PENDING)
    const { rows: waiting } = await sql.query<{ waiting: number }>(WAITING)
    const lost = new Set(pending.filter(({ executor }) => !names.has(executor)).map(({ run }) => run))
    for (const key of since.keys()) if (key !== 'house' && !lost.has(key)) since.delete(key)
    for (const run of lost) ownerless = Math.max(ownerless, lasting(run, true))
    const atHouse = pending.filter(({ queue }) => queue === 'house').length
    most = Math.max(most, atHouse)
    idle = Math.max(idle, lasting('house', atHouse === 0 && (waiting[0]?.waiting ?? 0) > 0))
  }
  const loop = async () => {
    for (; !ending.signal.aborted; await delay(LOOK_EVERY_MS)) await look().catch(() => since.clear())
  }
  const watching = loop()
  return {
    longestOwnerless: () => ownerless,
    longestIdle: () => idle,
    mostAtOnce: () => most,
    pardon: () => since.clear(),
    close: () => {
      ending.abort()
      return watching
    },
  }
}

const SIZE = `select sum(pg_total_relation_size(c.oid))::float8 as bytes,
    count(*) filter (where c.relname like 'flow\\_logs\\_%')::int as "logDays"
  from pg_class as c where c.relkind = 'r' and c.relnamespace in ('dbos'::regnamespace, 'spreadworks'::regnamespace)`

/** The tables' size, and what the process `pid` holds. */
export async function sampleOf(sql: Pool, pid: number): Promise<Sample> {
  const { rows } = await sql.query<{ bytes: number; logDays: number }>(SIZE)
  const { rows: counted } = await sql.query<{ runs: number }>('select count(*)::int as runs from dbos.workflow_status')
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  const [, kilobytes] = /VmRSS:\s+(\d+) kB/.exec(status) ?? []
  return {
    databaseMb: (rows[0]?.bytes ?? Number.NaN) / MEGABYTE,
    logDays: rows[0]?.logDays ?? Number.NaN,
    runs: counted[0]?.runs ?? Number.NaN,
    memoryMb: (Number(kilobytes) * 1024) / MEGABYTE,
    handles: (await readdir(`/proc/${pid}/fd`)).length,
  }
}
