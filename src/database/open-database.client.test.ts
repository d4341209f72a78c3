import { afterAll, beforeAll, expect, test } from 'vitest'
import { freshDatabase } from '../../test/database.ts'
import type { Database } from './connection.client.ts'
import { freePort } from './free-port.server.ts'
import { openDatabase } from './open-database.client.ts'

let database: Database
beforeAll(async () => {
  database = await freshDatabase()
})
afterAll(() => database.close())

const openAt = (url: string) =>
  openDatabase({ url, home: '/nowhere', minimumFreeMb: 0, poolConnections: 2, onNotice: () => undefined })

test('a PostgreSQL of one’s own is used as it is, and stays when it is closed', async () => {
  const opened = await openAt(database.url)
  expect((await opened.pool.query(`select '2018-03-28'::date as day`)).rows).toEqual([{ day: '2018-03-28' }])
  await opened.close()
  expect((await database.pool.query('select 1 as one')).rows).toEqual([{ one: 1 }])
})

test('a lost idle connection is no end of the process, and the next query gets another', async () => {
  const opened = await openAt(database.url)
  const { rows } = await opened.pool.query<{ pid: number }>('select pg_backend_pid() as pid')
  const lost = new Promise((resolve) => opened.pool.once('remove', resolve))
  await database.pool.query('select pg_terminate_backend($1)', [rows[0]?.pid])
  await lost
  expect((await opened.pool.query('select 1 as one')).rows).toEqual([{ one: 1 }])
  await opened.close()
})

test.each([
  { code: 'DATABASE_LOGIN_REFUSED', change: (url: URL) => Object.assign(url, { password: 'guessed' }) },
  { code: 'DATABASE_ABSENT', change: (url: URL) => Object.assign(url, { pathname: '/absent' }) },
  { code: 'DATABASE_UNREACHABLE', change: (url: URL) => Object.assign(url, { hostname: 'database.invalid' }) },
])('$code is told with the host and without the password', async ({ code, change }) => {
  const url: URL = change(new URL(database.url))
  const failure = await openAt(url.href).catch((fault: unknown) => fault)
  expect(failure).toMatchObject({ code, message: expect.stringContaining(url.host) })
  expect(String(failure)).not.toContain(url.password)
})

test('a port that nobody listens on is told', async () => {
  const url = Object.assign(new URL(database.url), { port: String(await freePort(0)) })
  await expect(openAt(url.href)).rejects.toMatchObject({
    code: 'DATABASE_UNREACHABLE',
    message: expect.stringContaining('ECONNREFUSED'),
  })
})
