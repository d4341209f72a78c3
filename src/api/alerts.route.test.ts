import { afterAll, beforeAll, expect, test } from 'vitest'
import { raiseAlert, resolveAlert } from '#alerts/alerts.store.ts'
import { claimParcel, planDeliveries, settleParcel } from '#alerts/deliveries.store.ts'
import type { Database } from '#database/connection.client.ts'
import { PAPER } from '#domain/book.ts'
import { epochMs } from '#domain/units.ts'
import { demoFlows } from '../../test/browser/demo-flows.ts'
import { openPage } from '../../test/browser/page.ts'
import { freshDatabase } from '../../test/database.ts'
import type { Api } from './api.server.ts'
import { AlertsView } from './contract.ts'

const NOON = epochMs(Date.UTC(2026, 10, 23, 17))
const after = (minutes: number) => epochMs(NOON + minutes * 60_000)

let database: Database
let api: Api
beforeAll(async () => {
  database = await freshDatabase()
  api = await openPage(database.pool, demoFlows())
})
afterAll(async () => {
  await api.close()
  await database.close()
})

const alerts = async () => AlertsView.parse(await (await fetch(`${api.url}/api/alerts`)).json())
const acknowledge = (id: string) => fetch(`${api.url}/api/alerts/${id}/acknowledge`, { method: 'POST' })

test('open alerts come with what became of telling them, the gravest first, and leave when they are over or seen', async () => {
  const { pool } = database
  const alert = { severity: 'warning', title: 'Disk low', body: 'Little is free.', at: NOON } as const
  await raiseAlert(pool, { ...alert, key: 'a' })
  await raiseAlert(pool, { ...alert, key: 'b', severity: 'critical', book: PAPER, flow: 'signals', runId: 'signals-1' })
  await raiseAlert(pool, { ...alert, key: 'c' })
  await planDeliveries(pool, after(1), { least: { slack: 'critical' }, repeatAfterMs: 3_600_000 })
  const claim = await claimParcel(pool, 'slack', { now: after(1), isQuiet: false, leaseMs: 1000, mostAMinute: 5 })
  if (claim === undefined) throw new Error('nothing was due')
  await settleParcel(pool, claim, { kind: 'failed', error: 'It answered 404.' }, after(2))
  await resolveAlert(pool, 'c', after(3))

  const first = await alerts()
  expect(first.open.map(({ key }) => key)).toEqual(['b', 'a'])
  expect(first.open[0]).toMatchObject({
    ...{ book: 'paper', flow: 'signals', runId: 'signals-1', times: 1, at: NOON, resolvedAt: null },
    deliveries: [{ channel: 'slack', what: 'raised', state: 'failed', attempts: 1, error: 'It answered 404.', sentAt: null }],
  })
  expect(first.recent).toMatchObject([{ key: 'c', resolvedAt: after(3), deliveries: [] }])

  expect((await acknowledge(first.open[0]?.id ?? '')).status).toBe(204)
  const then = await alerts()
  expect(then.open.map(({ key }) => key)).toEqual(['a'])
  expect(then.recent.find(({ key }) => key === 'b')).toMatchObject({ acknowledgedBy: 'page', resolvedAt: null })
})

test('there is nothing to acknowledge where there is no alert', async () => {
  const answer = await acknowledge('nothing')
  expect(answer.status).toBe(404)
  expect(await answer.json()).toMatchObject({ code: 'ALERT_UNKNOWN' })
})
