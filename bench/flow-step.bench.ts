import { DBOS } from '@dbos-inc/dbos-sdk'
import type { Database } from '#database/connection.client.ts'
import { migrate } from '#database/migrate.store.ts'
import { type Engine, openEngine } from '#flows/engine.client.ts'
import { QUEUES } from '#flows/flow-names.ts'
import { flowsVersion } from '#flows/flows-version.ts'
import { step } from '#flows/step.flow.ts'
import { onOwnServer } from './own-server.ts'
import { type Bench, type BenchResult, median } from './result.ts'

const STEPS = 10
const RUNS = 40
const RESULT_POLL_MS = 20

/** What our steps and starts cost above the engine's own, run by run in turns, on a server that keeps what it is told. */
export const bench: Bench = {
  id: 'flow-step',
  results: ['flow-steps', 'flow-start'],
  run: () => onOwnServer(measured),
}

/** When a run's body began, epoch ms, and how long it took. */
type Told = { readonly beganAt: number; readonly tookMs: number }

async function measured(database: Database): Promise<BenchResult[]> {
  await migrate(database.url)
  const light = async (name: string) => name
  const told = async (body: () => Promise<unknown>): Promise<Told> => {
    const [beganAt, began] = [Date.now(), performance.now()]
    await body()
    return { beganAt, tookMs: performance.now() - began }
  }
  const steps = (one: (name: string) => Promise<unknown>) => async () => {
    for (let i = 0; i < STEPS; i++) await one(`step-${i}`)
  }
  const ours = DBOS.registerWorkflow(() => told(steps((name) => step(name, () => light(name)))), { name: 'train' })
  const bare = DBOS.registerWorkflow(() => told(steps((name) => DBOS.runStep(() => light(name), { name }))), { name: 'bare' })
  const unlimited = { perWorker: undefined, atOnce: undefined, perMinute: undefined }
  const engine = await openEngine(
    {
      ...{ databaseUrl: database.url, version: 'bench', leaseMs: 8_000, onLost: () => {}, onTrouble: () => {} },
      queues: new Map(QUEUES.map((queue) => [queue, unlimited])),
    },
    new Map([['train', ours]]),
  )
  try {
    return resultsOf(await inTurns(engine, bare))
  } finally {
    await engine.close()
  }
}

type Sample = { readonly startMs: number; readonly stepsMs: number }

async function inTurns(engine: Engine, bare: () => Promise<Told>): Promise<{ ours: Sample[]; bare: Sample[] }> {
  const samples: { ours: Sample[]; bare: Sample[] } = { ours: [], bare: [] }
  const sampleOf = (askedAt: number, { beganAt, tookMs }: Told) => ({ startMs: beganAt - askedAt, stepsMs: tookMs })
  for (let run = 0; run < RUNS; run++) {
    const asked = Date.now()
    const runId = `ours-${run}`
    await engine.start({ flow: 'train', runId, parameters: {}, facts: { pair: 'XOM-CVX' }, cause: 'person' })
    samples.ours.push(sampleOf(asked, await engine.result<Told>(runId)))
    const askedBare = Date.now()
    const options = { queueName: 'train', workflowID: `bare-${run}`, enqueueOptions: { applicationVersion: flowsVersion() } }
    const handle = await DBOS.startWorkflow(bare, options)()
    samples.bare.push(sampleOf(askedBare, await handle.getResult({ pollingIntervalMs: RESULT_POLL_MS })))
  }
  return samples
}

function resultsOf({ ours, bare }: { readonly ours: readonly Sample[]; readonly bare: readonly Sample[] }): BenchResult[] {
  const line = (id: string, size: string, of: (sample: Sample) => number, limit: string): BenchResult => {
    const [value, without] = [median(ours.map(of)), median(bare.map(of))]
    return { id, size, value, unit: 'ms', peer: `the engine alone, ${without.toFixed(1)} ms`, ratio: without / value, limit }
  }
  return [
    line('flow-steps', `${STEPS} light steps in one run`, ({ stepsMs }) => stepsMs, 'under 60 ms; at most 1.3 times the engine'),
    line('flow-start', 'from asking to the first step', ({ startMs }) => startMs, 'at most 1.3 times the engine'),
  ]
}
