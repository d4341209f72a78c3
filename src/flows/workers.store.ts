import { Client } from 'pg'
import { Fault } from '#domain/fault.ts'

/** How many processes may run flows on one database at once. */
const SLOTS = 64
/** Names our advisory locks among those of other programs on the same server. */
const LOCK_SPACE = 0x5b_ea_d0

/** A process's place among those that run flows: held by one connection, gone with it. */
export type WorkerSlot = {
  /** Stable name of the slot: `worker-0`, `worker-1`, … */
  readonly executorId: string
  /** Executor ids with unfinished runs whose process is gone. */
  readonly deadExecutors: (version: string) => Promise<string[]>
  readonly release: () => Promise<void>
}

/**
 * Takes the first free slot. The lock lives on its own connection: if that is lost, `onLost` is called, since another
 * process may then take over this one's runs, and this one must stop.
 */
export async function claimWorkerSlot(url: string, onLost: (cause: Error) => void): Promise<WorkerSlot> {
  const client = new Client({ connectionString: url, application_name: 'spreadworks worker slot', keepAlive: true })
  await client.connect()
  let isReleased = false
  client.on('error', (cause) => {
    if (!isReleased) onLost(cause)
  })
  const slot = await firstFreeSlot(client)
  return {
    executorId: `worker-${slot}`,
    deadExecutors: (version) => deadExecutors(client, slot, version),
    release: async () => {
      isReleased = true
      await client.end()
    },
  }
}

async function firstFreeSlot(client: Client): Promise<number> {
  for (let slot = 0; slot < SLOTS; slot++) if (await tryLock(client, slot)) return slot
  await client.end()
  throw new Fault(
    'WORKERS_FULL',
    `All ${SLOTS} worker places of this database are taken; stop one of the processes that use it, then start again.`,
  )
}

async function tryLock(client: Client, slot: number): Promise<boolean> {
  const { rows } = await client.query<{ held: boolean }>('select pg_try_advisory_lock($1, $2) as held', [LOCK_SPACE, slot])
  return rows[0]?.held === true
}

async function deadExecutors(client: Client, ownSlot: number, version: string): Promise<string[]> {
  const { rows } = await client.query<{ executor_id: string }>(
    `select distinct executor_id from dbos.workflow_status
     where status = 'PENDING' and application_version = $1 and executor_id ~ '^worker-[0-9]+$' and executor_id <> $2`,
    [version, `worker-${ownSlot}`],
  )
  const dead: string[] = []
  for (const { executor_id } of rows)
    if (await isFree(client, Number(executor_id.slice('worker-'.length)))) dead.push(executor_id)
  return dead
}

async function isFree(client: Client, slot: number): Promise<boolean> {
  if (!(await tryLock(client, slot))) return false
  await client.query('select pg_advisory_unlock($1, $2)', [LOCK_SPACE, slot])
  return true
}
