import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freshDatabase } from '../../test/database.ts'
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
