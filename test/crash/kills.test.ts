import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '#database/connection.client.ts'
import { type ConnectedRuns, connectRuns } from '#flows/connect-runs.client.ts'
import type { FlowName } from '#flows/flow-names.ts'
import { workers } from '#flows/workers.store.ts'
import { freshDatabase } from '../database.ts'
import { PROBE_TABLES, type ProbeParameters } from './probe-flows.ts'
import { attempts, begun, openGates, repeatedAfterDone, serverTime, shutGates, tried, until } from './traces.ts'
import { type ProbeWorker, type ProbeWorkerOptions, startWorker } from './worker-process.ts'

let database: Database
let runs: ConnectedRuns
/** Workers that live, from test to test: what one leaves the next one takes on. */
let crew: ProbeWorker[] = []

beforeAll(async () => {
  database = await freshDatabase()
  await database.pool.query(PROBE_TABLES)
  runs = await connectRuns({ databaseUrl: database.url, onTrouble: () => {} })
})
afterAll(async () => {
  for (const { send } of crew) send('SIGKILL')
  await Promise.all(crew.map(({ ended }) => ended))
  await runs?.close()
  await database?.close()
})

const DRAIN_MS = 10_000
const LIMITS = { house: { atOnce: 1 }, flows: { perWorker: 1, atOnce: 1 } }

async function join(options: Partial<ProbeWorkerOptions> = {}): Promise<ProbeWorker> {
  const one = await startWorker(database.url, { limits: LIMITS, drainMs: DRAIN_MS, leaseMs: 2_000, ...options })
  crew = [...crew, one]
  one.ended.then(() => {
    crew = crew.filter((worker) => worker !== one)
  })
  return one
}

/** A worker of those that live, or a new one where there is none. */
async function survivor(): Promise<ProbeWorker> {
  return crew[0] ?? join()
}

async function start(flow: FlowName, runId: string, parameters: Partial<ProbeParameters> = {}): Promise<string> {
  const all = { steps: 2, ms: 0, failures: 0, ...parameters }
  await runs.start({ flow, runId, parameters: all, facts: {}, cause: 'person' })
  return runId
}

test('whatever a killed worker did goes on elsewhere, and each step that was done stays done', async () => {
  const { pool } = database
  const lost = await join()
  await shutGates(pool, 'step-1', 'after')
  await start('train', 'running')
  await start('backup', 'holding')
  await start('backup', 'queued')
  await start('load-news', 'retrying', { failures: 1, ms: 600_000 })
  await start('load-companies', 'resting', { ms: 100 })
  await start('hourly', 'waiting')
  await Promise.all(['running', 'holding', 'waiting-pairs-train-1'].map((run) => begun(pool, run, 'step-1')))
  await Promise.all([begun(pool, 'retrying', 'failing'), begun(pool, 'resting', 'after')])
  const other = await join()
  const killedAt = await serverTime(pool)
  lost.send('SIGKILL')
  await until(async () => (await attempts(pool)).find(({ pid }) => pid === other.pid))
  await openGates(pool)
  const states = ['running', 'holding', 'queued', 'retrying', 'resting', 'waiting']
  expect(await Promise.all(states.map((run) => runs.result(run)))).toEqual(states.map(() => 'done'))
  const all = await attempts(pool)
  expect(repeatedAfterDone(all)).toEqual([])
  expect(Math.min(...all.filter(({ pid }) => pid === other.pid).map(({ at }) => at)) - killedAt).toBeLessThan(3_000)
  expect(tried(all, 'running')).toEqual(['step-0', 'step-1', 'step-1'])
  expect(tried(all, 'queued')).toEqual(['step-0', 'step-1'])
  expect(tried(all, 'retrying')).toEqual(['failing', 'failing'])
  expect(tried(all, 'resting')).toEqual(['before', 'after', 'after'])
  expect(tried(all, 'waiting')).toEqual(['before', 'after'])
  // The effects of all steps, each once whatever was tried twice.
  const { rows } = await pool.query(`select count(*)::int as effects from public.probe_effects`)
  expect(rows).toEqual([{ effects: 2 + 2 + 2 + 2 + 2 + 2 * 2 }])
  expect((await workers(pool)).map(({ executor, state }) => [executor, state])).toEqual([[other.executor, 'live']])
  expect(await runs.record('running')).toMatchObject({ attempts: 2, worker: other.executor })
})

test('any number of runs that wait for others leaves those a place, however few there are', async () => {
  await survivor()
  const parents = await Promise.all([1, 2, 3, 4].map((n) => start('hourly', `parent-${n}`, { ms: 0, steps: 2 })))
  expect(await Promise.all(parents.map((run) => runs.result(run)))).toEqual(parents.map(() => 'done'))
})

test('a worker that is told to stop ends its step, takes nothing new, leaves the rest to others at once, and ends with 0', async () => {
  const { pool } = database
  const leaving = await survivor()
  await shutGates(pool, 'step-0')
  await start('train', 'handed-on')
  await begun(pool, 'handed-on', 'step-0')
  const other = await join()
  leaving.send('SIGTERM')
  await until(async () => (await workers(pool)).find(({ state }) => state === 'draining'))
  const later = await Promise.all([1, 2, 3, 4].map((n) => start('train', `later-${n}`)))
  await Promise.all(later.map((run) => begun(pool, run, 'step-0')))
  await openGates(pool)
  expect(await leaving.ended).toBe(0)
  expect((await workers(pool)).map(({ executor }) => executor)).toEqual([other.executor])
  expect(await Promise.all(['handed-on', ...later].map((run) => runs.result(run)))).toEqual(Array(5).fill('done'))
  expect((await attempts(pool, 'handed-on')).map(({ step, pid }) => [step, pid])).toEqual([
    ['step-0', leaving.pid],
    ['step-1', other.pid],
  ])
  // None was taken by the one that was leaving, only to be given back.
  expect(await Promise.all(later.map(async (run) => (await runs.record(run))?.attempts))).toEqual([1, 1, 1, 1])
})

test('a cancelled run is told in the midst of its step, and so is what it began', async () => {
  const worker = await survivor()
  await start('hourly', 'unwanted', { ms: 60_000, steps: 1 })
  await start('load-news', 'unwanted-rest', { failures: 1, ms: 60_000 })
  await begun(database.pool, 'unwanted-pairs-train-0', 'step-0')
  await begun(database.pool, 'unwanted-rest', 'failing')
  await Promise.all([runs.cancel('unwanted'), runs.cancel('unwanted-rest')])
  await expect(runs.result('unwanted')).rejects.toThrow(/cancel/i)
  expect(await runs.record('unwanted-pairs-train-0')).toMatchObject({ state: 'cancelled' })
  await expect(runs.result('unwanted-rest')).rejects.toThrow(/cancel/i)
  // A worker waits for its steps, so it ends this soon only when they have ended.
  const toldAt = performance.now()
  worker.send('SIGTERM')
  expect(await worker.ended).toBe(0)
  expect(performance.now() - toldAt).toBeLessThan(DRAIN_MS / 2)
})

test('runs of a version that is gone go on where their flow is the same, and begin anew where its steps have changed', async () => {
  const { pool } = database
  const old = await survivor()
  await shutGates(pool, 'step-1')
  await start('train', 'changed')
  await start('backup', 'same')
  await Promise.all(['changed', 'same'].map((run) => begun(pool, run, 'step-1')))
  const next = await join({ trainRevision: 2 })
  await start('train', 'still-queued')
  old.send('SIGKILL')
  await openGates(pool)
  expect(await Promise.all(['changed', 'same', 'still-queued'].map((run) => runs.result(run)))).toEqual(['done', 'done', 'done'])
  const all = await attempts(pool)
  const byNext = (run: string) => all.filter((attempt) => attempt.run === run && attempt.pid === next.pid).map(({ step }) => step)
  expect(byNext('changed')).toEqual(['step-0', 'step-1'])
  expect(byNext('same')).toEqual(['step-1'])
  next.send('SIGKILL')
  await next.ended
})

test('a frozen worker loses its runs after its lease, begins nothing more of them when it wakes, and then works on', async () => {
  const { pool } = database
  const frozen = await join({ leaseMs: 600 })
  await shutGates(pool, 'step-0')
  await start('train', 'frozen')
  await begun(pool, 'frozen', 'step-0')
  const other = await join({ leaseMs: 600 })
  frozen.send('SIGSTOP')
  await until(async () => (await attempts(pool, 'frozen')).find(({ pid }) => pid === other.pid))
  frozen.send('SIGCONT')
  await openGates(pool)
  expect(await runs.result('frozen')).toBe('done')
  // The step that it was at has ended there too, since nobody can stop that.
  const steps = (await attempts(pool, 'frozen')).map(({ step, pid }) => [step, pid])
  expect(steps).toEqual([
    ['step-0', frozen.pid],
    ['step-0', other.pid],
    ['step-1', other.pid],
  ])
  other.send('SIGTERM')
  expect(await other.ended).toBe(0)
  expect(await runs.result(await start('train', 'after-thaw'))).toBe('done')
})

test('a worker that wakes to find its place taken ends, since no two may bear one name', async () => {
  const frozen = crew[0] ?? (await join({ leaseMs: 600 }))
  const watching = await join({ leaseMs: 600 })
  frozen.send('SIGSTOP')
  await until(async () => ((await workers(database.pool)).length === 1 ? true : undefined))
  const heir = await join()
  expect([heir.executor, watching.executor]).toEqual([frozen.executor, 'worker-1'])
  frozen.send('SIGCONT')
  expect(await frozen.ended).toBe(1)
  expect(frozen.said.join()).toContain('lost another process took the place of this one')
  expect((await workers(database.pool)).map(({ executor, pid }) => [executor, pid])).toEqual([
    ['worker-0', heir.pid],
    ['worker-1', watching.pid],
  ])
})
