import { setTimeout as delay } from 'node:timers/promises'
import { DBOS } from '@dbos-inc/dbos-sdk'
import type { Pool } from 'pg'
import { ownRunId, startChild } from '#flows/child.flow.ts'
import type { FlowCallable, RegisteredFlows } from '#flows/engine.client.ts'
import type { FlowName } from '#flows/flow-names.ts'
import { step, stepSignal } from '#flows/step.flow.ts'

/**
 * Flows whose steps leave traces: each attempt a row of run, step and process, each outside effect a row by its derived id. They
 * go by the names of real flows, so that they stand on real queues. A step whose name is in `probe_gates` does not end.
 *
 * - `train`, `backup`: `steps` steps of `ms` each, in the places that their queues have
 * - `load-news`: a step that fails `failures` times, with rests in between
 * - `load-companies`: a step, a durable rest of `ms`, a step
 * - `identify-pairs`: waits for `steps` runs of `train`
 * - `hourly`: a step, then waits for a run of `identify-pairs`, then a step
 */
export type ProbeParameters = { readonly steps: number; readonly ms: number; readonly failures: number }

export const PROBE_TABLES = `
  create table if not exists public.probe_attempts (run text, step text, pid int, at timestamptz default clock_timestamp());
  create table if not exists public.probe_effects (id text primary key, pid int, at timestamptz default clock_timestamp());
  create table if not exists public.probe_gates (step text primary key)`

const ASK_EVERY_MS = 50
const LOOK_EVERY_MS = 10

export function registerProbes(sql: Pool): RegisteredFlows {
  const traced = (name: string, ms: number) => step(name, () => trace(sql, name, ms))
  const steps = async (parameters: ProbeParameters): Promise<string> => {
    for (let i = 0; i < parameters.steps; i++) await traced(`step-${i}`, parameters.ms)
    return 'done'
  }
  const failing = ({ failures, ms }: ProbeParameters): Promise<string> =>
    step('failing', () => failAtFirst(sql, failures), { attempts: failures + 1, firstMs: ms, factor: 1 })
  const resting = async ({ ms }: ProbeParameters): Promise<string> => {
    await traced('before', 0)
    await DBOS.sleep(ms)
    await traced('after', 0)
    return 'done'
  }
  const registered = new Map<FlowName, FlowCallable>()
  const register = (name: FlowName, body: (parameters: ProbeParameters) => Promise<string>) => {
    const callable = DBOS.registerWorkflow((parameters: ProbeParameters) => body(parameters), { name })
    registered.set(name, callable as FlowCallable)
    return callable
  }
  const train = register('train', steps)
  register('backup', steps)
  register('load-news', failing)
  register('load-companies', resting)
  const pairs = register('identify-pairs', async (parameters) => {
    const runs = []
    for (let i = 0; i < parameters.steps; i++)
      runs.push(await startChild(train, { flow: 'train', runId: `${ownRunId()}-train-${i}`, facts: {} }, parameters))
    for (const run of runs) await run.getResult({ pollingIntervalMs: ASK_EVERY_MS })
    return 'done'
  })
  register('hourly', async (parameters) => {
    await traced('before', 0)
    const start = { flow: 'identify-pairs', runId: `${ownRunId()}-pairs`, facts: {} } as const
    await (await startChild(pairs, start, parameters)).getResult({ pollingIntervalMs: ASK_EVERY_MS })
    await traced('after', 0)
    return 'done'
  })
  return registered
}

/** One attempt at a step: noted, `ms` long and until its gate is open, unless its run is cancelled, and then with its effect outside. */
async function trace(sql: Pool, name: string, ms: number): Promise<void> {
  await noteAttempt(sql, name)
  const signal = stepSignal()
  await delay(ms, undefined, { signal })
  while ((await sql.query(`select from public.probe_gates where step = $1`, [name])).rowCount === 1)
    await delay(LOOK_EVERY_MS, undefined, { signal })
  await sql.query(`insert into public.probe_effects (id, pid) values ($1, $2) on conflict do nothing`, [
    `${DBOS.workflowID} ${name}`,
    process.pid,
  ])
}

async function failAtFirst(sql: Pool, failures: number): Promise<string> {
  await noteAttempt(sql, 'failing')
  const { rowCount } = await sql.query(`select from public.probe_attempts where run = $1`, [DBOS.workflowID])
  if ((rowCount ?? 0) <= failures) throw new Error('not yet')
  return 'done'
}

async function noteAttempt(sql: Pool, name: string): Promise<void> {
  await sql.query(`insert into public.probe_attempts (run, step, pid) values ($1, $2, $3)`, [DBOS.workflowID, name, process.pid])
}
