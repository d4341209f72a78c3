import { afterAll, beforeAll, expect, test } from 'vitest'
import { instantFrom } from '#domain/units.ts'
import { freshDatabase } from '../../test/database.ts'
import { ensureBarPartitions } from './bar-partitions.store.ts'
import type { Database } from './connection.client.ts'

let database: Database
beforeAll(async () => {
  database = await freshDatabase()
})
afterAll(() => database.close())

test('every month that the range touches gets a partition once, and bars go into it', async () => {
  const [from, until] = [instantFrom('2018-02-28T14:30:00Z'), instantFrom('2018-04-01T00:00:00Z')]
  expect(await ensureBarPartitions(database.pool, from, until)).toBe(2)
  expect(await ensureBarPartitions(database.pool, from, until)).toBe(0)
  await database.pool.query(
    `insert into spreadworks.bars (symbol, timeframe, opened_at, feed, open, high, low, close, volume)
     values ('T', '1m', '2018-03-31T23:59:00Z', 'import', 35, 35, 35, 35, 0)`,
  )
  const { rows } = await database.pool.query(`select tableoid::regclass::text as partition from spreadworks.bars`)
  expect(rows).toEqual([{ partition: 'spreadworks.bars_2018_03' }])
})

test('eight connections may ask for the same months at once', async () => {
  const [from, until] = [instantFrom('1999-12-01T00:00:00Z'), instantFrom('2001-01-01T00:00:00Z')]
  await Promise.all(Array.from({ length: 8 }, () => ensureBarPartitions(database.pool, from, until)))
  const { rows } = await database.pool.query(
    `select count(*)::int as partitions from pg_inherits where inhparent = 'spreadworks.bars'::regclass
     and inhrelid::regclass::text ~ '_(1999|2000)_'`,
  )
  expect(rows).toEqual([{ partitions: 13 }])
})

test('a bar that breaks its rules is refused by the partition as it is by the table', async () => {
  await ensureBarPartitions(database.pool, instantFrom('2018-03-01T00:00:00Z'), instantFrom('2018-03-02T00:00:00Z'))
  const wrong = database.pool.query(
    `insert into spreadworks.bars (symbol, timeframe, opened_at, feed, open, high, low, close, volume)
     values ('T', '1m', '2018-03-01T15:00:00Z', 'import', 35, 34, 33, 35, 0)`,
  )
  await expect(wrong).rejects.toThrow(/check constraint/)
})
