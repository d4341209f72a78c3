import { fileURLToPath } from 'node:url'
import type { Pool } from 'pg'
import { applyMigrations, drizzle } from '#database/drizzle.client.ts'

const MIGRATIONS = fileURLToPath(new URL('./migrations', import.meta.url))

/** Brings the schema `mlflow` up to date; of several processes one does it and the others wait. */
export async function migrateTracking(pool: Pool): Promise<void> {
  const client = await pool.connect()
  try {
    await client.query(`select pg_advisory_lock(hashtext('mlflow migrations'))`)
    await applyMigrations(drizzle(client), {
      migrationsFolder: MIGRATIONS,
      migrationsSchema: 'mlflow',
      migrationsTable: 'migrations',
    })
  } finally {
    await client.query(`select pg_advisory_unlock(hashtext('mlflow migrations'))`)
    client.release()
  }
}
