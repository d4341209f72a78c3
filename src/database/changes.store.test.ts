import { afterAll, beforeAll, expect, test } from 'vitest'
import { freshDatabase } from '../../test/database.ts'
import type { Database } from './connection.client.ts'
import { connect } from './session.client.ts'

let database: Database
beforeAll(async () => {
  database = await freshDatabase()
})
afterAll(() => database.close())

test('a statement tells once of each book that it changed, whatever the number of rows', async () => {
  const listener = await connect(database.url)
  const heard: unknown[] = []
  listener.on('notification', (message) => heard.push(JSON.parse(message.payload ?? '')))
  await listener.query('listen spreadworks_changed')
  await database.pool.query(
    `insert into spreadworks.books (book, kind, parameters, state)
     values ('rehearsal:1', 'rehearsal', '{}', 'open'), ('rehearsal:2', 'rehearsal', '{}', 'open')`,
  )
  await database.pool.query(
    `insert into spreadworks.equity (book, at, equity, cash, gross_exposure)
     select 'rehearsal:1', now() + n * interval '1 minute', 1, 1, 0 from generate_series(1, 500) as n`,
  )
  await database.pool.query(`update spreadworks.equity set cash = 2 where book = 'rehearsal:1'`)
  await database.pool.query(
    `insert into spreadworks.alerts (id, key, at, last_at, severity, title, body) values ('a', 'a', now(), now(), 'info', '', '')`,
  )
  await database.pool.query(`delete from spreadworks.books where book = 'rehearsal:1'`)
  const heardAll = new Promise((resolve) =>
    listener.on('notification', ({ payload }) => payload === '"end"' && resolve(undefined)),
  )
  await database.pool.query(`notify spreadworks_changed, '"end"'`)
  await heardAll
  expect(heard).toEqual([
    { table: 'books', book: 'rehearsal:1' },
    { table: 'books', book: 'rehearsal:2' },
    { table: 'equity', book: 'rehearsal:1' },
    { table: 'equity', book: 'rehearsal:1' },
    { table: 'alerts', book: null },
    { table: 'books', book: 'rehearsal:1' },
    { table: 'equity', book: 'rehearsal:1' },
    'end',
  ])
  await listener.end()
})
