import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { Fault } from '#domain/fault.ts'

/** The system user that the server runs as. */
export type Account = { readonly uid: number; readonly gid: number }

const NAME = 'spreadworks'
const run = promisify(execFile)

/**
 * PostgreSQL refuses to run as root, so root runs it as the system user `spreadworks`, made here when there is none.
 * Undefined for everybody else: the server runs as they do. Throws DATABASE_ACCOUNT_MISSING when it cannot be made.
 */
export async function accountForServer(): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const found = await accountNamed(NAME)
  if (found !== undefined) return found
  await createAccount()
  const created = await accountNamed(NAME)
  if (created === undefined) throw accountMissing(undefined)
  return created
}

async function accountNamed(name: string): Promise<Account | undefined> {
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n')
  const [, , uid, gid] = lines.find((line) => line.startsWith(`${name}:`))?.split(':') ?? []
  return uid === undefined || gid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) }
}

async function createAccount(): Promise<void> {
  try {
    await run('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', NAME])
  } catch (cause) {
    // Another process of ours may have made it in the meantime.
    if ((await accountNamed(NAME)) === undefined) throw accountMissing(cause)
  }
}

function accountMissing(cause: unknown): Fault {
  return new Fault(
    'DATABASE_ACCOUNT_MISSING',
    `PostgreSQL does not run as root and the system user "${NAME}" could not be made with useradd; make it, start as an ordinary user, or set DATABASE_URL.`,
    { cause },
  )
}
