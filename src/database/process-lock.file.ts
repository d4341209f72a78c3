import { createHash, randomUUID } from 'node:crypto'
import { link, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod'
import { Fault } from '#domain/fault.ts'
import { isRunning, processRun } from './process-start.file.ts'

const Holder = z.object({ pid: z.int(), startedAt: z.string(), ticket: z.string() })
type Holder = z.infer<typeof Holder>

const LOOK_EVERY_MS = 20
const GIVE_UP_AFTER_MS = 90_000

/**
 * Runs `work` while no other process of this machine runs under the lock file at `path`. A lock whose holder is gone is broken. The
 * file appears by a hard link, complete at once, and names its holder by process id and start, so that a reused
 * process id is not taken for the holder. Who breaks a lock holds a lock named after that holder meanwhile: a slow breaker
 * can never remove what somebody else has taken since. Throws HOME_BUSY after 90 seconds.
 */
export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  const ticket = `${path}.${randomUUID()}`
  await writeFile(ticket, JSON.stringify({ ...(await processRun(process.pid)), ticket: basename(ticket) }), { mode: 0o600 })
  try {
    await acquire(path, ticket)
    try {
      return await work()
    } finally {
      await rm(path)
    }
  } finally {
    await rm(ticket, { force: true })
  }
}

async function acquire(path: string, ticket: string): Promise<void> {
  for (const giveUpAt = Date.now() + GIVE_UP_AFTER_MS; Date.now() < giveUpAt; ) {
    if (await linked(ticket, path)) return
    const holder = await holderOf(path)
    if (holder === undefined) continue
    if (await isRunning(holder)) await wait(LOOK_EVERY_MS)
    else await breakLock(path, holder)
  }
  throw new Fault(
    'HOME_BUSY',
    `Process ${(await holderOf(path))?.pid} has held ${path} for too long; end that process and try again.`,
  )
}

async function breakLock(path: string, gone: Holder): Promise<void> {
  const name = createHash('sha256').update(gone.ticket).digest('hex').slice(0, 12)
  await withLock(`${path}.${name}`, async () => {
    if ((await holderOf(path))?.ticket === gone.ticket) await rm(path)
    await rm(join(dirname(path), gone.ticket), { force: true })
  })
}

async function linked(ticket: string, path: string): Promise<boolean> {
  try {
    await link(ticket, path)
    return true
  } catch (failure) {
    if (codeOf(failure) === 'EEXIST') return false
    throw failure
  }
}

async function holderOf(path: string): Promise<Holder | undefined> {
  try {
    return Holder.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch (failure) {
    if (codeOf(failure) === 'ENOENT') return undefined
    throw failure
  }
}

function codeOf(failure: unknown): unknown {
  return failure instanceof Error && 'code' in failure ? failure.code : undefined
}
