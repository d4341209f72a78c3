import type { DBOSClient, WorkflowStatus } from '@dbos-inc/dbos-sdk'
import { wrongRequest } from '#domain/fault.ts'
import { CATALOG } from './catalog.ts'
import { flowsVersion } from './flows-version.ts'
import { flowNamed, recordOf } from './run-records.ts'

/**
 * Begins a new run that takes over what `runId` kept before step `place` and does the rest; answers its id. Runs that it began
 * and that did not come to their end are gone on with where they stopped, under their own ids, since they are what the rest
 * of the run waits for. Throws RUN_UNKNOWN, and RUN_UNDER_WAY for one that has not ended.
 */
export async function retryRun(client: DBOSClient, runId: string, place: number): Promise<string> {
  const run = await client.getWorkflow(runId)
  const flow = flowNamed(run?.workflowName)
  if (run === undefined || flow === undefined) throw wrongRequest('RUN_UNKNOWN', `There is no run '${runId}'.`)
  if (!hasEnded(run)) throw wrongRequest('RUN_UNDER_WAY', `The run ${runId} has not ended; cancel it first, then retry it.`)
  await revive(client, runId)
  const { queue, timeoutMs } = CATALOG[flow]
  return client.forkWorkflow(runId, place, {
    newWorkflowID: await nextRetryId(client, runId),
    applicationVersion: flowsVersion(),
    queueName: queue,
    timeoutMS: timeoutMs,
  })
}

/** `run-retry-1`, `run-retry-2`, …: a retry of a retry counts on. */
async function nextRetryId(client: DBOSClient, runId: string): Promise<string> {
  const stem = `${runId.replace(/-retry-\d+$/, '')}-retry-`
  const retries = await client.listWorkflows({ workflow_id_prefix: stem, loadInput: false, loadOutput: false })
  const numbers = retries.map(({ workflowID }) => Number(workflowID.slice(stem.length))).filter(Number.isSafeInteger)
  return `${stem}${Math.max(0, ...numbers) + 1}`
}

/** Has the unfinished runs that `parentId` began go on where each stopped, and those that they began. */
async function revive(client: DBOSClient, parentId: string): Promise<void> {
  const children = await client.listWorkflows({ parentWorkflowID: parentId, loadInput: false, loadOutput: false })
  for (const child of children.filter((run) => hasEnded(run) && run.status !== 'SUCCESS')) {
    await revive(client, child.workflowID)
    const flow = flowNamed(child.workflowName)
    const isInParentsPlace = flow === undefined || CATALOG[flow].queue === 'flows'
    await client.rewindWorkflow(child.workflowID, {
      startStep: await stoppedAt(client, child.workflowID),
      applicationVersion: flowsVersion(),
      ...(isInParentsPlace ? {} : { queueName: CATALOG[flow].queue }),
    })
  }
}

/** The place of the step that failed, or of the one after the last that was kept. */
async function stoppedAt(client: DBOSClient, runId: string): Promise<number> {
  const steps = (await client.listWorkflowSteps(runId)) ?? []
  const failed = steps.find(({ error }) => error !== null)
  return failed?.functionID ?? Math.max(-1, ...steps.map(({ functionID }) => functionID)) + 1
}

function hasEnded(run: WorkflowStatus): boolean {
  const { state } = recordOf(run)
  return state !== 'queued' && state !== 'running'
}
