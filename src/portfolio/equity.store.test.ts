import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '#database/connection.client.ts'
import { PAPER } from '#domain/book.ts'
import { microUsd } from '#domain/money.ts'
import { epochMs } from '#domain/units.ts'
import { freshDatabase } from '../../test/database.ts'
import { equityBetween, saveEquity } from './equity.store.ts'

let database: Database

beforeAll(async () => {
  database = await freshDatabase()
})
afterAll(() => database.close())

test('an equity curve is read as it was written, to the millionth, and a point is written once', async () => {
  const { pool } = database
  await pool.query(`insert into spreadworks.books (book, kind, parameters, state) values ($1, 'paper', '{}', 'open')`, [PAPER])
  const point = (minute: number, usd: number) => {
    const money = microUsd(usd)
    return { at: epochMs(minute * 60_000), equity: money, cash: microUsd(-usd), grossExposure: money }
  }
  const curve = [point(1, 100_000.000001), point(2, 99_999.5), point(3, 0)]
  await saveEquity(pool, PAPER, curve)
  await saveEquity(pool, PAPER, [point(2, 7), point(4, 1)])
  expect(await equityBetween(pool, PAPER, { from: epochMs(60_000), until: epochMs(180_000) })).toEqual(curve)
})
