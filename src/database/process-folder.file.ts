import { execFile } from 'node:child_process'
import { readdir, readFile, readlink, realpath } from 'node:fs/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

/**
 * The ids of the processes of `program` (the name of its file, at most 15 letters) that work in `folder`, as far as we may see them: those
 * of our own user, and of all when we are root. Empty when there is none, no such folder, or the platform does not tell.
 */
export async function processesIn(folder: string, program: string): Promise<number[]> {
  const real = await realpath(folder).catch(() => undefined)
  if (real === undefined) return []
  return process.platform === 'linux' ? foundOnLinux(real, program) : foundByLsof(real, program)
}

async function foundOnLinux(folder: string, program: string): Promise<number[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const isThere = await Promise.all(
    ids.map(async (id) => {
      // A process that ended meanwhile has neither; one that waits for its parent has no folder.
      const place = await readlink(`/proc/${id}/cwd`).catch(() => '')
      return place === folder && (await readFile(`/proc/${id}/comm`, 'utf8').catch(() => '')).trim() === program
    }),
  )
  return ids.filter((_, i) => isThere[i]).map(Number)
}

async function foundByLsof(folder: string, program: string): Promise<number[]> {
  // It ends with 1 when it finds nothing, and there may be no lsof.
  const { stdout } = await run('lsof', ['-a', '-c', program, '-d', 'cwd', '-Fpn']).catch(() => ({ stdout: '' }))
  return idsIn(stdout, folder)
}

/** Of what `lsof -Fpn` says, a line `p<id>` followed by lines `f…` and `n<folder>` for each process, the ids of those in `folder`. */
function idsIn(said: string, folder: string): number[] {
  return said
    .split(/^p(?=\d)/m)
    .filter((one) => one.split('\n').includes(`n${folder}`))
    .map((one) => Number.parseInt(one, 10))
}
