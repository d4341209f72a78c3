import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ConnectedRuns, connectRuns } from '#flows/connect-runs.client.ts'
import { workers } from '#flows/workers.store.ts'
import { type MortalDatabase, openMortalDatabase } from './own-postgres.ts'
import { PROBE_TABLES } from './probe-flows.ts'
import { randomKills } from './random-kills.ts'
import { attempts, begun, openGates, shutGates, tried, until } from './traces.ts'
import { type ProbeWorker, startWorker } from './worker-process.ts'

let database: MortalDatabase
let runs: ConnectedRuns
let worker: ProbeWorker | undefined

beforeAll(async () => {
  database = await openMortalDatabase()
  await database.pool.query(PROBE_TABLES)
  runs = await connectRuns({ databaseUrl: database.url, onTrouble: () => {} })
})
afterAll(async () => {
  worker?.send('SIGKILL')
  await worker?.ended
  await runs?.close()
  await database?.close()
})

test('a worker outlives the death of PostgreSQL, holds its place again, and goes on with the step that it was at', async () => {
  const one = await startWorker(database.url)
  worker = one
  await shutGates(database.pool, 'step-0')
  const parameters = { steps: 2, ms: 0, failures: 0 }
  await runs.start({ flow: 'train', runId: 'during', parameters, facts: {}, cause: 'person' })
  await begun(database.pool, 'during', 'step-0')
  await cutItsPlace()
  await database.kill()
  const isBack = async () => (await workers(database.pool).catch(() => [])).find(({ state }) => state === 'live')
  expect(await until(isBack)).toMatchObject({ executor: one.executor, pid: one.pid })
  await openGates(database.pool)
  expect(await runs.result('during')).toBe('done')
  await runs.start({ flow: 'train', runId: 'afterwards', parameters, facts: {}, cause: 'person' })
  expect(await runs.result('afterwards')).toBe('done')
  const all = await attempts(database.pool)
  expect(new Set(all.map(({ pid }) => pid))).toEqual(new Set([one.pid]))
  // The step that lost its connection was tried again, nothing that was done was.
  expect([...new Set(tried(all, 'during'))]).toEqual(['step-0', 'step-1'])
  expect(tried(all, 'during').filter((step) => step === 'step-1')).toHaveLength(1)
  one.send('SIGTERM')
  expect(await one.ended).toBe(0)
})

/** Ends the connection that holds the worker's place, and waits until another holds it. */
async function cutItsPlace(): Promise<void> {
  const backend = `select backend_pid as pid from spreadworks.flow_workers`
  const { rows } = await database.pool.query<{ pid: number }>(backend)
  await database.pool.query('select pg_terminate_backend($1)', [rows[0]?.pid])
  await until(async () =>
    (await database.pool.query<{ pid: number }>(backend)).rows[0]?.pid === rows[0]?.pid ? undefined : true,
  )
}

test('a worker that begins just after the server leaves the places of those who are about to come back', async () => {
  const one = await startWorker(database.url)
  one.send('SIGSTOP')
  await database.kill()
  const other = await startWorker(database.url)
  one.send('SIGCONT')
  const live = () => workers(database.pool).then((all) => all.filter(({ state }) => state === 'live'))
  const both = await until(async () => ((await live()).length === 2 ? live() : undefined))
  expect(both.map(({ executor, pid }) => [executor, pid])).toEqual([
    [one.executor, one.pid],
    [other.executor, other.pid],
  ])
  for (const worker of [one, other]) worker.send('SIGTERM')
  expect(await Promise.all([one.ended, other.ended])).toEqual([0, 0])
})

/** Runs of the test before. */
const BEFORE = 2

test('however workers and PostgreSQL are killed, every run ends, and what was done is done once', async () => {
  const { kills, ...left } = await randomKills({ database, seed: 3, kills: 3, workers: 2, tell: () => {} })
  expect(Object.values(kills).reduce((sum, count) => sum + count, 0)).toBe(3)
  expect(left).toEqual({ runs: BEFORE + 3 * (5 + 3), notDone: [], repeated: [], withoutEffect: [] })
})
