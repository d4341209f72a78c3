import { DBOS, type WorkflowHandle } from '@dbos-inc/dbos-sdk'
import { CATALOG } from './catalog.ts'
import type { FlowName } from './flow-names.ts'
import { attributesOf } from './run-records.ts'
import type { RunFacts } from './runs.ts'

/** A run that another run begins. The id is a business fact: one that was begun before is attached to. */
export type ChildStart = { readonly flow: FlowName; readonly runId: string; readonly facts: RunFacts }

/** The id of the run whose flow is under way. */
export function ownRunId(): string {
  const { workflowID } = DBOS
  if (workflowID === undefined) throw new RangeError('outside of a run there is no id of one')
  return workflowID
}

/**
 * Begins a run from within another, which is its parent, with its flow's timeout, on its flow's queue. One whose flow is on the
 * queue `flows` takes no place there: it runs in its parent's, and in its parent's process until that is lost. So whoever holds
 * a place waits only for runs on queues where nobody waits for others, and no number of waiting parents can hold up a child.
 */
export function startChild<P extends object, T>(
  callable: (parameters: P) => Promise<T>,
  { flow, runId, facts }: ChildStart,
  parameters: P,
): Promise<WorkflowHandle<T>> {
  const { queue, priority, timeoutMs } = CATALOG[flow]
  return DBOS.startWorkflow(callable, {
    workflowID: runId,
    timeoutMS: timeoutMs,
    workflowAttributes: { ...attributesOf({ flow, facts, cause: 'flow' }) },
    ...(queue === 'flows' ? {} : { queueName: queue, enqueueOptions: { priority } }),
  })(parameters)
}
