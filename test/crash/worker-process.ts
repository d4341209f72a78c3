import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { QueueName } from '#flows/flow-names.ts'
import type { QueueLimits } from '#flows/queue-limits.ts'

export type ProbeWorkerOptions = {
  readonly databaseUrl: string
  readonly leaseMs: number
  readonly drainMs: number
  readonly trainRevision: number
  readonly limits: Partial<Record<QueueName, Partial<QueueLimits>>>
}

/** A worker in a process of its own. */
export type ProbeWorker = {
  readonly executor: string
  readonly pid: number
  /** What it said besides being ready. */
  readonly said: readonly string[]
  readonly send: (signal: NodeJS.Signals) => void
  /** Resolves with its exit code, null after a signal. */
  readonly ended: Promise<number | null>
}

const ENTRY = new URL('./probe-worker.ts', import.meta.url)

/** Starts a worker, of the probe flows unless another `entry` is given; resolves when it is ready. Rejects when it ends before. */
export function startWorker(
  databaseUrl: string,
  options: Partial<ProbeWorkerOptions> = {},
  entry: URL = ENTRY,
): Promise<ProbeWorker> {
  const asked: ProbeWorkerOptions = { databaseUrl, leaseMs: 8_000, drainMs: 2_000, trainRevision: 1, limits: {}, ...options }
  return startEntry(entry, asked)
}

/** Starts `entry` with `asked` as its argument; resolves when it says that it is ready. Rejects when it ends before. */
export async function startEntry(entry: URL, asked: object): Promise<ProbeWorker> {
  const { PATH, HOME, TMPDIR } = process.env
  const child = spawn(process.execPath, ['--disable-warning=DeprecationWarning', fileURLToPath(entry), JSON.stringify(asked)], {
    env: { PATH, HOME, TMPDIR },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit').then(([code]: (number | null)[]) => code ?? null)
  const said: string[] = []
  const executor = await Promise.race([
    readyIn(child, said),
    ended.then((code) => Promise.reject(new Error(`the worker ended with ${code} before it was ready`))),
  ])
  return { executor, pid: child.pid ?? 0, said, send: (signal) => child.kill(signal), ended }
}

function readyIn(child: ChildProcess, said: string[]): Promise<string> {
  return new Promise((resolve) => {
    if (child.stdout === null) return
    createInterface(child.stdout).on('line', (line) => {
      if (line.startsWith('ready ')) resolve(line.slice('ready '.length))
      else said.push(line)
    })
  })
}
