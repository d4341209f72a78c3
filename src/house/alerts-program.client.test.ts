import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { raiseAlert } from '#alerts/alerts.store.ts'
import { httpReceiver, smtpReceiver } from '#alerts/receivers.server.ts'
import type { Database } from '#database/connection.client.ts'
import { epochMs } from '#domain/units.ts'
import { readSettings } from '#settings/read-settings.ts'
import { freshDatabase } from '../../test/database.ts'
import { alertsProgram } from './alerts-program.client.ts'

const text = readFileSync(new URL('../../config/spreadworks.yaml', import.meta.url), 'utf8')
const settingsIn = (env: Record<string, string>) => readSettings({ files: [{ path: 'spreadworks.yaml', text }], env })

let database: Database
beforeAll(async () => {
  database = await freshDatabase()
})
afterAll(() => database.close())

function program(env: Record<string, string>) {
  const openStore = async () => ({ ...settingsIn(env), database: { ...database, close: async () => undefined } })
  return alertsProgram(openStore, async () => settingsIn(env))
}

test('a test goes over every channel, and tells what each answered', async () => {
  const http = await httpReceiver((response, { path }) => void response.writeHead(path === '/hook' ? 202 : 404).end('no_service'))
  const smtp = await smtpReceiver(() => 'takes')
  const tests = await program({
    SLACK_WEBHOOK_URL: `${http.url}/services/T0/B0/s3cret`,
    SMTP_URL: `smtp://127.0.0.1:${smtp.port}`,
    SPREADWORKS_ALERTS_EMAIL_SENDER: 'desk@example.com',
    SPREADWORKS_ALERTS_EMAIL_RECIPIENTS: 'ada@example.com',
    SPREADWORKS_ALERTS_WEBHOOK_URL: `${http.url}/hook`,
  }).test()
  expect(tests).toEqual([
    { channel: 'slack', isTaken: false, answer: 'It answered 404 no_service.' },
    { channel: 'webhook', isTaken: true, answer: '202 no_service' },
    { channel: 'email', isTaken: true, answer: '250 kept' },
  ])
  expect(smtp.mails).toEqual([expect.stringContaining('Nothing has happened.')])
  await expect(program({}).test()).rejects.toMatchObject({ code: 'ALERT_CHANNELS_MISSING' })
  http.close()
  smtp.close()
})

test('an alert is acknowledged by the beginning of its id, unless another begins so too', async () => {
  const { alerts, acknowledge } = program({})
  for (const key of ['a', 'b']) {
    await raiseAlert(database.pool, { key, severity: 'warning', title: 'Disk low', body: 'Little is free.', at: epochMs(0) })
  }
  const { open } = await alerts(10)
  await expect(acknowledge('')).rejects.toMatchObject({ code: 'ALERT_UNKNOWN' })
  await acknowledge(open[0]?.id.slice(0, 8) ?? '')
  const then = await alerts(10)
  expect(then.open.map(({ id }) => id)).toEqual([open[1]?.id])
  expect(then.recent).toMatchObject([{ id: open[0]?.id, acknowledgedBy: expect.stringMatching(/^command line/) }])
})
