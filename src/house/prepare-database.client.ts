import { databaseAt } from '#database/connection.client.ts'
import { migrate } from '#database/migrate.store.ts'
import { prepareEngine } from '#flows/connect-runs.client.ts'
import { migrateTracking } from '../../standins/tracking-server/migrate.store.ts'

/** Gives an empty database every table of this version: the program's, the engine's and the tracking server's. */
export async function prepareDatabase(url: string, onTrouble: (message: string) => void): Promise<void> {
  await migrate(url)
  await prepareEngine({ databaseUrl: url, onTrouble })
  const database = databaseAt(url, 1)
  try {
    await migrateTracking(database.pool)
  } finally {
    await database.close()
  }
}
