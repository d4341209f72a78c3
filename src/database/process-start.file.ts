import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** One run of one program: a process id alone is given out again, with the start it is not. */
export type ProcessRun = { readonly pid: number; readonly startedAt: string }

/** The run that has this process id now; undefined when none has, or only one that has ended and waits for its parent. */
export async function processRun(pid: number): Promise<ProcessRun | undefined> {
  const startedAt = process.platform === 'linux' ? await startOnLinux(pid) : await startByPs(pid)
  return startedAt === undefined ? undefined : { pid, startedAt }
}

/** True while that very run goes on. */
export async function isRunning({ pid, startedAt }: ProcessRun): Promise<boolean> {
  return (await processRun(pid))?.startedAt === startedAt
}

/** This machine's start and, in clock ticks since, the process's. */
async function startOnLinux(pid: number): Promise<string | undefined> {
  const [stat, boot] = await Promise.all([textOf(`/proc/${pid}/stat`), textOf('/proc/sys/kernel/random/boot_id')])
  // Fields 3 (state) and 22 (start) of proc_pid_stat(5); the name in field 2 may hold anything, brackets too.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [state] = fields
  return stat === '' || state === 'Z' || state === 'X' ? undefined : `${boot.trim()} ${fields[19]}`
}

async function startByPs(pid: number): Promise<string | undefined> {
  const { stdout } = await run('ps', ['-o', 'stat=,lstart=', '-p', String(pid)]).catch(() => ({ stdout: '' }))
  const [, state, start] = /^(\S+)\s+(.+?)\s*$/.exec(stdout.trim()) ?? []
  return state?.startsWith('Z') ? undefined : start
}

/** The command line of a process, its parts joined by spaces; empty when there is none. */
export async function commandOf(pid: number): Promise<string> {
  if (process.platform === 'linux') return (await textOf(`/proc/${pid}/cmdline`)).replaceAll('\0', ' ')
  return run('ps', ['-o', 'command=', '-p', String(pid)]).then(
    ({ stdout }) => stdout,
    () => '',
  )
}

function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '')
}
