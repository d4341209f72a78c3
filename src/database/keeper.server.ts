import { spawn } from 'node:child_process'
import { extname } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { isRunning, type ProcessRun, processRun } from './process-start.file.ts'
import { readRecord } from './server-record.file.ts'

const KEEPER = fileURLToPath(new URL(`./keeper.worker${extname(import.meta.url)}`, import.meta.url))
const GONE_WITHIN_MS = 1000
const LOOK_EVERY_MS = 5

/** The keeper of a server: `before` if it still runs, else a new one; undefined when none could be started. */
export async function keeperOf({ home, port, data }: Kept, before: ProcessRun | undefined): Promise<ProcessRun | undefined> {
  if (before !== undefined && (await isRunning(before))) return before
  const child = spawn(process.execPath, [KEEPER, home, String(port), data], {
    detached: true,
    stdio: 'ignore',
    env: {},
    cwd: '/',
  })
  child.unref()
  return child.pid === undefined ? undefined : processRun(child.pid)
}

type Kept = { readonly home: string; readonly port: number; readonly data: string }

/** Resolves when the keeper of the server that was stopped has ended too, which it does by itself. */
export async function keeperGone(home: string): Promise<void> {
  const keeper = (await readRecord(home))?.keeper
  if (keeper === undefined) return
  for (const giveUpAt = Date.now() + GONE_WITHIN_MS; Date.now() < giveUpAt && (await isRunning(keeper)); )
    await wait(LOOK_EVERY_MS)
}
