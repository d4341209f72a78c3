import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { Fault } from '#domain/fault.ts'
import type { Sql } from './connection.client.ts'
import { applyMigrations, drizzle } from './drizzle.client.ts'
import { connect } from './session.client.ts'

const MIGRATIONS = fileURLToPath(new URL('./migrations', import.meta.url))
const Journal = z.object({ entries: z.array(z.object({ when: z.number() })) })

/**
 * Brings the database at `url` to this program's schema; returns how many migrations it applied. Of several processes
 * at once one migrates and the others wait. Throws DATABASE_NEWER when a newer program has already migrated it.
 */
export async function migrate(url: string): Promise<number> {
  const client = await connect(url)
  try {
    await client.query(`select pg_advisory_lock(hashtext('spreadworks migrations'))`)
    const [known, applied] = await Promise.all([knownMigrations(), appliedMigrations(client)])
    refuseNewer(known, applied)
    if (applied.length === known.length) return 0
    await applyMigrations(drizzle(client), {
      migrationsFolder: MIGRATIONS,
      migrationsSchema: 'spreadworks',
      migrationsTable: 'migrations',
    })
    return known.length - applied.length
  } finally {
    await client.end()
  }
}

async function knownMigrations(): Promise<number[]> {
  const journal = Journal.parse(JSON.parse(await readFile(`${MIGRATIONS}/meta/_journal.json`, 'utf8')))
  return journal.entries.map((entry) => entry.when)
}

async function appliedMigrations(sql: Sql): Promise<number[]> {
  const { rows: tables } = await sql.query<{ exists: boolean }>(
    `select to_regclass('spreadworks.migrations') is not null as exists`,
  )
  if (tables[0]?.exists !== true) return []
  const { rows } = await sql.query<{ when: number }>(
    'select created_at::float8 as when from spreadworks.migrations order by created_at',
  )
  return rows.map((row) => row.when)
}

function refuseNewer(known: readonly number[], applied: readonly number[]): void {
  const unknown = applied.filter((when) => !known.includes(when))
  if (unknown.length === 0) return
  throw new Fault(
    'DATABASE_NEWER',
    `The database was changed by a newer version of Spreadworks (${unknown.length} of its ${applied.length} migrations are unknown here); start that version, or give this one another SPREADWORKS_HOME or DATABASE_URL.`,
  )
}
