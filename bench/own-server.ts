import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Database } from '#database/connection.client.ts'
import { openDatabase } from '#database/open-database.client.ts'

/** Runs `work` on an embedded server of its own, which is gone afterwards with its data. */
export async function onOwnServer<T>(work: (database: Database) => Promise<T>): Promise<T> {
  const home = await mkdtemp(join(tmpdir(), 'spreadworks-bench-'))
  // The server runs as a user of its own when this is root, and must reach its data.
  await chmod(home, 0o755)
  const database = await openDatabase({ url: undefined, poolConnections: 5, home, minimumFreeMb: 256, onNotice: () => {} })
  try {
    return await work(database)
  } finally {
    await database.close()
    await rm(home, { recursive: true, force: true })
  }
}
