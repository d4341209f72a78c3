import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { epochMs, instantFrom } from '#domain/units.ts'
import { freshDatabase } from '../../test/database.ts'
import { ensureBarPartitions } from './bar-partitions.store.ts'
import type { Database } from './connection.client.ts'
import { migrate } from './migrate.store.ts'

let database: Database
beforeAll(async () => {
  database = await freshDatabase()
})
afterAll(() => database.close())

test('of several processes that find an empty database one migrates it', async () => {
  const name = `empty_${randomUUID().replaceAll('-', '')}`
  await database.pool.query(`create database ${name}`)
  const url = new URL(`/${name}`, database.url).href
  const applied = await Promise.all([migrate(url), migrate(url), migrate(url)])
  expect(applied.filter((count) => count > 0)).toHaveLength(1)
  await database.pool.query(`drop database ${name} with (force)`)
})

test('a database that a newer program migrated is refused as it is', async () => {
  expect(await migrate(database.url)).toBe(0)
  await database.pool.query(`insert into spreadworks.migrations (hash, created_at) values ('later', 9999999999999)`)
  await expect(migrate(database.url)).rejects.toMatchObject({ code: 'DATABASE_NEWER' })
})

test('stored bars are given the adjustment of their feed, and others are named instead of kept under it', async () => {
  const { pool } = database
  const upgrade = await readFile(new URL('./migrations/0009_bar_adjustment.sql', import.meta.url), 'utf8')
  const openedAt = instantFrom('2018-03-01T15:00:00Z')
  await ensureBarPartitions(pool, openedAt, epochMs(openedAt + 1))
  await pool.query('alter table spreadworks.bars drop constraint adjustment_is_of_the_feed')
  await pool.query(
    `insert into spreadworks.bars (symbol, timeframe, opened_at, feed, open, high, low, close, volume, adjustment)
     select 'T', '1m', '2018-03-01T15:00:00Z', feed, 35, 35, 35, 35, 0, adjustment
     from (values ('yahoo', 'raw'), ('iex', 'raw'), ('sip', 'all')) as t (feed, adjustment)`,
  )
  await expect(pool.query(upgrade)).rejects.toThrow('bars of the feed sip are stored with the adjustment all')
  await pool.query(`delete from spreadworks.bars where feed = 'sip'`)
  await pool.query(upgrade)
  const { rows } = await pool.query('select feed, adjustment from spreadworks.bars order by feed')
  expect(rows).toEqual([
    { feed: 'iex', adjustment: 'raw' },
    { feed: 'yahoo', adjustment: 'split' },
  ])
})
