import { spawn } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Database } from '#database/connection.client.ts'
import { type Book, PAPER, rehearsalBook } from '#domain/book.ts'
import { type EpochMs, epochMs, instantFrom } from '#domain/units.ts'
import { virtualTimer } from '#sources/alpaca/virtual-timer.client.ts'
import { freshDatabase } from '../../test/database.ts'
import type { Severity } from './alert.ts'
import { acknowledgeAlert, raiseAlert, resolveAlert } from './alerts.store.ts'
import type { Channel } from './channel.ts'
import type { Routes } from './delivery.ts'
import { emailChannel } from './email.client.ts'
import { openNotifier } from './notifier.client.ts'
import { httpReceiver, type Posted, type SmtpMood, smtpReceiver } from './receivers.server.ts'
import { slackChannel } from './slack.client.ts'
import { webhookChannel } from './webhook.client.ts'

const MONDAY_NOON = instantFrom('2026-11-23T17:00:00Z')
const SECOND = 1000
const MINUTE = 60 * SECOND
const ROUTES: Routes = {
  least: { slack: 'warning', webhook: 'info', email: 'critical' },
  ...{ quietHours: undefined, repeatAfterMs: 60 * MINUTE, mostAMinute: 10, attempts: 3, retryMs: 10 * SECOND },
}

let database: Database
let timer: ReturnType<typeof virtualTimer>
let status = 200
let smtpMood: SmtpMood = 'takes'
let isMute = false
const opened: { close: () => void | Promise<void> }[] = []
let [http, smtp] = [] as unknown as [Awaited<ReturnType<typeof httpReceiver>>, Awaited<ReturnType<typeof smtpReceiver>>]

beforeAll(async () => {
  database = await freshDatabase()
  http = await httpReceiver((response) => {
    if (!isMute) response.writeHead(status).end(status === 200 ? 'ok' : 'no')
  })
  smtp = await smtpReceiver(() => smtpMood)
})
afterAll(async () => {
  http.close()
  smtp.close()
  await database.close()
})
beforeEach(async () => {
  timer = virtualTimer(MONDAY_NOON)
  ;[status, smtpMood, isMute] = [200, 'takes', false]
  ;[http.posted.length, smtp.mails.length] = [0, 0]
  await database.pool.query('delete from spreadworks.alerts')
})
afterEach(() => Promise.all(opened.splice(0).map(({ close }) => close())))

const hook = (timeoutMs = 5000) => webhookChannel({ url: `${http.url}/hook`, secret: 'whisper', timeoutMs, now: timer.now })
const slack = (timeoutMs = 5000) => slackChannel({ url: `${http.url}/services/T0/B0/s3cret`, timeoutMs })
const mail = (timeoutMs = 5000) =>
  emailChannel({
    url: `smtp://desk:p%40ssword@127.0.0.1:${smtp.port}`,
    ...{ sender: 'desk@example.com', recipients: ['ada@example.com'], timeoutMs },
  })

function notify(channels: readonly Channel[], routes: Partial<Routes> = {}) {
  const troubles: string[] = []
  const notifier = openNotifier({
    ...{ sql: database.pool, channels, routes: { ...ROUTES, ...routes }, timer },
    onTrouble: (sentence) => troubles.push(sentence),
  })
  opened.push(notifier)
  return { ...notifier, troubles }
}

const raise = (key: string, severity: Severity = 'warning', more: { at?: EpochMs; book?: Book } = {}) =>
  raiseAlert(database.pool, { key, severity, title: `Title of ${key}`, body: `Body of ${key}`, at: timer.now(), ...more })

async function deliveries(): Promise<{ channel: string; what: string; state: string; attempts: number; error: string | null }[]> {
  const { rows } = await database.pool.query(
    'select channel, what, state, attempts, error from spreadworks.alert_deliveries order by channel, what desc, due_at, id',
  )
  return rows
}

const states = async () => (await deliveries()).map(({ channel, what, state }) => `${channel} ${what} ${state}`)

/** Lets time pass a second at a time, with turns of the real network and database between, until `isThere`. */
async function until(isThere: () => boolean | Promise<boolean>, most = 4000): Promise<void> {
  for (let turn = 0; !(await isThere()); turn++) {
    // Between two moments of virtual time the real sockets and the database have theirs.
    await states()
    if (turn === most) throw new Error(`it never came to that: ${JSON.stringify(await deliveries())}`)
    await timer.advance(SECOND / 4)
  }
}

/** Lets `ms` pass, and what follows from it be done. */
async function pass(ms: number): Promise<void> {
  for (const end = timer.now() + ms; timer.now() < end; ) {
    await timer.advance(SECOND)
    await states()
  }
}

const isSettled = async () => {
  const all = await states()
  return all.length > 0 && all.every((state) => /sent|failed/.test(state))
}
const bodies = () => http.posted.map(({ body }) => JSON.parse(body))

describe('what is told', () => {
  test('each channel is told what is grave enough for it, and that it is over', async () => {
    notify([slack(), hook(), mail()])
    await raise('a', 'critical')
    await raise('b', 'info')
    await until(async () => (await states()).length === 4 && (await isSettled()))
    expect(await states()).toEqual(['email raised sent', 'slack raised sent', 'webhook raised sent', 'webhook raised sent'])
    expect(smtp.mails[0]).toMatch(/Subject: \[critical\] Title of a\n/)
    expect(smtp.mails[0]).toMatch(/Body of a\n/)
    expect(smtp.logins.at(-1)).toBe('\0desk\0p@ssword')
    await resolveAlert(database.pool, 'a', epochMs(timer.now() + MINUTE))
    await until(async () => (await states()).length === 7 && (await isSettled()))
    expect(bodies().map(({ title }) => title)).toContain('Over: Title of a')
    expect(http.posted.filter(({ path }) => path.startsWith('/services')).map(({ body }) => body)).toEqual([
      expect.stringContaining('*Title of a*'),
      expect.stringContaining('*Over: Title of a*'),
    ])
  })

  test('the webhook has the documented body, an idempotency key and a signature', async () => {
    notify([hook()])
    await raise('missed:end-of-day:2026-11-23', 'warning', { book: PAPER })
    await until(isSettled)
    const [{ headers, body } = {} as Posted] = http.posted
    const { id, ...said } = JSON.parse(body)
    expect(headers['idempotency-key']).toBe(id)
    const signed = createHmac('sha256', 'whisper').update(`${headers['x-spreadworks-timestamp']}.${body}`).digest('hex')
    expect(headers['x-spreadworks-signature']).toBe(`sha256=${signed}`)
    expect(said).toMatchObject({
      ...{ kind: 'raised', severity: 'warning', title: 'Title of missed:end-of-day:2026-11-23' },
      alerts: [{ key: 'missed:end-of-day:2026-11-23', what: 'raised', book: 'paper', times: 1, at: '2026-11-23T17:00:00.000Z' }],
    })
  })

  test('a rehearsal’s alert stays on the page, and so does one that was over before anybody was told', async () => {
    await raise('a', 'critical', { book: rehearsalBook('r1') })
    await raise('b', 'critical')
    await resolveAlert(database.pool, 'b', timer.now())
    notify([hook()])
    await raise('c')
    await until(isSettled)
    await pass(3 * SECOND)
    expect(bodies().map(({ title }) => title)).toEqual(['Title of c'])
  })

  test('one that goes on is told again after an hour, and no more once somebody has acknowledged it', async () => {
    notify([hook()])
    const titles = () => bodies().map(({ title }) => title)
    const goOn = async (minutes: number) => {
      for (let minute = 0; minute < minutes; minute += 10) {
        await raise('a')
        // Whatever there is to tell of the first is told before the second, which is new.
        await raise(`mark at ${timer.now()}`)
        const mark = `Title of mark at ${timer.now()}`
        await until(() => titles().includes(mark))
        await timer.advance(10 * MINUTE)
      }
      return titles().filter((title) => title === 'Title of a').length
    }
    expect(await goOn(50)).toBe(1)
    expect(await goOn(30)).toBe(2)
    const { rows } = await database.pool.query<{ id: string }>("select id from spreadworks.alerts where key = 'a'")
    await acknowledgeAlert(database.pool, rows[0]?.id ?? '', { by: 'ada', at: timer.now() })
    expect(await goOn(120)).toBe(2)
  })

  test('a flood is one message', async () => {
    for (let n = 0; n < 50; n++) await raise(`flood:${String(n).padStart(2, '0')}`, n === 7 ? 'critical' : 'warning')
    notify([slack(), hook()])
    await until(isSettled)
    expect(http.posted).toHaveLength(2)
    const digest = bodies().find(({ kind }) => kind === 'digest')
    expect(digest).toMatchObject({ severity: 'critical', title: '50 alerts: 1 critical, 49 warning' })
    expect(digest.alerts).toHaveLength(50)
    for (let n = 50; n < 70; n++) await raise(`flood:${n}`)
    await until(async () => (await states()).length === 140 && (await isSettled()))
    expect(http.posted).toHaveLength(4)
  })

  test('in quiet hours critical alerts go through, and the others go together when they end', async () => {
    notify([hook()], { quietHours: { from: '11:00', until: '12:30' } })
    await raise('a')
    await raise('b', 'critical')
    await raise('c', 'info')
    await until(() => http.posted.length === 1)
    await until(async () => (await states()).filter((state) => state.endsWith('held')).length === 2)
    await pass(2 * MINUTE)
    expect(bodies().map(({ title }) => title)).toEqual(['Title of b'])
    await timer.advance(28 * MINUTE)
    await until(isSettled)
    expect(bodies().map(({ title }) => title)).toEqual(['Title of b', '2 alerts: 1 warning, 1 info'])
  })
})

describe('a channel that does not take it', () => {
  test('every channel hangs or refuses: raising stays fast, and each row says how it failed', async () => {
    ;[isMute, smtpMood] = [true, 'hangs']
    const closed = await httpReceiver(() => undefined)
    closed.close()
    const nowhere = webhookChannel({ url: `${closed.url}/`, secret: undefined, timeoutMs: 80, now: timer.now })
    const { troubles } = notify([slack(80), nowhere, mail(80)], { attempts: 2 })
    let slowest = 0
    for (let n = 0; n < 3; n++) {
      const began = performance.now()
      await raise(`a${n}`, 'critical')
      slowest = Math.max(slowest, performance.now() - began)
      await timer.advance(SECOND)
    }
    expect(slowest).toBeLessThan(100)
    await until(async () => (await states()).length === 9 && (await isSettled()))
    const failed = await deliveries()
    expect(failed.filter(({ state, attempts }) => state === 'failed' && attempts === 2)).toHaveLength(9)
    expect(new Set(failed.map(({ channel, error }) => `${channel}: ${error?.replace(/127\S+/, 'ADDRESS')}`))).toEqual(
      new Set([
        'email: It did not answer within 80 ms. It was tried 2 times.',
        'slack: It did not answer within 80 ms. It was tried 2 times.',
        'webhook: No connection: connect ECONNREFUSED ADDRESS (ECONNREFUSED). It was tried 2 times.',
      ]),
    )
    expect(troubles).toEqual([])
  })

  test('what may pass is tried again later and later under the same key, until it is taken', async () => {
    status = 503
    notify([hook()], { attempts: 5, retryMs: 3 * SECOND })
    await raise('a')
    const triedAt: number[] = []
    await until(() => {
      if (http.posted.length > triedAt.length) triedAt.push(timer.now())
      if (triedAt.length === 4) status = 200
      return triedAt.length === 5
    })
    await until(isSettled)
    expect(new Set(http.posted.map(({ headers }) => headers['idempotency-key'])).size).toBe(1)
    const waits = triedAt.slice(1).map((at, n) => (at - triedAt[n]) / (3 * SECOND * 2 ** n))
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(0.5)
    expect(await deliveries()).toMatchObject([{ state: 'sent', attempts: 5, error: null }])
  })

  test('what is refused for good is not tried again, and no secret stands in the reason', async () => {
    status = 403
    smtpMood = 'forbids'
    notify([slack(), mail()])
    await raise('a', 'critical')
    await until(isSettled)
    const failed = await deliveries()
    expect(failed.map(({ attempts }) => attempts)).toEqual([1, 1])
    expect(failed[0]?.error).toMatch(/535 no such login/)
    expect(failed[1]?.error).toBe('It answered 403 no.')
    const encoded = Buffer.from('\0desk\0p@ssword').toString('base64')
    for (const secret of ['p@ssword', 'p%40ssword', 's3cret', encoded]) expect(JSON.stringify(failed)).not.toContain(secret)
  })
})

describe('several processes', () => {
  test('two of them send each message once', async () => {
    for (const _ of [1, 2]) notify([hook()], { mostAMinute: 1000 })
    for (let n = 0; n < 30; n++) await raise(`a${n}`)
    await until(async () => (await states()).length === 30 && (await isSettled()))
    expect(http.posted).toHaveLength(30)
    expect(new Set(http.posted.map(({ headers }) => headers['idempotency-key'])).size).toBe(30)
  })

  test('what one sent when it was killed is sent by another after the lease, under the same key', async () => {
    await raise('a')
    isMute = true
    const child = spawn(process.execPath, ['--input-type=module', '-e', childCode()], { stdio: 'inherit' })
    const ended = once(child, 'exit')
    while (http.posted.length === 0) await setTimeout(5)
    child.kill('SIGKILL')
    await ended
    expect(await states()).toEqual(['webhook raised sending'])
    isMute = false
    notify([hook()])
    await pass(60 * SECOND)
    expect(http.posted).toHaveLength(1)
    await timer.advance(120 * SECOND)
    await until(isSettled)
    const keys = http.posted.map(({ headers }) => headers['idempotency-key'])
    expect(keys).toEqual([keys[0], keys[0]])
    expect(await deliveries()).toMatchObject([{ state: 'sent', attempts: 2 }])
  })

  /** A process of its own that notifies, at the instant of the test's timer. */
  function childCode(): string {
    const file = (name: string) => JSON.stringify(new URL(name, import.meta.url).href)
    return `
      const { openNotifier } = await import(${file('./notifier.client.ts')})
      const { webhookChannel } = await import(${file('./webhook.client.ts')})
      const { databaseAt } = await import(${file('../database/connection.client.ts')})
      const now = () => ${timer.now()}
      const channel = webhookChannel({ url: '${http.url}/hook', secret: undefined, timeoutMs: 60000, now })
      const timer = { now, after: (ms, run) => (setTimeout(run, ms / 100), () => {}) }
      openNotifier({ sql: databaseAt('${database.url}', 2).pool, channels: [channel], routes: ${JSON.stringify(ROUTES)}, timer, onTrouble: console.error })`
  }

  test('one that is told to stop lets go of what it sends', async () => {
    isMute = true
    const { close } = notify([hook(60 * SECOND)])
    await raise('a')
    await until(() => http.posted.length === 1)
    await close()
    expect(await deliveries()).toMatchObject([{ state: 'due', error: 'This process was stopping.' }])
  })
})
