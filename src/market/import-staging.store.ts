import { pipeline } from 'node:stream/promises'
import pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import type { Sql } from '#database/connection.client.ts'
import { DAY_MS, type EpochMs, epochMs } from '#domain/units.ts'
import type { BarBatch } from '#sources/files/bar-batch.ts'
import { copyRows } from './copy-binary.ts'
import { COPY_HEAD, COPY_TAIL } from './copy-tuples.ts'

const STAGING_PREFIX = 'import_staging_'

/** Name of the table that holds an import's rows until they are merged. */
export function stagingOf(importId: string): string {
  return `spreadworks.${pg.escapeIdentifier(`${STAGING_PREFIX}${importId}`)}`
}

/** An empty staging table in place of one that an earlier attempt may have left. Unlogged: it can be made again from the file. */
export async function createStaging(sql: Sql, staging: string): Promise<void> {
  await sql.query(`drop table if exists ${staging}`)
  await sql.query(
    `create unlogged table ${staging} (
       line bigint not null, symbol text not null, opened_at timestamptz not null,
       open float8 not null, high float8 not null, low float8 not null, close float8 not null,
       volume float8 not null, vwap float8, trades integer
     ) with (autovacuum_enabled = off)`,
  )
}

/** Drops the staging tables of imports that ended without dropping theirs: killed ones that nobody began again. */
export async function dropAbandonedStaging(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ id: string }>(
    `select substr(tablename, length($1) + 1) as id from pg_tables where schemaname = 'spreadworks' and starts_with(tablename, $1)`,
    [STAGING_PREFIX],
  )
  for (const { id } of rows) {
    const { rows: locks } = await client.query<{ is: boolean }>('select pg_try_advisory_lock(hashtextextended($1, 0)) as is', [
      id,
    ])
    if (locks[0]?.is !== true) continue
    await dropStaging(client, stagingOf(id))
    await client.query('select pg_advisory_unlock(hashtextextended($1, 0))', [id])
  }
}

/** Waits until no other process imports the same; held as long as the connection lives. */
export async function lockImport(client: pg.ClientBase, importId: string): Promise<void> {
  await client.query('select pg_advisory_lock(hashtextextended($1, 0))', [importId])
}

export async function dropStaging(sql: Sql, staging: string): Promise<void> {
  await sql.query(`drop table if exists ${staging}`)
}

/** Copies batches into the staging table as they come; waits for the server when it is the slower one. */
export async function copyIntoStaging(client: pg.ClientBase, staging: string, batches: AsyncIterable<BarBatch>): Promise<void> {
  const copy = client.query(copyFrom(`copy ${staging} from stdin with (format binary)`, { highWaterMark: 1 << 20 }))
  await pipeline(tuplesOf(batches), copy)
}

async function* tuplesOf(batches: AsyncIterable<BarBatch>): AsyncGenerator<Buffer> {
  const symbols: Buffer[] = []
  yield COPY_HEAD
  for await (const batch of batches) {
    for (const symbol of batch.newSymbols) symbols.push(Buffer.from(symbol))
    if (batch.rows > 0) yield copyRows(batch, symbols)
  }
  yield COPY_TAIL
}

/** Runs of UTC days whose months follow each other, as [from, until): what partitions are needed for. */
export function monthRuns(utcDays: Iterable<number>): { readonly from: EpochMs; readonly until: EpochMs }[] {
  const months = [...new Set([...utcDays].map(monthNumber))].sort((a, b) => a - b)
  const runs: { first: number; last: number }[] = []
  for (const month of months) {
    const run = runs.at(-1)
    if (run && month === run.last + 1) run.last = month
    else runs.push({ first: month, last: month })
  }
  return runs.map(({ first, last }) => ({ from: monthStart(first), until: monthStart(last + 1) }))
}

function monthNumber(utcDay: number): number {
  const date = new Date(utcDay * DAY_MS)
  return date.getUTCFullYear() * 12 + date.getUTCMonth()
}

function monthStart(month: number): EpochMs {
  return epochMs(Date.UTC(Math.floor(month / 12), month % 12, 1))
}
