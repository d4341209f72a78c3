import { spawn } from 'node:child_process'
import { open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { Fault } from '#domain/fault.ts'
import type { Cluster } from './cluster.server.ts'
import { processesIn } from './process-folder.file.ts'
import { commandOf } from './process-start.file.ts'

export type StartOptions = {
  readonly port: number
  /** Path of the file that takes what the server has to say; emptied first. */
  readonly log: string
  /** PostgreSQL's own settings by name. */
  readonly settings: Readonly<Record<string, string>>
}

/** A server as its own file in the data folder tells of it. */
export type Running = { readonly pid: number; readonly port: number; readonly isReady: boolean }

const READY_WITHIN_MS = 120_000
const STOPPED_WITHIN_MS = 2500
const LEFT_ENDED_WITHIN_MS = 10_000
const LOOK_EVERY_MS = 10

/**
 * Starts the server on 127.0.0.1 in a session of its own, so that it outlives us and hears no Ctrl-C; resolves when it takes
 * connections. What a killed server left at work is ended first. Recovery after a crash happens in between. Throws
 * DATABASE_START_FAILED and DATABASE_STILL_AT_WORK.
 */
export async function startPostgres(cluster: Cluster, options: StartOptions): Promise<Running> {
  await endLeft(cluster.data)
  const ending = await spawnPostgres(cluster, options)
  for (const giveUpAt = Date.now() + READY_WITHIN_MS; Date.now() < giveUpAt; await wait(LOOK_EVERY_MS)) {
    const hasEnded = ending.why !== undefined
    // Looked at after the end, so that the server of a starter who was killed just now is found and used.
    const running = await runningServer(cluster.data)
    if (running?.isReady) return running
    if (hasEnded && running === undefined) throw await startFailed(ending.why, options.log)
  }
  throw await startFailed(`it was not ready within ${READY_WITHIN_MS / 1000} s`, options.log)
}

async function spawnPostgres(
  { binaries, data, account }: Cluster,
  { port, log, settings }: StartOptions,
): Promise<{ why?: string }> {
  const all = { ...settings, listen_addresses: '127.0.0.1', port, unix_socket_directories: '' }
  const arguments_ = ['-D', data, ...Object.entries(all).map(([name, value]) => `--${name}=${value}`)]
  const output = await open(log, 'w', 0o600)
  const server = spawn(join(binaries.native, 'bin', 'postgres'), arguments_, {
    ...account,
    detached: true,
    stdio: ['ignore', output.fd, output.fd],
    env: { LC_ALL: 'C' },
    cwd: data,
  })
  const ending: { why?: string } = {}
  server.once('error', (failure) => Object.assign(ending, { why: failure.message }))
  server.once('exit', (code, signal) => Object.assign(ending, { why: `it ended with ${code ?? signal}` }))
  server.unref()
  await output.close()
  return ending
}

/**
 * Ends the server that runs on `data`: connections are cut, everything is stored. Resolves when its process is gone. A server that
 * needs too long is stopped at once, and recovers from its log at the next start.
 */
export async function stopPostgres(data: string): Promise<void> {
  const server = await runningServer(data)
  if (server === undefined) return
  send(server.pid, 'SIGINT')
  for (const hurryAt = Date.now() + STOPPED_WITHIN_MS; await isServerOf(server.pid, data); await wait(LOOK_EVERY_MS)) {
    if (Date.now() > hurryAt) send(server.pid, 'SIGQUIT')
  }
}

/** The server that runs on `data` now, ready or not; undefined when there is none. */
export async function runningServer(data: string): Promise<Running | undefined> {
  const text = await readFile(pidFileOf(data), 'utf8').catch(() => '')
  // Process id, data folder, start, port, socket folder, address, shared memory, state: see pidfile.h of PostgreSQL.
  const [pid = '', , , port, , , , state] = text.split('\n').map((line) => line.trim())
  if (pid === '' || !(await isServerOf(Number(pid), data))) return undefined
  return { pid: Number(pid), port: Number(port), isReady: state === 'ready' }
}

/**
 * Ends the processes whose postmaster was killed, as it would have ended them; those that compute see its death late, and until then
 * PostgreSQL starts no other server, since they may write. When all are gone the postmaster's file is removed: PostgreSQL would take any
 * process that has the old process id for its predecessor and refuse to start. Nothing is done where a postmaster lives.
 */
async function endLeft(data: string): Promise<void> {
  for (const giveUpAt = Date.now() + LEFT_ENDED_WITHIN_MS; ; await wait(LOOK_EVERY_MS)) {
    const left = await processesIn(data, 'postgres')
    if ((await Promise.all(left.map((pid) => isServerOf(pid, data)))).some(Boolean)) return
    if (left.length === 0) break
    if (Date.now() > giveUpAt) throw stillAtWork(data, left)
    for (const pid of left) send(pid, 'SIGQUIT')
  }
  if ((await runningServer(data)) === undefined) await rm(pidFileOf(data), { force: true })
}

function stillAtWork(data: string, left: readonly number[]): Fault {
  return new Fault(
    'DATABASE_STILL_AT_WORK',
    `The embedded PostgreSQL on ${data} was killed, and its processes ${left.join(', ')} do not end within ${LEFT_ENDED_WITHIN_MS / 1000} s; end them and try again.`,
  )
}

function pidFileOf(data: string): string {
  return join(data, 'postmaster.pid')
}

async function isServerOf(pid: number, data: string): Promise<boolean> {
  return (await commandOf(pid)).includes(`postgres -D ${data} `)
}

async function startFailed(why: string | undefined, log: string): Promise<Fault> {
  const said = (await readFile(log, 'utf8')).trim().split('\n').slice(-3).join(' | ')
  return new Fault('DATABASE_START_FAILED', `The embedded PostgreSQL did not start (${why}); the end of ${log} says: ${said}`)
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (failure) {
    // It ended by itself in the meantime.
    if (!(failure instanceof Error && 'code' in failure && failure.code === 'ESRCH')) throw failure
  }
}
