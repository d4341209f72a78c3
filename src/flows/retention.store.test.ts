import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '#database/connection.client.ts'
import { ensurePartitions } from '#database/partitions.store.ts'
import { DAY_MS, epochMs, instantFrom } from '#domain/units.ts'
import { freshDatabase } from '../../test/database.ts'
import { logDaysBetween } from './log-days.ts'
import { saveLog } from './logs.store.ts'
import { dropLogDays } from './retention.store.ts'

const FIRST = instantFrom('2018-03-01T00:00:00Z')
const LIMIT = instantFrom('2018-03-04T00:00:00Z')

let database: Database
beforeAll(async () => {
  database = await freshDatabase()
})
afterAll(() => database.close())

async function fill(days: number): Promise<void> {
  const { pool } = database
  await ensurePartitions(pool, 'flow_logs', logDaysBetween(FIRST, epochMs(FIRST + days * DAY_MS)))
  await pool.query(
    `insert into spreadworks.flow_logs (flow_id, step, at, level, message)
     select 'run', 'step', to_timestamp($1::float8 / 1000) + n * interval '1 minute', 'info', 'line ' || n from generate_series(0, $2) as n`,
    [FIRST, days * 1440 - 1],
  )
}

async function lines(): Promise<{ lines: number; first: Date | null }> {
  const { rows } = await database.pool.query<{ lines: number; first: Date | null }>(
    `select count(*)::int as lines, min(at) as first from spreadworks.flow_logs where at < '2019-01-01'`,
  )
  return rows[0] ?? { lines: Number.NaN, first: null }
}

test('a line of a day for which nobody has made room is kept', async () => {
  await saveLog(database.pool, { runId: 'today', step: 's', level: 'warn', message: 'm', fields: { figure: 1 } })
  const { rows } = await database.pool.query(
    `select step, level, message, fields from spreadworks.flow_logs where flow_id = 'today'`,
  )
  expect(rows).toEqual([{ step: 's', level: 'warn', message: 'm', fields: { figure: 1 } }])
})

test('days that ended by the limit go, the others stay with every line, and again nothing changes', async () => {
  await fill(5)
  expect(await dropLogDays(database.pool, LIMIT)).toBe(3)
  expect(await lines()).toEqual({ lines: 2 * 1440, first: new Date(LIMIT) })
  expect(await dropLogDays(database.pool, LIMIT)).toBe(0)
  expect(await lines()).toMatchObject({ lines: 2 * 1440 })
})

test('a day that was detached when its removal was interrupted goes with the next', async () => {
  await fill(5)
  await database.pool.query(`alter table spreadworks.flow_logs detach partition spreadworks.flow_logs_2018_03_01`)
  expect(await dropLogDays(database.pool, LIMIT)).toBe(3)
  const { rows } = await database.pool.query(`select to_regclass('spreadworks.flow_logs_2018_03_01') as left`)
  expect(rows).toEqual([{ left: null }])
})

test('whoever writes a line does not wait while a day cannot be removed because somebody reads it', async () => {
  await fill(5)
  const reader = await database.pool.connect()
  await reader.query('begin')
  await reader.query(`select count(*) from spreadworks.flow_logs where flow_id = 'run'`)
  const removed = dropLogDays(database.pool, LIMIT)
  const written = Promise.all(
    Array.from({ length: 20 }, () => saveLog(database.pool, { runId: 'busy', step: 's', level: 'info', message: 'm' })),
  )
  expect(await Promise.race([written.then(() => 'written'), delay(5_000, 'waited')])).toBe('written')
  await reader.query('commit')
  reader.release()
  expect(await removed).toBe(3)
})
