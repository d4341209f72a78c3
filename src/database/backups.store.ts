import { type EpochMs, isoFrom } from '#domain/units.ts'
import type { Sql } from './connection.client.ts'

export type TakenBackup = {
  readonly name: string
  readonly folder: string
  readonly at: EpochMs
  readonly rows: number
  readonly bytes: number
}

/** Keeps that a backup was taken; one of the same name replaces it, and has to be proved anew. */
export async function noteBackup(sql: Sql, { name, folder, at, rows, bytes }: TakenBackup): Promise<void> {
  await sql.query(
    `insert into spreadworks.backups (name, folder, taken_at, rows, bytes) values ($1, $2, $3, $4, $5)
     on conflict (name) do update set folder = $2, taken_at = $3, rows = $4, bytes = $5,
       proved_at = null, failure = null, removed_at = null`,
    [name, folder, isoFrom(at), rows, bytes],
  )
}

/** Keeps what came of restoring a backup: `failure` undefined when every row came back. */
export async function noteProof(sql: Sql, name: string, failure: string | undefined): Promise<void> {
  await sql.query(
    `update spreadworks.backups set failure = $2, proved_at = case when $2::text is null then clock_timestamp() end where name = $1`,
    [name, failure ?? null],
  )
}

/** Keeps that the folders of these backups are gone. */
export async function noteRemoved(sql: Sql, names: readonly string[]): Promise<void> {
  await sql.query(`update spreadworks.backups set removed_at = clock_timestamp() where name = any($1) and removed_at is null`, [
    names,
  ])
}
