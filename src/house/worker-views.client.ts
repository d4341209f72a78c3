import type { Pool } from 'pg'
import type { QueueView, WorkerView } from '#desk/flow-views.ts'
import type { QueueName } from '#flows/flow-names.ts'
import type { QueueLimits } from '#flows/queue-limits.ts'
import { queueLoads, runsByWorker } from '#flows/queue-loads.store.ts'
import { workers } from '#flows/workers.store.ts'

const MINUTE_MS = 60_000

/** The processes that carry out runs, as people see them. */
export async function workerViews(sql: Pool): Promise<WorkerView[]> {
  const [known, running] = await Promise.all([workers(sql), runsByWorker(sql)])
  return known.map(({ executor, host, pid, version, state, queues, startedAt }) => ({
    ...{ name: executor, host, pid, version, state, startedAt },
    queues: [...queues],
    running: running.get(executor) ?? 0,
  }))
}

/** The queues with their limits, as people see them. */
export async function queueViews(sql: Pool, limits: ReadonlyMap<QueueName, QueueLimits>): Promise<QueueView[]> {
  const loads = await queueLoads(sql)
  return [...limits].map(([name, { atOnce, perWorker, perMinute }]) => {
    const load = loads.get(name)
    return {
      name,
      waiting: load?.waiting ?? 0,
      running: load?.running ?? 0,
      atOnce: atOnce ?? null,
      atOncePerWorker: perWorker ?? null,
      rate: perMinute === undefined ? null : { runs: perMinute, perMs: MINUTE_MS },
      oldestWaitingSince: load?.oldestWaitingSince ?? null,
    }
  })
}
