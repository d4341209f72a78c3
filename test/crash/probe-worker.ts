import { databaseAt } from '#database/connection.client.ts'
import { CATALOG } from '#flows/catalog.ts'
import { openEngine } from '#flows/engine.client.ts'
import { QUEUES } from '#flows/flow-names.ts'
import type { QueueLimits } from '#flows/queue-limits.ts'
import { registerProbes } from './probe-flows.ts'
import type { ProbeWorkerOptions } from './worker-process.ts'

// A worker that carries out the probe flows, in a process of its own. It says `ready <executor>` when it is, and drains on SIGTERM.

const options: ProbeWorkerOptions = JSON.parse(process.argv[2] ?? '{}')
const limits: QueueLimits = { perWorker: undefined, atOnce: undefined, perMinute: undefined }
Object.assign(CATALOG, {
  train: { ...CATALOG.train, revision: options.trainRevision },
})
const database = databaseAt(options.databaseUrl, 3)
const engine = await openEngine(
  {
    ...{ databaseUrl: options.databaseUrl, version: 'probe', leaseMs: options.leaseMs },
    queues: new Map(QUEUES.map((queue) => [queue, { ...limits, ...options.limits[queue] }])),
    onLost: (cause) => {
      process.stdout.write(`lost ${cause.message}\n`)
      process.exit(1)
    },
    onTrouble: (message) => process.stdout.write(`trouble ${message}\n`),
  },
  registerProbes(database.pool),
)
process.on('SIGTERM', async () => {
  await engine.close(options.drainMs)
  await database.close()
  process.exit(0)
})
process.stdout.write(`ready ${engine.executorId}\n`)
