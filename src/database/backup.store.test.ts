import { mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { instantFrom } from '#domain/units.ts'
import { freshDatabase } from '../../test/database.ts'
import { readManifest } from './backup.file.ts'
import { takeBackup } from './backup.store.ts'
import { ensureBarPartitions } from './bar-partitions.store.ts'
import type { Database } from './connection.client.ts'
import { migrate } from './migrate.store.ts'
import { proveBackup } from './restore.store.ts'

const AT = instantFrom('2018-03-28T06:00:00Z')
const NEVER = new AbortController().signal
const PROOF = {
  prepare: async (url: string) => {
    await migrate(url)
  },
  signal: NEVER,
}

let database: Database
let root: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'backup-'))
  database = await freshDatabase()
  const { pool } = database
  await ensureBarPartitions(pool, instantFrom('2018-02-01T00:00:00Z'), instantFrom('2018-04-01T00:00:00Z'))
  await pool.query(
    `insert into spreadworks.bars (symbol, timeframe, opened_at, feed, open, high, low, close, volume, vwap)
     select 'T', '1m', '2018-02-20T15:00:00Z'::timestamptz + n * interval '1 hour', 'import', 35 + 1.0 / (n + 3), 36 + n, 35, 35.5, n, null
     from generate_series(0, 800) as n`,
  )
  await pool.query(
    `insert into spreadworks.symbols (symbol, name) values ('T', E'tab\\t, line\\n, back\\\\slash, "quote", \\u00e9'), ('NA', '\\N') on conflict do nothing`,
  )
  await pool.query(`select nextval('spreadworks.rehearsal_numbers') from generate_series(1, 41)`)
})
afterAll(async () => {
  await database.close()
  await rm(root, { recursive: true })
})

function backup(name: string, onTable = async () => {}, signal = NEVER) {
  return takeBackup(database.pool, { schemas: ['spreadworks'], folder: join(root, name), at: AT, signal, onTable })
}

test('a backup comes back row for row, partitions and sequences with it, and the database beside it is gone again', async () => {
  const manifest = await backup('whole')
  expect(manifest.tables.find(({ table }) => table === 'bars')).toMatchObject({ rows: 801 })
  expect(manifest.partitions.filter(({ table }) => table === 'bars')).toHaveLength(2)
  expect(manifest.sequences).toContainEqual({ schema: 'spreadworks', sequence: 'rehearsal_numbers', value: '41' })
  expect(await proveBackup(database.url, join(root, 'whole'), PROOF)).toEqual([])
  const { rows } = await database.pool.query(`select datname from pg_database where datname like '%\\_restored'`)
  expect(rows).toEqual([])
})

test('what is written while it is taken is not in it', async () => {
  const { tables } = await backup('instant', async () => {
    await database.pool.query(`insert into spreadworks.symbols (symbol, name) values ('LATE', 'Late') on conflict do nothing`)
  })
  await database.pool.query(`delete from spreadworks.symbols where symbol = 'LATE'`)
  const whole = await readManifest(join(root, 'whole'))
  expect(tables.map(({ table, rows, sum }) => ({ table, rows, sum }))).toEqual(
    whole.tables.map(({ table, rows, sum }) => ({ table, rows, sum })),
  )
})

test('a manifest that promises other rows than the files hold is told table by table', async () => {
  const manifest = await backup('lying')
  const tables = manifest.tables.map((table) => (table.table === 'symbols' ? { ...table, sum: '1' } : table))
  await writeFile(join(root, 'lying', 'manifest.json'), JSON.stringify({ ...manifest, tables }))
  const differences = await proveBackup(database.url, join(root, 'lying'), PROOF)
  expect(differences.map(({ table }) => table)).toEqual(['spreadworks.symbols'])
})

test('a file that was cut is refused before anything is restored', async () => {
  await backup('cut')
  const [file = ''] = (await readdir(join(root, 'cut'))).filter((name) => name.includes('.bars.'))
  await truncate(join(root, 'cut', file), 100)
  await expect(proveBackup(database.url, join(root, 'cut'), PROOF)).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' })
})

test('one that was called off is no backup, and the next one in its place is whole', async () => {
  const calledOff = new AbortController()
  const taken = backup('again', async () => calledOff.abort(new Error('called off')), calledOff.signal)
  await expect(taken).rejects.toThrow('called off')
  await expect(readManifest(join(root, 'again'))).rejects.toMatchObject({ code: 'BACKUP_UNREADABLE' })
  await backup('again')
  expect((await readManifest(join(root, 'again'))).takenAt).toBe(AT)
})
