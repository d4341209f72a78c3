import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createZstdDecompress } from 'node:zlib'
import type { Client } from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { checkFiles, readManifest } from './backup.file.ts'
import { type BackupDifference, type BackupManifest, backupDifferences, type RowSum, type TableCopy } from './backup-manifest.ts'
import { namesOf, quoted, rowSumOf, SAME_TEXT } from './backup-tables.store.ts'
import { connect } from './session.client.ts'

/** Gives a database the tables of this program's version. */
export type PrepareDatabase = (url: string) => Promise<void>

/**
 * Fills the database at `url`, which has the tables of the version that took the backup, with the backup in `folder`: what its
 * tables held goes. All of it or nothing. Answers where what came back differs from what was copied; nothing when all is well.
 * Throws BACKUP_UNREADABLE or BACKUP_DAMAGED.
 */
export async function restoreBackup(url: string, folder: string, signal: AbortSignal): Promise<BackupDifference[]> {
  const manifest = await readManifest(folder)
  await checkFiles(folder, manifest)
  const session = await connect(url)
  try {
    await session.query(SAME_TEXT)
    await session.query('begin')
    await makePartitions(session, manifest)
    await session.query(`truncate ${manifest.tables.map(nameOf).join(', ')}`)
    // What triggers derive from other rows is in the backup already; and nobody is told of rows that come back.
    await eachTable(session, manifest, 'disable trigger user')
    for (const table of manifest.tables) await copyIn(session, table, { folder, signal })
    await eachTable(session, manifest, 'enable trigger user')
    for (const { schema, sequence, value } of manifest.sequences)
      await session.query('select setval($1::regclass, $2)', [`${quoted(schema)}.${quoted(sequence)}`, value])
    await session.query('commit')
    return backupDifferences(manifest.tables, await rowSums(session, manifest))
  } finally {
    await session.end()
  }
}

/**
 * Restores the backup in `folder` into a database beside the one at `url`, on the same server, and removes it again. Answers the
 * differences. Throws what the server threw when it lets nobody create a database.
 */
export async function proveBackup(
  url: string,
  folder: string,
  { prepare, signal }: { readonly prepare: PrepareDatabase; readonly signal: AbortSignal },
): Promise<BackupDifference[]> {
  const scratch = new URL(url)
  const name = `${scratch.pathname.slice(1)}_restored`
  scratch.pathname = `/${name}`
  const admin = await connect(url)
  try {
    await admin.query(`drop database if exists ${quoted(name)} with (force)`)
    await admin.query(`create database ${quoted(name)} template template0`)
    await prepare(scratch.href)
    return await restoreBackup(scratch.href, folder, signal)
  } finally {
    await admin.query(`drop database if exists ${quoted(name)} with (force)`).finally(() => admin.end())
  }
}

async function makePartitions(session: Client, { partitions }: BackupManifest): Promise<void> {
  for (const { schema, table, partition, bound } of partitions)
    await session.query(
      `create table if not exists ${quoted(schema)}.${quoted(partition)} partition of ${quoted(schema)}.${quoted(table)} ${bound}`,
    )
}

async function eachTable(session: Client, { tables }: BackupManifest, change: string): Promise<void> {
  for (const table of tables) await session.query(`alter table ${nameOf(table)} ${change}`)
}

async function copyIn(
  session: Client,
  table: TableCopy,
  { folder, signal }: { readonly folder: string; readonly signal: AbortSignal },
): Promise<void> {
  const rows = session.query(copyFrom(`copy ${nameOf(table)} (${namesOf(table.columns)}) from stdin`))
  await pipeline(createReadStream(join(folder, table.file)), createZstdDecompress(), rows, { signal })
}

async function rowSums(session: Client, { tables }: BackupManifest): Promise<ReadonlyMap<string, RowSum>> {
  const sums = new Map<string, RowSum>()
  for (const table of tables) sums.set(`${table.schema}.${table.table}`, await rowSumOf(session, table))
  return sums
}

function nameOf({ schema, table }: { readonly schema: string; readonly table: string }): string {
  return `${quoted(schema)}.${quoted(table)}`
}
