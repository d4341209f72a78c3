import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '#database/connection.client.ts'
import { epochMs } from '#domain/units.ts'
import { PROBE_TABLES, registerProbes } from '../../test/crash/probe-flows.ts'
import { attempts, begun, openGates, shutGates, tried } from '../../test/crash/traces.ts'
import { freshDatabase } from '../../test/database.ts'
import { type ConnectedRuns, connectRuns } from './connect-runs.client.ts'
import { type Engine, openEngine } from './engine.client.ts'
import { type FlowName, QUEUES } from './flow-names.ts'
import { queueLoads } from './queue-loads.store.ts'
import type { RunStart } from './runs.ts'

let database: Database
let runs: ConnectedRuns
let engine: Engine

beforeAll(async () => {
  database = await freshDatabase()
  await database.pool.query(PROBE_TABLES)
  // Before any worker has been there: what the engine needs of the schema is made.
  runs = await connectRuns({ databaseUrl: database.url, onTrouble: () => {} })
  const unlimited = { perWorker: undefined, atOnce: undefined, perMinute: undefined }
  engine = await openEngine(
    {
      ...{ databaseUrl: database.url, version: 'test', leaseMs: 8_000, onLost: () => {}, onTrouble: () => {} },
      queues: new Map(QUEUES.map((queue) => [queue, unlimited])),
    },
    registerProbes(database.pool),
  )
})
afterAll(async () => {
  await engine?.close()
  await runs?.close()
  await database?.close()
})

function start(flow: FlowName, runId: string, more: Partial<RunStart> = {}): Promise<void> {
  return runs.start({ flow, runId, parameters: { steps: 2, ms: 0, failures: 0 }, facts: {}, cause: 'person', ...more })
}

test('a run of the same id is begun once, whoever begins it', async () => {
  await Promise.all([start('train', 'once'), start('train', 'once'), start('train', 'once')])
  expect([await runs.result('once'), await engine.result('once')]).toEqual(['done', 'done'])
  expect(tried(await attempts(database.pool), 'once')).toEqual(['step-0', 'step-1'])
})

describe('runs are found', () => {
  const AT = epochMs(Date.UTC(2018, 2, 28, 13, 30))
  beforeAll(async () => {
    await start('train', 'of-xom', { facts: { pair: 'XOM-CVX', day: '2018-03-28' }, cause: 'schedule', scheduledFor: AT })
    await start('train', 'of-ko', { facts: { pair: 'KO-PEP', day: '2018-03-28' } })
    await start('hourly', 'of-the-hour', { facts: { day: '2018-03-29' } })
    await Promise.all(['of-xom', 'of-ko', 'of-the-hour'].map((run) => runs.result(run)))
  })
  const found = async (query: Partial<Parameters<ConnectedRuns['find']>[0]>) =>
    (await runs.find({ limit: 50, ...query })).map(({ id }) => id)

  test('by a fact, by several, by a tag and by their flow', async () => {
    expect(await found({ facts: { pair: 'XOM-CVX' } })).toEqual(['of-xom'])
    expect(await found({ facts: { day: '2018-03-28' } })).toEqual(['of-ko', 'of-xom'])
    expect(await found({ facts: { day: '2018-03-28', pair: 'KO-PEP' } })).toEqual(['of-ko'])
    expect(await found({ tag: 'news' })).toEqual(['of-the-hour'])
    expect(await found({ flows: ['hourly'] })).toEqual(['of-the-hour'])
  })

  test('by state and by time, newest first and page by page, with what they began on request', async () => {
    const all = await found({ states: ['done'] })
    expect(all).toEqual(expect.arrayContaining(['of-the-hour', 'of-ko', 'of-xom']))
    expect([await found({ states: ['failed', 'queued', 'running'] }), await found({ states: [] })]).toEqual([[], []])
    expect([await found({ limit: 1 }), await found({ limit: 1, offset: 1 })].flat()).toEqual(all.slice(0, 2))
    const asked = (await runs.record('of-ko'))?.askedAt ?? epochMs(0)
    expect(await found({ since: asked, flows: ['train'] })).toContain('of-ko')
    expect(await found({ until: asked })).not.toContain('of-ko')
    expect(await found({ facts: {}, withChildren: true })).toContain('of-the-hour-pairs-train-1')
  })

  test('with all that is known of them', async () => {
    expect(await runs.record('of-xom')).toMatchObject({
      ...{
        flow: 'train',
        state: 'done',
        isTimedOut: false,
        tags: ['models'],
        cause: 'schedule',
        scheduledFor: AT,
        queue: 'train',
      },
      ...{ worker: engine.executorId, attempts: 1, parentId: undefined, retryOf: undefined, result: 'done', failure: undefined },
      ...{ parameters: { steps: 2, ms: 0, failures: 0 }, facts: { pair: 'XOM-CVX', day: '2018-03-28' } },
    })
    expect(await runs.record('of-the-hour-pairs')).toMatchObject({ cause: 'flow', parentId: 'of-the-hour', queue: 'flows' })
    expect(await runs.record('nobody')).toBeUndefined()
    const steps = await runs.steps('of-the-hour')
    expect(steps.map(({ name, childId }) => [name, childId])).toEqual([
      ['before', undefined],
      ['identify-pairs', 'of-the-hour-pairs'],
      ['await-run', 'of-the-hour-pairs'],
      ['after', undefined],
    ])
  })
})

test('a retried run takes over what came before the step, and what it had begun goes on where it stopped', async () => {
  await shutGates(database.pool, 'step-1')
  await start('hourly', 'unlucky')
  await begun(database.pool, 'unlucky-pairs-train-0', 'step-1')
  await expect(runs.retryFrom('unlucky', 0)).rejects.toMatchObject({ code: 'RUN_UNDER_WAY', exitCode: 2 })
  await runs.cancel('unlucky')
  await openGates(database.pool)
  const waiting = (await runs.steps('unlucky')).find(({ name }) => name === 'identify-pairs')
  const again = await runs.retryFrom('unlucky', waiting?.place ?? 0)
  expect([again, await runs.result(again)]).toEqual(['unlucky-retry-1', 'done'])
  expect(await runs.record(again)).toMatchObject({ cause: 'retry', retryOf: 'unlucky', flow: 'hourly' })
  const all = await attempts(database.pool)
  expect([tried(all, 'unlucky'), tried(all, again)]).toEqual([['before'], ['after']])
  expect(tried(all, 'unlucky-pairs-train-0')).toEqual(['step-0', 'step-1', 'step-1'])
  expect(await runs.retryFrom(again, 0)).toBe('unlucky-retry-2')
  await expect(runs.retryFrom('nobody', 0)).rejects.toMatchObject({ code: 'RUN_UNKNOWN', exitCode: 2 })
})

test('a queue tells how much waits and how much runs', async () => {
  await shutGates(database.pool, 'step-0')
  await Promise.all([1, 2].map((n) => start('backup', `busy-${n}`)))
  await Promise.all([1, 2].map((n) => begun(database.pool, `busy-${n}`, 'step-0')))
  expect((await queueLoads(database.pool)).get('house')).toEqual({ waiting: 0, running: 2, oldestWaitingSince: undefined })
  await openGates(database.pool)
  await Promise.all([1, 2].map((n) => runs.result(`busy-${n}`)))
  expect((await queueLoads(database.pool)).get('house')).toEqual({ waiting: 0, running: 0, oldestWaitingSince: undefined })
})
