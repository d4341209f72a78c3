import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '#database/connection.client.ts'
import { DEMO_BOOK, seedDemoBook } from '../../test/browser/demo-book.ts'
import { freshDatabase } from '../../test/database.ts'
import { openBookFeed } from './book-feed.server.ts'
import type { StreamEvent } from './contract.ts'

let database: Database

beforeAll(async () => {
  database = await freshDatabase()
  await seedDemoBook(database.pool)
})

afterAll(() => database.close())

test('what a failed reading had seen is told by the next one that succeeds', async () => {
  const { pool } = database
  const failed = Promise.withResolvers<unknown>()
  const told = Promise.withResolvers<StreamEvent>()
  const feed = await openBookFeed(DEMO_BOOK, 'epoch', { pool, flows: () => [], onFailure: failed.resolve })
  const stop = feed.watch(undefined, ({ event }) => told.resolve(event))

  await pool.query('alter table spreadworks.orders rename to orders_away')
  await pool.query(`update spreadworks.books set speed = '7' where book = $1`, [DEMO_BOOK])
  feed.touch(['book', 'orders'])
  expect(await failed.promise).toMatchObject({ message: expect.stringContaining('orders') })

  await pool.query('alter table spreadworks.orders_away rename to orders')
  expect(await told.promise).toMatchObject({ kind: 'book', book: { speed: '7' } })
  stop()
})
