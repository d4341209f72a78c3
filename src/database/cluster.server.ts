import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { chown, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { Fault } from '#domain/fault.ts'
import type { Binaries } from './postgres-binaries.file.ts'
import type { Account } from './server-account.server.ts'

/** What it takes to run one server: its programs, its data folder, and the system user to run as (undefined: ourselves). */
export type Cluster = { readonly binaries: Binaries; readonly data: string; readonly account: Account | undefined }

// Not `spreadworks`: a role of the schema's name would find our tables unqualified, which an outside server would not.
export const SUPERUSER = 'postgres'

const OPTIONS = ['--no-sync', '--encoding=UTF8', '--locale=C', '--auth=scram-sha-256', `--username=${SUPERUSER}`]
const run = promisify(execFile)

/**
 * Makes the data folder of a new cluster, whose superuser has `password`. An attempt that is broken off leaves nothing that a
 * later one would take for a cluster. Throws DATABASE_CREATE_FAILED.
 */
export async function createCluster({ binaries, data, account }: Cluster, password: string): Promise<void> {
  const unfinished = `${data}.${randomUUID()}`
  const passwordFile = `${unfinished}.password`
  await writeFile(passwordFile, password, { mode: 0o600 })
  if (account !== undefined) await chown(passwordFile, account.uid, account.gid)
  const initdb = join(binaries.native, 'bin', 'initdb')
  try {
    await run(initdb, [...OPTIONS, `--pgdata=${unfinished}`, `--pwfile=${passwordFile}`], {
      ...account,
      env: { LC_ALL: 'C' },
      cwd: dirname(data),
    })
    await rename(unfinished, data)
  } catch (cause) {
    await rm(unfinished, { recursive: true, force: true })
    throw new Fault('DATABASE_CREATE_FAILED', `The embedded PostgreSQL could not make its data in ${data}: ${cause}`, { cause })
  } finally {
    await rm(passwordFile, { force: true })
  }
}

/** Removes what attempts at a cluster that were broken off have left; the `initdb` of one may still be writing. */
export async function removeUnfinished(data: string): Promise<void> {
  for (const name of await readdir(dirname(data))) {
    if (name.startsWith(`${basename(data)}.`))
      await rm(join(dirname(data), name), { recursive: true, force: true, maxRetries: 5 })
  }
}

/** A folder that `account` owns and nobody else reads. */
export async function makeFolderFor(account: Account | undefined, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  if (account !== undefined) await chown(folder, account.uid, account.gid)
}
