import { DBOSClient } from '@dbos-inc/dbos-sdk'
import { migrateSystemDatabase } from '@dbos-inc/dbos-sdk/internal/system_database'
import { GlobalLogger } from '@dbos-inc/dbos-sdk/internal/telemetry/logs'
import { Fault } from '#domain/fault.ts'
import { epochMs } from '#domain/units.ts'
import { CATALOG } from './catalog.ts'
import { flowsVersion } from './flows-version.ts'
import { quietLogger } from './quiet-logger.ts'
import { retryRun } from './retry-run.client.ts'
import { attributesOf, engineQuery, recordOf, stepNamed } from './run-records.ts'
import type { RunStart, Runs, StepRecord } from './runs.ts'

/** How often a waiting process asks whether a run has ended. */
const RESULT_POLL_MS = 100
const CONNECTIONS = 4
/** The name by which all processes know each other's runs. */
export const APPLICATION = 'spreadworks'

export type ConnectRunsOptions = {
  readonly databaseUrl: string
  /** Told of what the engine complains about. */
  readonly onTrouble: (message: string) => void
}

export type ConnectedRuns = Runs & { readonly close: () => Promise<void> }

/** The runs of the database, for a process that carries out none. What it needs of the schema is made when it is not there. */
export async function connectRuns(options: ConnectRunsOptions): Promise<ConnectedRuns> {
  await prepareEngine(options)
  return runsAt(options)
}

/** Makes what the engine needs of the schema where it is not there. */
export async function prepareEngine({ databaseUrl, onTrouble }: ConnectRunsOptions): Promise<void> {
  await migrateSystemDatabase(databaseUrl, new GlobalLogger(undefined, { logger: quietLogger(onTrouble) }))
}

/** The runs of a database whose schema is there. */
export async function runsAt({ databaseUrl, onTrouble }: ConnectRunsOptions): Promise<ConnectedRuns> {
  const client = await DBOSClient.create({
    systemDatabaseUrl: databaseUrl,
    systemDatabasePoolSize: CONNECTIONS,
    applicationName: APPLICATION,
    logger: quietLogger(onTrouble),
  })
  return {
    start: (start) => begin(client, start),
    find: async (query) => {
      if (query.states?.length === 0 || query.flows?.length === 0) return []
      return (await client.listWorkflows({ ...engineQuery(query), loadInput: false })).map(recordOf)
    },
    record: async (runId) => {
      const run = await client.getWorkflow(runId)
      return run === undefined ? undefined : recordOf(run)
    },
    steps: (runId) => stepsOf(client, runId),
    result: async (runId) => {
      const handle = client.retrieveWorkflow<never>(runId)
      return handle.getResult({ pollingIntervalMs: RESULT_POLL_MS }).catch((cause: unknown) => {
        throw faultAgain(cause)
      })
    },
    cancel: (runId) => client.cancelWorkflow(runId, { cancelChildren: true }),
    retryFrom: (runId, place) => retryRun(client, runId, place),
    close: () => client.destroy(),
  }
}

/** What is made up for waits behind what the day needs. */
const BEHIND_THE_DAY = 1_000

async function begin(client: DBOSClient, start: RunStart): Promise<void> {
  const { queue, priority, timeoutMs } = CATALOG[start.flow]
  await client.enqueue(
    {
      workflowName: start.flow,
      workflowID: start.runId,
      queueName: queue,
      priority: start.cause === 'backfill' ? priority + BEHIND_THE_DAY : priority,
      workflowTimeoutMS: timeoutMs,
      appVersion: flowsVersion(),
      attributes: { ...attributesOf(start) },
    },
    start.parameters,
  )
}

async function stepsOf(client: DBOSClient, runId: string): Promise<StepRecord[]> {
  const steps = (await client.listWorkflowSteps(runId)) ?? []
  return steps.map(({ functionID, name, error, childWorkflowID, startedAtEpochMs, completedAtEpochMs }) => ({
    place: functionID,
    name: stepNamed(name),
    startedAt: startedAtEpochMs === undefined ? undefined : epochMs(startedAtEpochMs),
    endedAt: completedAtEpochMs === undefined ? undefined : epochMs(completedAtEpochMs),
    failure: error === null ? undefined : error.message,
    childId: childWorkflowID ?? undefined,
  }))
}

/** What a run threw comes back from the store as a plain error; a fault is made one again, so that its code and exit code are told. */
function faultAgain(cause: unknown): unknown {
  if (!(cause instanceof Error) || cause instanceof Fault || !('code' in cause) || !('exitCode' in cause)) return cause
  return new Fault(String(cause.code), cause.message, { exitCode: cause.exitCode === 2 ? 2 : 1, cause })
}
