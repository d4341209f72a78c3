import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Api } from '#api/api.server.ts'
import { FlowView, LogLine, QueueView, RunDetail, RunList, WorkerView } from '#api/contract.ts'
import { runCommandLine } from '#cli/command-line.command.ts'
import { type Database, databaseAt } from '#database/connection.client.ts'
import { epochMs } from '#domain/units.ts'
import { type ConnectedRuns, connectRuns } from '#flows/connect-runs.client.ts'
import { saveResult } from '#flows/flow-results.store.ts'
import { saveLog } from '#flows/logs.store.ts'
import { saveProgress } from '#flows/progress.store.ts'
import { keepSchedule } from '#flows/schedules.store.ts'
import { readSettingsFiles } from '#settings/settings.file.ts'
import { openPage } from '../../test/browser/page.ts'
import { freshDatabase } from '../../test/database.ts'
import { unaskedProgram } from '../../test/unasked-program.ts'
import { flowControl } from './flow-control.client.ts'
import { officeWithoutHouse } from './flow-office.client.ts'
import { flowProgram } from './flow-program.client.ts'

const unasked = () => Promise.reject(new Error('not asked'))

let database: Database
let runs: ConnectedRuns
let api: Api
beforeAll(async () => {
  database = await freshDatabase()
  runs = await connectRuns({ databaseUrl: database.url, onTrouble: fail })
  const { settings } = await readSettingsFiles({})
  api = await openPage(database.pool, flowControl(officeWithoutHouse({ settings, database, account: undefined, runs })))
  await keepSchedule(database.pool, 'housekeeping', '03:00 daily', epochMs(Date.now()))
})
afterAll(async () => {
  await api.close()
  await runs.close()
  await database.close()
})

function fail(trouble: string): never {
  throw new Error(trouble)
}

async function get(path: string): Promise<unknown> {
  return (await fetch(`${api.url}/api${path}`)).json()
}

async function post(path: string, body: object = {}): Promise<{ status: number; said: unknown }> {
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(`${api.url}/api${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
  return { status: answer.status, said: answer.status === 204 ? null : await answer.json() }
}

/** A command line on the same database, in a process that carries out no runs. */
async function run(line: string): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ['', '']
  const terminal = {
    out: (text: string) => {
      out += text
    },
    err: (text: string) => {
      err += text
    },
    isWatched: false,
    columns: () => 80,
  }
  const { settings, credentials } = await readSettingsFiles({})
  const openStore = async () => ({ settings, credentials, database: databaseAt(database.url, 2) })
  const flows = flowProgram({ openStore, openHouse: unasked, say: fail })
  const code = await runCommandLine(line.split(' '), { ...unaskedProgram(terminal, unasked), flows }, AbortSignal.timeout(9000))
  return { code, out, err }
}

const BACKUP = /^backup-\d{4}-\d{2}-\d{2}$/

test('every flow is told with what it takes, and when it runs by itself', async () => {
  const flows = FlowView.array().parse(await get('/flows'))
  expect(flows.length).toBe(18)
  const [housekeeping] = flows.filter(({ name }) => name === 'housekeeping')
  expect(housekeeping).toMatchObject({ isStartable: true, lastRun: null, schedule: { phrase: '03:00 daily', isPaused: false } })
  expect(housekeeping?.schedule?.next.length).toBe(6)
  const load = flows.find(({ name }) => name === 'load-history')
  expect(load?.takes).toMatchObject({ properties: { symbols: { type: 'array' } } })
  expect(flows.find(({ name }) => name === 'trading-session')).toMatchObject({ isStartable: false, schedule: null })
})

test('a schedule rests and goes on, by page and by command line, and a flow without one cannot', async () => {
  const paused = FlowView.parse((await post('/flows/housekeeping/pause')).said)
  expect(paused.schedule).toEqual({ phrase: '03:00 daily', isPaused: true, pausedBy: 'page', next: [] })
  expect(await run('flow resume housekeeping')).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^housekeeping runs 03:00 daily; next /),
  })
  expect(await post('/flows/train/pause')).toMatchObject({ status: 400, said: { code: 'FLOW_UNSCHEDULED' } })
})

describe('a run', () => {
  let id = ''
  beforeAll(async () => {
    const { status, said } = await post('/flows/backup/run', { parameters: {} })
    expect([status, said]).toEqual([202, { id: expect.stringMatching(BACKUP), isNew: true }])
    ;({ id } = said as { id: string })
  })

  test('of the same fact is begun once, unless another is asked for', async () => {
    expect((await post('/flows/backup/run')).said).toEqual({ id, isNew: false })
    const again = await post('/flows/backup/run', { parameters: {}, again: true })
    expect(again.said).toEqual({ id: `${id}-2`, isNew: true })
  })

  test('is found by flow, state, tag, fact and time, newest first and page by page', async () => {
    const ids = async (search: string) => RunList.parse(await get(`/runs?${search}`)).runs.map((found) => found.id)
    const day = id.replace('backup-', '')
    expect(await ids('flow=backup')).toEqual([`${id}-2`, id])
    expect(await ids(`state=queued&state=running&tag=backup&fact=day=${day}`)).toEqual([`${id}-2`, id])
    expect(await ids('fact=day=1999-01-01')).toEqual([])
    expect(await ids(`since=${Date.now() + 60_000}`)).toEqual([])
    expect(RunList.parse(await get('/runs?flow=backup&limit=1'))).toMatchObject({ isMore: true, runs: [{ id: `${id}-2` }] })
    expect(await ids('flow=backup&limit=1&offset=1')).toEqual([id])
  })

  test('is told with its parameters, progress and what it left', async () => {
    await saveProgress(database.pool, id, { done: 3, total: 12, unit: 'tables', sentence: 'Copying bars' })
    const left = { kind: 'backup', reference: 'b-1', book: undefined, day: undefined, detail: { tables: 12 } } as const
    await saveResult(database.pool, id, left)
    expect(RunDetail.parse(await get(`/runs/${id}`))).toMatchObject({
      run: { name: 'backup', state: 'queued', queue: 'house', cause: 'person', progress: { done: 3, total: 12, unit: 'tables' } },
      parameters: expect.any(Object),
      steps: [],
      results: [{ kind: 'backup', reference: 'b-1', says: 'tables 12' }],
    })
  })

  test('waits where queues and workers are told of', async () => {
    expect(WorkerView.array().parse(await get('/workers'))).toEqual([])
    const queues = QueueView.array().parse(await get('/queues'))
    expect(queues.find(({ name }) => name === 'house')).toMatchObject({
      waiting: 2,
      running: 0,
      oldestWaitingSince: expect.any(Number),
    })
  })

  test('is not retried while it has not ended, since it would then be carried out twice', async () => {
    expect(await post(`/runs/${id}/retry`)).toMatchObject({ status: 400, said: { code: 'RUN_UNDER_WAY' } })
  })

  test('is followed line by line, from the last one seen, until it is cancelled', async () => {
    const line = (message: string, level: 'info' | 'warn' = 'info') =>
      saveLog(database.pool, { runId: id, step: 'copy', level, message })
    await line('first')
    await line('second', 'warn')
    const lines = LogLine.array().parse(await get(`/runs/${id}/logs`))
    expect(lines.map(({ message }) => message)).toEqual(['first', 'second'])
    expect(await get(`/runs/${id}/logs?level=warn`)).toMatchObject([{ message: 'second' }])
    expect(await get(`/runs/${id}/logs?before=${lines[1]?.id}`)).toMatchObject([{ message: 'first' }])
    const followed = await fetch(`${api.url}/api/runs/${id}/logs?follow=true`, {
      headers: { 'last-event-id': String(lines[0]?.id) },
    })
    await line('third')
    expect((await post(`/runs/${id}/cancel`)).status).toBe(204)
    const text = await followed.text()
    expect([...text.matchAll(/"message":"(\w+)"/g)].map(([, message]) => message)).toEqual(['second', 'third'])
    expect(text.trim().endsWith('event: end\ndata: {}')).toBe(true)
    expect(await get(`/runs/${id}`)).toMatchObject({ run: { state: 'cancelled', progress: null, sentence: 'Cancelled' } })
  })

  test('is shown, searched, followed and cancelled from the command line too', async () => {
    const shown = await run(`flow show ${id}`)
    expect(shown).toMatchObject({ code: 0, out: expect.stringContaining(`${id}: cancelled`) })
    const logs = await run(`flow logs ${id} --follow --level warn --json`)
    expect(
      logs.out
        .trim()
        .split('\n')
        .map((text) => LogLine.parse(JSON.parse(text)).message),
    ).toEqual(['second'])
    const found = await run('flow runs --flow backup --state cancelled --tag backup --json')
    expect(RunList.parse(JSON.parse(found.out)).runs.map((one) => one.id)).toEqual([id])
    expect(await run(`flow cancel ${id}-2`)).toMatchObject({ code: 0 })
    expect(await run('flow list')).toMatchObject({ code: 0, out: expect.stringMatching(/^backup +on demand +– +cancelled /m) })
  })
})

test('a run that was cancelled before its first step begins anew, and a step that it does not have is refused', async () => {
  const { id } = RunList.parse(await get('/runs?flow=backup&limit=1')).runs[0] ?? { id: '' }
  expect(await post(`/runs/${id}/retry`, { place: 7 })).toMatchObject({ status: 404, said: { code: 'STEP_UNKNOWN' } })
  const { status, said } = await post(`/runs/${id}/retry`)
  const retried = RunDetail.parse(await get(`/runs/${(said as { id: string }).id}`))
  expect([status, retried.run.retryOf, retried.run.cause]).toEqual([202, id, 'retry'])
})

test('a range is made up for, each occurrence once', async () => {
  const backfill = 'flow backfill housekeeping --from 2018-03-10 --through 2018-03-12'
  expect(await run(backfill)).toMatchObject({ code: 0, out: '3 runs of housekeeping begin; 0 were begun before.\n' })
  expect(await run(backfill)).toMatchObject({ code: 0, out: '0 runs of housekeeping begin; 3 were begun before.\n' })
  const list = RunList.parse(await get('/runs?flow=housekeeping&fact=day=2018-03-11'))
  expect(list.runs).toMatchObject([{ cause: 'backfill', scheduledFor: Date.parse('2018-03-11T07:00:00Z') }])
})

test.each([
  ['/flows/trian/run', 404, 'FLOW_UNKNOWN'],
  ['/flows/trading-session/run', 404, 'FLOW_UNKNOWN'],
  ['/runs/nothing/cancel', 404, 'RUN_UNKNOWN'],
  ['/runs/nothing/retry', 404, 'RUN_UNKNOWN'],
])('%s is refused', async (path, status, code) => {
  expect(await post(path)).toMatchObject({ status, said: { code } })
})

test.each([
  ['/flows/backup/backfill', { from: '2018-03-31', through: '2018-04-01' }, 400, 'BACKFILL_EMPTY'],
  ['/flows/housekeeping/backfill', { from: '2010-01-01', through: '2018-04-01' }, 400, 'BACKFILL_LONG'],
  ['/flows/backup/backfill', { from: 'yesterday', through: '2018-04-01' }, 400, 'REQUEST_INVALID'],
  ['/flows/backup/backfill', { from: '2018-02-30', through: '2018-04-01' }, 400, 'DAY_UNREADABLE'],
  ['/flows/backup/run', { parameters: { speed: 'fast' } }, 400, 'FLOW_PARAMETERS_WRONG'],
])('%s with %j is refused', async (path, body, status, code) => {
  expect(await post(path, body)).toMatchObject({ status, said: { code } })
})

test.each([
  ['flow run trian', 'FLOW_UNKNOWN', "There is no flow 'trian'; did you mean train?"],
  ['flow run load-history simbols=KO', 'FLOW_PARAMETER_UNKNOWN', 'did you mean symbols?'],
  ['flow show nothing', 'RUN_UNKNOWN', 'There is no run nothing'],
  ['flow runs --fact day', '', 'write name=value'],
  ['flow runs --since 2018-02-30', '', 'a date is written YYYY-MM-DD'],
])('%s is one sentence and exit code 2', async (line, code, sentence) => {
  const { code: exitCode, err, out } = await run(line)
  expect([exitCode, out]).toEqual([2, ''])
  expect(err).toContain(sentence)
  expect(err).toContain(code)
})
