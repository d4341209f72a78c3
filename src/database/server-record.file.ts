import { randomBytes, randomUUID } from 'node:crypto'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { Fault } from '#domain/fault.ts'
import { SUPERUSER } from './cluster.server.ts'

const ServerRecord = z.object({
  pid: z.int(),
  port: z.int(),
  data: z.string(),
  keeper: z.object({ pid: z.int(), startedAt: z.string() }).optional(),
})

/** What `server.json` under the home says of the server that was started last, for people, for its port and for its keeper. */
export type ServerRecord = z.infer<typeof ServerRecord>

/** The lock that is held while the server is started, joined, left or stopped. */
export function lockOf(home: string): string {
  return join(home, 'server.lock')
}

/** The record, or undefined before the first start. One that cannot be understood counts as none: everything in it can be found anew. */
export async function readRecord(home: string): Promise<ServerRecord | undefined> {
  const text = await readFile(join(home, 'server.json'), 'utf8').catch(() => 'null')
  const json = z.preprocess((value) => JSON.parse(String(value)), ServerRecord).safeParse(text)
  return json.data
}

export async function writeRecord(home: string, record: ServerRecord): Promise<void> {
  await replaceFile(join(home, 'server.json'), `${JSON.stringify(record, undefined, 2)}\n`)
}

/** A new password for the server's superuser, kept in a file that only its owner reads. */
export async function newPassword(home: string): Promise<string> {
  const password = randomBytes(24).toString('base64url')
  await replaceFile(passwordFile(home), password)
  return password
}

/** Where the server's database is. Throws DATABASE_PASSWORD_LOST when the password's file is gone. */
export async function urlOf(
  home: string,
  { port, database }: { readonly port: number; readonly database: string },
): Promise<string> {
  const password = await readFile(passwordFile(home), 'utf8').catch((cause: unknown) => {
    throw passwordLost(home, cause)
  })
  return `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/${database}`
}

export function passwordLost(home: string, cause: unknown): Fault {
  return new Fault(
    'DATABASE_PASSWORD_LOST',
    `The embedded database was made with another password than ${passwordFile(home)} holds, or that file is gone; restore it.`,
    { cause },
  )
}

function passwordFile(home: string): string {
  return join(home, 'postgres.password')
}

/** Written whole or not at all. */
async function replaceFile(path: string, text: string): Promise<void> {
  const written = `${path}.${randomUUID()}`
  await writeFile(written, text, { mode: 0o600 })
  await rename(written, path)
}
