import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Database } from '#database/connection.client.ts'
import { Fault } from '#domain/fault.ts'
import { type EpochMs, epochMs, instantFrom } from '#domain/units.ts'
import { freshDatabase } from '../../test/database.ts'
import type { Severity } from './alert.ts'
import { acknowledgeAlert, openAlertsUnder, raiseAlert, resolveAlert } from './alerts.store.ts'

const NOON = instantFrom('2026-11-23T17:00:00Z')
const after = (minutes: number) => epochMs(NOON + minutes * 60_000)

let database: Database
beforeAll(async () => {
  database = await freshDatabase()
})
afterAll(() => database.close())
beforeEach(() => database.pool.query('delete from spreadworks.alerts'))

const raise = (at: EpochMs, severity: Severity = 'warning', body = 'Below 2048 MB.') =>
  raiseAlert(database.pool, { key: 'disk:desk', severity, title: 'Disk low', body, at })

async function stored() {
  const { rows } = await database.pool.query(
    `select times, severity, body, at, last_at, told_at, resolved_at, acknowledged_by from spreadworks.alerts order by at`,
  )
  return rows
}

test('an alert that is raised again while it is open counts, and says what was said last', async () => {
  await raise(NOON)
  await raise(after(5), 'warning', 'Below 1024 MB.')
  expect(await stored()).toMatchObject([{ times: 2, body: 'Below 1024 MB.', at: new Date(NOON), last_at: new Date(after(5)) }])
})

test('a step that is repeated raises nothing twice, before the end of the alert or after it', async () => {
  await raise(NOON)
  await raise(NOON)
  await resolveAlert(database.pool, 'disk:desk', after(1))
  await raise(NOON)
  expect(await stored()).toMatchObject([{ times: 1, resolved_at: new Date(after(1)) }])
})

test('many who raise the same at once make one alert', async () => {
  await Promise.all(Array.from({ length: 20 }, (_, n) => raise(after(n))))
  expect(await stored()).toHaveLength(1)
})

test('one that is over and comes back is another alert', async () => {
  await raise(NOON)
  await resolveAlert(database.pool, 'disk:desk', after(1))
  await raise(after(2))
  expect(await stored()).toMatchObject([{ resolved_at: new Date(after(1)) }, { resolved_at: null }])
  expect(await openAlertsUnder(database.pool, ['disk:', 'source:'])).toEqual([
    { key: 'disk:desk', at: after(2), lastAt: after(2) },
  ])
  expect(await openAlertsUnder(database.pool, ['source:'])).toEqual([])
})

test('one that gets worse is told again, whoever has seen it before', async () => {
  const { pool } = database
  const told = () => pool.query('update spreadworks.alerts set told_at = at')
  await raise(NOON)
  await told()
  const { rows } = await pool.query<{ id: string }>('select id from spreadworks.alerts')
  await acknowledgeAlert(pool, rows[0]?.id ?? '', { by: 'ada', at: after(1) })
  await raise(after(2))
  expect(await stored()).toMatchObject([{ acknowledged_by: 'ada', told_at: new Date(NOON) }])
  await raise(after(3), 'critical')
  expect(await stored()).toMatchObject([{ acknowledged_by: null, told_at: null, severity: 'critical' }])
})

test('the first to acknowledge stands, and there is nothing to acknowledge where there is no alert', async () => {
  const { pool } = database
  await raise(NOON)
  const { rows } = await pool.query<{ id: string }>('select id from spreadworks.alerts')
  for (const by of ['ada', 'bob']) await acknowledgeAlert(pool, rows[0]?.id ?? '', { by, at: after(1) })
  expect(await stored()).toMatchObject([{ acknowledged_by: 'ada' }])
  const fault = await acknowledgeAlert(pool, 'nothing', { by: 'ada', at: NOON }).catch((cause: unknown) => cause)
  expect(fault).toBeInstanceOf(Fault)
  expect(fault).toMatchObject({ code: 'ALERT_UNKNOWN' })
})
