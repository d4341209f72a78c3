import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Database } from '#database/connection.client.ts'
import { openDatabase } from '#database/open-database.client.ts'
import { until } from './traces.ts'

/**
 * A PostgreSQL that can be killed: whoever opened it starts it again, on the same port. `kill` resolves when the new server
 * answers. SIGQUIT, unless another is given, ends it at once and without storing anything, backends included; SIGKILL ends the first
 * process alone, which its backends outlive for a moment.
 */
export type MortalDatabase = Database & { readonly kill: (signal?: 'SIGQUIT' | 'SIGKILL') => Promise<void> }

/** A server that begins again first writes all of its files to the disk, which others may be busy with. */
const BACK_WITHIN_MS = 60_000
/** So many letters of the end of its log are told of one that does not come back. */
const LOG_SHOWN = 3_000

const SERVER = `select split_part(pg_read_file('postmaster.pid'), e'\\n', 1)::int as pid`

export async function openMortalDatabase(): Promise<MortalDatabase> {
  const home = await mkdtemp(join(tmpdir(), 'spreadworks-crash-'))
  // The server runs as a user of its own when this is root, and must reach its data.
  await chmod(home, 0o755)
  const database = await openDatabase({ url: undefined, poolConnections: 5, home, minimumFreeMb: 1, onNotice: () => {} })
  const server = async () => (await database.pool.query<{ pid: number }>(SERVER)).rows[0]?.pid
  return {
    ...database,
    kill: async (signal = 'SIGQUIT') => {
      const before = await until(() => server().catch(() => undefined))
      process.kill(before, signal)
      await until(async () => ((await server().catch(() => before)) === before ? undefined : true), BACK_WITHIN_MS).catch(
        async (cause: unknown) => {
          const log = await readFile(join(home, 'postgres.log'), 'utf8')
          throw new Error(`after ${signal} the server did not come back: ${log.slice(-LOG_SHOWN)}`, { cause })
        },
      )
    },
    close: async () => {
      await database.close()
      await rm(home, { recursive: true, force: true })
    },
  }
}
