import { DBOS, type WorkflowStatus } from '@dbos-inc/dbos-sdk'
import { DBOSExecutor } from '@dbos-inc/dbos-sdk/internal/dbos-executor'
import { Fault } from '#domain/fault.ts'
import { type FlowName, TRAIN_QUEUE } from './flow-names.ts'
import { claimWorkerSlot } from './workers.store.ts'

/** How often a process looks for runs whose process is gone. */
const REAP_EVERY_MS = 1_000
/** How often a queue is asked for its next run. */
const QUEUE_POLL_MS = 100
/** How often a waiting process asks whether a run has ended. */
const RESULT_POLL_MS = 100

export type EngineOptions = {
  readonly databaseUrl: string
  /** Runs are taken up only by processes of the version that started them. */
  readonly version: string
  /** Runs of the training queue that this process carries out at once. */
  readonly trainingConcurrency: number
  /** Called when this process lost its place among the workers and must stop. */
  readonly onLost: (cause: Error) => void
  readonly onTrouble: (message: string) => void
}

/** The durable engine in this process: starts, finds and cancels runs of flows, and takes over those of dead processes. */
export type Engine = {
  readonly executorId: string
  /** Starts a run; a run of the same id is not started twice. */
  readonly start: <P extends object>(flow: FlowName, runId: string, parameters: P) => Promise<void>
  /** Waits for a run's end; throws what the run threw. */
  readonly result: <T>(runId: string) => Promise<T>
  readonly runs: (limit: number) => Promise<WorkflowStatus[]>
  readonly cancel: (runId: string) => Promise<void>
  /** Leaves unfinished runs to the next process; resolves when nothing of the engine runs here any more. */
  readonly close: () => Promise<void>
}

/**
 * Launches the engine. `register` must have registered every flow before (with `DBOS.registerWorkflow`), under the same
 * names in each process. The engine recovers by itself only what its own executor id left behind, so each process holds
 * a slot whose lock shows that it lives, and every process looks after the runs of slots that nobody holds.
 */
export async function openEngine(options: EngineOptions, callables: ReadonlyMap<FlowName, FlowCallable>): Promise<Engine> {
  const slot = await claimWorkerSlot(options.databaseUrl, options.onLost)
  try {
    await launch(options, slot.executorId)
  } catch (cause) {
    await slot.release()
    throw cause
  }
  const reaper = setInterval(() => {
    adoptOrphans(slot.deadExecutors, options).catch((cause: unknown) =>
      options.onTrouble(`looking for orphaned runs failed: ${String(cause)}`),
    )
  }, REAP_EVERY_MS)
  return {
    executorId: slot.executorId,
    start: async (flow, runId, parameters) => {
      const callable = callables.get(flow)
      if (callable === undefined) throw new Fault('FLOW_UNKNOWN', `There is no flow named '${flow}'.`)
      await DBOS.startWorkflow(callable, { workflowID: runId })(parameters)
    },
    result: (runId) =>
      DBOS.retrieveWorkflow<never>(runId)
        .getResult({ pollingIntervalMs: RESULT_POLL_MS })
        .catch((cause: unknown) => {
          throw faultAgain(cause)
        }),
    runs: (limit) => DBOS.listWorkflows({ limit, sortDesc: true, loadInput: false, loadOutput: false, hasParent: false }),
    cancel: (runId) => DBOS.cancelWorkflow(runId, { cancelChildren: true }),
    close: async () => {
      clearInterval(reaper)
      await DBOS.shutdown().finally(slot.release)
    },
  }
}

async function launch(
  { databaseUrl, version, trainingConcurrency, onTrouble }: EngineOptions,
  executorID: string,
): Promise<void> {
  DBOS.setConfig({
    name: 'spreadworks',
    systemDatabaseUrl: databaseUrl,
    systemDatabasePoolSize: 8,
    applicationVersion: version,
    executorID,
    logger: quietLogger(onTrouble),
  })
  await DBOS.launch()
  await DBOS.registerQueue(TRAIN_QUEUE, {
    workerConcurrency: trainingConcurrency,
    minPollingIntervalMs: QUEUE_POLL_MS,
    onConflict: 'always_update',
  })
}

/** What a run threw comes back from the store as a plain error; a fault is made one again, so that its code and exit code are told. */
function faultAgain(cause: unknown): unknown {
  if (!(cause instanceof Error) || cause instanceof Fault || !('code' in cause) || !('exitCode' in cause)) return cause
  return new Fault(String(cause.code), cause.message, { exitCode: cause.exitCode === 2 ? 2 : 1, cause })
}

export type FlowCallable = (parameters: object) => Promise<unknown>

async function adoptOrphans(
  deadExecutors: (version: string) => Promise<string[]>,
  { version, onTrouble }: EngineOptions,
): Promise<void> {
  const executor = DBOSExecutor.globalInstance
  if (executor === undefined) return
  const dead = await deadExecutors(version)
  if (dead.length === 0) return
  onTrouble(`going on with the runs of ${dead.join(', ')}, whose process is gone`)
  await executor.recoverPendingWorkflows(dead)
}

function quietLogger(onTrouble: (message: string) => void) {
  return {
    info: () => {},
    debug: () => {},
    warn: () => {},
    error: (entry: unknown) => onTrouble(entry instanceof Error ? entry.message : String(entry)),
  }
}
