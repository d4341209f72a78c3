import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { httpReceiver } from '#alerts/receivers.server.ts'
import type { Database } from '#database/connection.client.ts'
import { epochMs, MINUTE_MS } from '#domain/units.ts'
import { type ConnectedRuns, connectRuns } from '#flows/connect-runs.client.ts'
import { keepSchedule } from '#flows/schedules.store.ts'
import { readSettings } from '#settings/read-settings.ts'
import { virtualTimer } from '#sources/alpaca/virtual-timer.client.ts'
import { freshDatabase } from '../../test/database.ts'
import { openAlerting } from './alerting.client.ts'

const text = readFileSync(new URL('../../config/spreadworks.yaml', import.meta.url), 'utf8')

let database: Database
let runs: ConnectedRuns
beforeAll(async () => {
  database = await freshDatabase()
  runs = await connectRuns({ databaseUrl: database.url, onTrouble: () => {} })
})
afterAll(async () => {
  await runs.close()
  await database.close()
})

test('work that waits without a worker is told, and a late scheduler silences the heartbeat', async () => {
  const receiver = await httpReceiver((response) => void response.writeHead(200).end('ok'))
  const env = {
    // Its disk is not ours to watch.
    DATABASE_URL: 'postgres://elsewhere/desk',
    SPREADWORKS_ALERTS_WEBHOOK_URL: `${receiver.url}/hook`,
    SPREADWORKS_ALERTS_HEARTBEAT_URL: `${receiver.url}/beat`,
  }
  const { settings, credentials } = readSettings({ files: [{ path: 'spreadworks.yaml', text }], env })
  await runs.start({ flow: 'train', runId: 'train-XOM-CVX-2018-03-28', parameters: {}, facts: {}, cause: 'person' })
  const began = epochMs(Date.now())
  const timer = virtualTimer(began)
  await keepSchedule(database.pool, 'backup', '02:00 daily', began)
  const said: string[] = []
  const plan = {
    settings,
    credentials,
    sql: database.pool,
    runs,
    home: '/',
    timer,
    say: (sentence: string) => said.push(sentence),
  }
  const alerting = openAlerting(plan)
  const paths = () => receiver.posted.map(({ path }) => path)
  const until = async (isThere: () => boolean) => {
    for (let turn = 0; !isThere() && turn < 2000; turn++) {
      await timer.advance(1000)
      await database.pool.query('select 1')
    }
    expect(isThere()).toBe(true)
  }
  await until(() => paths().includes('/hook'))
  const hook = receiver.posted.find(({ path }) => path === '/hook')
  expect(JSON.parse(hook?.body ?? '')).toMatchObject({ severity: 'critical', title: 'No worker serves train' })
  expect(timer.now() - began).toBeGreaterThan(5 * MINUTE_MS)
  expect(paths()).toContain('/beat')
  expect(said).toEqual([])
  await timer.advance(24 * 60 * MINUTE_MS)
  await until(() => said.length > 0)
  expect(said).toEqual(['No heartbeat was sent: the scheduler is late: it should have begun backup.'])
  await alerting.close()
  receiver.close()
})
