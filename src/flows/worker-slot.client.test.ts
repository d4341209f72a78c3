import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '#database/connection.client.ts'
import { freshDatabase } from '../../test/database.ts'
import { connectRuns } from './connect-runs.client.ts'
import { claimWorkerSlot } from './worker-slot.client.ts'

let database: Database
beforeAll(async () => {
  database = await freshDatabase()
  // Makes the engine's tables.
  await (await connectRuns({ databaseUrl: database.url, onTrouble: () => {} })).close()
})
afterAll(() => database?.close())

const LEASE_MS = 600
const NO_SHORTER_THAN_MS = LEASE_MS * 0.9

test('who comes back from an outage takes nobody for gone who may be about to come back too', async () => {
  const { pool, url } = database
  const quiet = { onLost: () => {}, onTrouble: () => {} }
  const slot = await claimWorkerSlot({ databaseUrl: url, version: 'test', leaseMs: LEASE_MS, ...quiet }, [])
  const adopted = Promise.withResolvers<{ readonly executor: string; readonly at: number }>()
  const adopt = async (executor: string) => adopted.resolve({ executor, at: performance.now() })
  slot.watch({ adopt, look: async () => undefined })
  // The connections of both are gone at once; the other has not come back.
  await pool.query(`
    with cut as (select pg_terminate_backend(backend_pid) from spreadworks.flow_workers)
    insert into spreadworks.flow_workers (executor, claim, version, flows_version, host, pid, queues, backend_pid)
    select 'worker-7', gen_random_uuid(), version, flows_version, host, 1, queues, 0 from spreadworks.flow_workers, cut`)
  await expect.poll(slot.isHeld, { interval: 5 }).toBe(false)
  while (!slot.isHeld()) await delay(5)
  const backAt = performance.now()
  const { executor, at } = await adopted.promise
  expect(executor).toBe('worker-7')
  expect(at - backAt).toBeGreaterThan(NO_SHORTER_THAN_MS)
  await slot.release()
})
