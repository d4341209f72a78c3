import { DBOS } from '@dbos-inc/dbos-sdk'
import { DBOSExecutor } from '@dbos-inc/dbos-sdk/internal/dbos-executor'
import { registerInternalQueue, wfQueueRunner } from '@dbos-inc/dbos-sdk/internal/wfqueue'
import { Fault } from '#domain/fault.ts'
import { CATALOG } from './catalog.ts'
import { APPLICATION, runsAt } from './connect-runs.client.ts'
import { FLOWS, type FlowName, type QueueName } from './flow-names.ts'
import { flowsVersion } from './flows-version.ts'
import type { QueueLimits } from './queue-limits.ts'
import { quietLogger } from './quiet-logger.ts'
import type { Runs } from './runs.ts'
import { STEPS_HERE } from './steps-here.ts'
import { takeUpStranded } from './stranded-runs.store.ts'
import { claimWorkerSlot, type SlotOptions, type WorkerSlot } from './worker-slot.client.ts'

/** How often a queue is asked for its next run: the less, the less a resting worker costs. */
const POLL_MS: Readonly<Record<QueueName, number>> = { trading: 100, flows: 100, data: 250, train: 100, house: 500 }
const CONNECTIONS = 8
/** How often runs of versions that are gone are looked for. */
const LOOK_FOR_STRANDED_MS = 2_000

export type EngineOptions = SlotOptions & {
  /** The queues whose runs this process takes, with what holds them back. */
  readonly queues: ReadonlyMap<QueueName, QueueLimits>
}

/** The durable engine in this process: carries out runs, and takes over those of dead processes. */
export type Engine = Runs & {
  readonly executorId: string
  /** The queues whose runs are carried out here. */
  readonly queues: readonly QueueName[]
  /**
   * Takes no more runs, lets the steps under way end for up to `drainMs`, and gives every run that has not ended to other
   * processes, or to the next one. Resolves when nothing of the engine runs here any more.
   */
  readonly close: (drainMs?: number) => Promise<void>
}

export type FlowCallable = (parameters: object) => Promise<unknown>

/** Flows that the engine knows: whoever has them has registered them, which comes first. */
export type RegisteredFlows = ReadonlyMap<FlowName, FlowCallable>

/**
 * Launches the engine. The flows were registered before, under the same names in each process; a queue none of whose flows is
 * known here is left to others. The engine recovers by itself only what its own executor id left behind, so each process holds
 * a slot whose lock shows that it lives, and every process looks after the runs of slots that nobody holds.
 */
export async function openEngine(given: EngineOptions, flows: RegisteredFlows): Promise<Engine> {
  const gate = { isShut: false }
  const options: EngineOptions = {
    ...given,
    queues: new Map([...given.queues].filter(([queue]) => [...flows.keys()].some((flow) => CATALOG[flow].queue === queue))),
    // What is interrupted by the end of this process complains, and goes on elsewhere.
    onTrouble: (message) => (gate.isShut ? undefined : given.onTrouble(message)),
  }
  const queues = [...options.queues.keys()]
  const slot = await claimWorkerSlot(options, queues)
  try {
    refuseOthers(flows)
    await launch(options, slot, gate)
    const runs = await runsAt(options)
    slot.watch({ adopt: (executor) => adopt(executor, options), look: lookForStranded(options) })
    return { ...runs, executorId: slot.executorId, queues, close: (drainMs = 0) => closed({ runs, slot, gate }, drainMs, given) }
  } catch (cause) {
    await slot.release()
    throw cause
  }
}

/** A run of a flow that is not known here would be taken and never begun: it fails instead, and says why. */
function refuseOthers(flows: RegisteredFlows): void {
  for (const name of FLOWS.filter((flow) => !flows.has(flow))) {
    const refuse = async () => {
      throw new Fault(
        'FLOW_ABSENT',
        `The worker that took this run cannot carry out ${name}; give every worker the same settings and keys.`,
      )
    }
    DBOS.registerWorkflow(refuse, { name })
  }
}

type Gate = { isShut: boolean }
type Opened = { readonly runs: { readonly close: () => Promise<void> }; readonly slot: WorkerSlot; readonly gate: Gate }

async function closed({ runs, slot, gate }: Opened, drainMs: number, { onTrouble }: EngineOptions): Promise<void> {
  gate.isShut = true
  const untold = (cause: unknown) => onTrouble(`giving back runs failed: ${String(cause)}`)
  await slot.drain().catch(untold)
  await within(drainMs, STEPS_HERE.drained())
  await runs.close()
  // What still runs here is no longer this process's from now on: it is refused what it writes, and another goes on.
  await DBOSExecutor.globalInstance?.recoverPendingWorkflows([slot.executorId]).catch(untold)
  await DBOS.shutdown().finally(slot.release)
}

async function launch({ databaseUrl, queues, onTrouble }: EngineOptions, slot: WorkerSlot, gate: Gate): Promise<void> {
  // Limits of this process alone: another machine may have more cores. Those of all are the same in the settings of all.
  wfQueueRunner.clearRegistrations()
  for (const [name, limits] of queues)
    registerInternalQueue(name, { minPollingIntervalMs: POLL_MS[name], ...parametersOf(limits) })
  DBOS.setConfig({
    name: APPLICATION,
    systemDatabaseUrl: databaseUrl,
    systemDatabasePoolSize: CONNECTIONS,
    applicationVersion: flowsVersion(),
    executorID: slot.executorId,
    logger: quietLogger(onTrouble),
  })
  STEPS_HERE.open()
  await DBOS.launch()
  takeOnlyThrough(gate, slot)
}

function parametersOf({ perWorker, atOnce, perMinute }: QueueLimits) {
  return {
    ...(perWorker === undefined ? {} : { workerConcurrency: perWorker }),
    ...(atOnce === undefined ? {} : { globalConcurrency: atOnce }),
    ...(perMinute === undefined ? {} : { rateLimit: { limitPerPeriod: perMinute, periodSec: 60 } }),
  }
}

/** No run is taken while the slot is not held, since another process may think it is its own, nor once the gate is shut. */
function takeOnlyThrough(gate: Gate, slot: WorkerSlot): void {
  const system = DBOSExecutor.globalInstance?.systemDatabase
  if (system === undefined) throw new RangeError('the engine was launched and is not there')
  const take = system.findAndMarkStartableWorkflows.bind(system)
  system.findAndMarkStartableWorkflows = async (...asked) => (gate.isShut || !slot.isHeld() ? [] : take(...asked))
}

async function adopt(executor: string, { onTrouble }: EngineOptions): Promise<void> {
  const adopted = await DBOSExecutor.globalInstance?.recoverPendingWorkflows([executor])
  if (adopted !== undefined && adopted.length > 0)
    onTrouble(`going on with ${adopted.length} of the runs of ${executor}, whose process is gone`)
}

function lookForStranded({ onTrouble }: EngineOptions) {
  const current = {
    flowsVersion: flowsVersion(),
    revisions: Object.fromEntries(FLOWS.map((flow) => [flow, CATALOG[flow].revision])),
  }
  let lookedAt = Number.NEGATIVE_INFINITY
  return async (sql: Parameters<typeof takeUpStranded>[0]) => {
    if (performance.now() - lookedAt < LOOK_FOR_STRANDED_MS) return
    lookedAt = performance.now()
    const { goneOn, anew } = await takeUpStranded(sql, current)
    if (goneOn > 0) onTrouble(`going on with ${goneOn} runs of another version`)
    if (anew > 0) onTrouble(`beginning ${anew} runs of another version anew, whose steps have changed`)
  }
}

/** Waits for `work`, but no longer than `ms`. */
async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, ms)
  await Promise.race([work, promise])
  clearTimeout(timer)
}
