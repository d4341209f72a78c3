import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { Client } from 'pg'
import { Fault } from '#domain/fault.ts'
import type { QueueName } from './flow-names.ts'
import { flowsVersion } from './flows-version.ts'
import {
  claimOf,
  endHolder,
  executorOf,
  lockSlot,
  noteDraining,
  noteSign,
  others,
  removeWorker,
  SLOTS,
  saveWorker,
  serverOpenMs,
  slotOf,
  unlockSlot,
  type WorkerIdentity,
} from './workers.store.ts'

/** How often a process gives a sign of life and looks after the others, at most. */
const LOOK_EVERY_MS = 500
/**
 * For so long, or a lease if that is shorter, nobody counts as gone after the server began to take connections, and after our own
 * came back: what cut us off cut off the others, who live and come back to hold their slots.
 */
const GRACE_MS = 5_000

export type SlotOptions = {
  readonly databaseUrl: string
  readonly version: string
  readonly leaseMs: number
  readonly onLost: (cause: Error) => void
  readonly onTrouble: (message: string) => void
}

/** Takes up what others left: called once in a while, on the connection that holds the slot. */
export type Reaper = {
  /** The runs of an executor whose process is gone. While it is called nobody else can be that executor. */
  readonly adopt: (executor: string) => Promise<void>
  readonly look: (sql: Client) => Promise<void>
}

/** A process's place among those that run flows: held by one connection, gone with it. */
export type WorkerSlot = {
  /** Stable name of the slot: `worker-0`, `worker-1`, … */
  readonly executorId: string
  /** Whether no other process can think that this one is gone. */
  readonly isHeld: () => boolean
  /** Gives signs of life and looks after the others from now on. */
  readonly watch: (reaper: Reaper) => void
  /** Tells that no more runs are taken here. */
  readonly drain: () => Promise<void>
  /** Leaves; nothing is looked after any more. */
  readonly release: () => Promise<void>
}

/**
 * Takes the first free slot; of a server that has just begun, one that nobody told of. Its lock lives on a connection of its own. When
 * that breaks, as when the server restarts, the slot is not held until it has been taken again: then nothing may be begun here. `onLost`
 * is called when another process has it.
 */
export async function claimWorkerSlot(options: SlotOptions, queues: readonly QueueName[]): Promise<WorkerSlot> {
  const { leaseMs, onLost, onTrouble } = options
  const identity = { version: options.version, flowsVersion: flowsVersion(), host: hostname(), pid: process.pid, queues }
  const own: Own = { claim: randomUUID(), identity }
  let [held, isReleased]: [Client | undefined, boolean] = [undefined, false]
  const keep = (client: Client) => {
    held = client
    client.on('end', () => {
      if (held === client) held = undefined
    })
    return client
  }
  const first = keep(await connect(options))
  const graceMs = Math.min(GRACE_MS, leaseMs)
  const openMs = await serverOpenMs(first)
  const slot = await takeFree(first, own, openMs < graceMs)
  const executorId = executorOf(slot)
  let togetherSince = performance.now() - openMs
  let reaper: Reaper | undefined
  const comeBack = async () => {
    const client = await reclaimed(options, slot, own)
    togetherSince = performance.now()
    return keep(client)
  }
  const look = async () => {
    const client = held ?? (await comeBack())
    await noteSign(client, executorId)
    const isGraceOver = performance.now() - togetherSince > graceMs
    if (reaper !== undefined && isGraceOver) await lookAfterOthers(client, { own: executorId, leaseMs }, reaper)
  }
  const loop = repeated(Math.min(LOOK_EVERY_MS, leaseMs / 4), async () => {
    await look().catch(async (cause: Error) => {
      if (isReleased) return
      if (cause instanceof SlotTaken) onLost(cause)
      else onTrouble(`the place among the workers is not held (${cause.message})`)
      // Whatever is wrong with the connection: the next look begins with another.
      await held?.end().catch(() => undefined)
    })
  })
  return {
    executorId,
    isHeld: () => held !== undefined,
    watch: (given) => {
      reaper = given
    },
    drain: async () => {
      if (held !== undefined) await noteDraining(held, executorId)
    },
    release: async () => {
      isReleased = true
      await loop.end()
      if (held !== undefined) await removeWorker(held, executorId).catch(() => undefined)
      await held?.end()
    },
  }
}

type Own = { readonly claim: string; readonly identity: WorkerIdentity }

/** Another process holds the slot that this one held. */
class SlotTaken extends Error {}

/**
 * A connection that the server itself drops soon when our host dies without a word: within 8 s, whatever the server's settings.
 * On a server that stops answering a statement ends after half of the lease.
 */
async function connect({ databaseUrl, leaseMs }: SlotOptions): Promise<Client> {
  const client = new Client({
    connectionString: databaseUrl,
    application_name: 'spreadworks worker slot',
    keepAlive: true,
    keepAliveInitialDelayMillis: 2_000,
    connectionTimeoutMillis: leaseMs,
    query_timeout: Math.max(1_000, leaseMs / 2),
    options:
      '-c tcp_keepalives_idle=2 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3 -c tcp_user_timeout=8000 -c idle_session_timeout=0',
  })
  // Told by `end`, which follows.
  client.on('error', () => undefined)
  await client.connect()
  return client
}

async function takeFree(client: Client, { claim, identity }: Own, isEarly: boolean): Promise<number> {
  for (let slot = 0; slot < SLOTS; slot++) {
    if (!(await lockSlot(client, slot))) continue
    // Its holder has lost its connection with the server that was there before, and is about to come back.
    if (isEarly && (await claimOf(client, executorOf(slot))) !== undefined) {
      await unlockSlot(client, slot)
      continue
    }
    await saveWorker(client, executorOf(slot), claim, identity)
    return slot
  }
  await client.end()
  throw new Fault(
    'WORKERS_FULL',
    `All ${SLOTS} worker places of this database are taken; stop one of the processes that use it, then start again.`,
  )
}

/** The slot, held again. Throws SlotTaken when another process made it its own; anything else means that it is to be tried again. */
async function reclaimed(options: SlotOptions, slot: number, { claim, identity }: Own): Promise<Client> {
  const client = await connect(options)
  try {
    const executor = executorOf(slot)
    if (!(await lockSlot(client, slot))) {
      const holder = await claimOf(client, executor)
      if (holder !== undefined && holder.claim !== claim)
        throw new SlotTaken('another process took the place of this one while the database could not be reached')
      // The server has not noticed yet that our last connection is gone, or somebody is about to go on with our runs.
      await endHolder(client, slot)
      throw new Error('the lock of the last connection is still held')
    }
    await saveWorker(client, executor, claim, identity)
    return client
  } catch (cause) {
    await client.end()
    throw cause
  }
}

/** Adopts the runs of each process that is gone, and lets go of the lock of each that gave no sign for a lease: it is frozen. */
async function lookAfterOthers(
  client: Client,
  { own, leaseMs }: { readonly own: string; readonly leaseMs: number },
  { adopt, look }: Reaper,
): Promise<void> {
  for (const { executor, isLocked, isSilent } of await others(client, own, leaseMs)) {
    const slot = slotOf(executor)
    if (slot === undefined || (isLocked && !isSilent)) continue
    if (isLocked) await endHolder(client, slot)
    if (!(await lockSlot(client, slot))) continue
    try {
      await adopt(executor)
      await removeWorker(client, executor)
    } finally {
      await unlockSlot(client, slot)
    }
  }
  await look(client)
}

/** Does `work` again and again, with a rest in between, until it is ended; `end` resolves when it is not under way any more. */
function repeated(restMs: number, work: () => Promise<void>): { readonly end: () => Promise<void> } {
  let [timer, underWay, isEnded]: [NodeJS.Timeout | undefined, Promise<void>, boolean] = [undefined, Promise.resolve(), false]
  const next = () => {
    if (isEnded) return
    timer = setTimeout(() => {
      underWay = work().finally(next)
    }, restMs)
  }
  next()
  return {
    end: () => {
      isEnded = true
      clearTimeout(timer)
      return underWay
    },
  }
}
