import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createZstdCompress } from 'node:zlib'
import type { Pool, PoolClient } from 'pg'
import { to as copyTo } from 'pg-copy-streams'
import type { EpochMs } from '#domain/units.ts'
import { MANIFEST } from './backup.file.ts'
import type { BackupManifest, TableCopy } from './backup-manifest.ts'
import {
  type CopiedTable,
  copiedTables,
  namesOf,
  partitionsOf,
  quoted,
  rowSumOf,
  SAME_TEXT,
  sequencesOf,
} from './backup-tables.store.ts'

export type BackupRequest = {
  readonly schemas: readonly string[]
  /** Made anew; what stood there is removed. */
  readonly folder: string
  readonly at: EpochMs
  readonly signal: AbortSignal
  /** Told after each table. */
  readonly onTable: (done: number, total: number, table: string) => Promise<void>
}

/**
 * Copies every table of `schemas` into `folder`, all as they were at one instant: one file a table, the manifest last, so that a
 * folder without one is a backup that was not finished. Others go on writing meanwhile. Throws what the database or the disk
 * threw, and the signal's reason when it aborts.
 */
export async function takeBackup(sql: Pool, { schemas, folder, at, signal, onTable }: BackupRequest): Promise<BackupManifest> {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const session = await sql.connect()
  try {
    await session.query(SAME_TEXT)
    await session.query('begin isolation level repeatable read read only')
    const tables = await copiedTables(session, schemas)
    const copies: TableCopy[] = []
    for (const [i, table] of tables.entries()) {
      copies.push(await copyOut(session, table, { folder, signal }))
      await onTable(i + 1, tables.length, `${table.schema}.${table.table}`)
    }
    const [partitions, sequences] = [await partitionsOf(session, schemas), await sequencesOf(session, schemas)]
    const manifest = { takenAt: at, tables: copies, partitions, sequences }
    await writeFile(join(folder, `${MANIFEST}.unfinished`), JSON.stringify(manifest, undefined, 1), { mode: 0o600 })
    await rename(join(folder, `${MANIFEST}.unfinished`), join(folder, MANIFEST))
    return manifest
  } finally {
    // It has been told how to write values, and may be within a transaction or a copy.
    session.release(true)
  }
}

async function copyOut(
  session: PoolClient,
  table: CopiedTable,
  { folder, signal }: { readonly folder: string; readonly signal: AbortSignal },
): Promise<TableCopy> {
  signal.throwIfAborted()
  const name = `${quoted(table.schema)}.${quoted(table.table)}`
  const file = `${table.schema}.${table.table}.copy.zst`
  const hash = createHash('sha256')
  const hashed = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk)
      done(null, chunk)
    },
  })
  const rows = session.query(copyTo(`copy (select ${namesOf(table.columns)} from ${name}) to stdout`))
  const disk = createWriteStream(join(folder, file), { mode: 0o600 })
  await pipeline(rows, createZstdCompress(), hashed, disk, { signal })
  const { size } = await stat(join(folder, file))
  return {
    ...table,
    columns: [...table.columns],
    ...(await rowSumOf(session, table)),
    file,
    bytes: size,
    sha256: hash.digest('hex'),
  }
}
