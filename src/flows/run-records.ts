import { type EpochMs, epochMs } from '#domain/units.ts'
import { CATALOG } from './catalog.ts'
import { FLOWS, type FlowName, QUEUES, type QueueName } from './flow-names.ts'
import type { RunState } from './run-views.ts'
import type { RunCause, RunFacts, RunQuery, RunRecord, RunRequest, RunStart } from './runs.ts'

/** What is kept beside a run from its beginning on, for the search. */
export type RunAttributes = {
  /** Of its flow, as it was when the run began. */
  readonly revision: number
  readonly tags: readonly string[]
  readonly cause: RunCause
  readonly scheduledFor: EpochMs | null
  readonly facts: RunFacts
  readonly request: RunRequest
}

/** A run as the engine stores it. Instants are wall time, epoch ms. */
export type EngineRun = {
  readonly workflowID: string
  readonly status: string
  readonly workflowName: string
  readonly queueName?: string
  readonly input?: readonly unknown[]
  readonly output?: unknown
  readonly error?: unknown
  readonly executorId?: string
  readonly createdAt: number
  readonly updatedAt?: number
  readonly deadlineEpochMS?: number
  readonly dequeuedAt?: number
  readonly completedAt?: number
  readonly forkedFrom?: string
  readonly parentWorkflowID?: string
  readonly attributes?: Readonly<Record<string, unknown>>
  readonly recoveryAttempts?: number
}

/** The question that the engine understands. `until` is exclusive there too. */
export type EngineQuery = {
  readonly workflowName?: FlowName[]
  readonly status?: EngineState[]
  readonly startTime?: string
  readonly endTime?: string
  readonly attributes?: Record<string, unknown>
  readonly hasParent?: boolean
  readonly limit: number
  readonly offset?: number
  readonly sortDesc: boolean
}

type EngineState = 'ENQUEUED' | 'DELAYED' | 'PENDING' | 'SUCCESS' | 'ERROR' | 'CANCELLED' | 'MAX_RECOVERY_ATTEMPTS_EXCEEDED'

const ENGINE_STATES: Readonly<Record<RunState, readonly EngineState[]>> = {
  queued: ['ENQUEUED', 'DELAYED'],
  running: ['PENDING'],
  done: ['SUCCESS'],
  failed: ['ERROR', 'MAX_RECOVERY_ATTEMPTS_EXCEEDED'],
  cancelled: ['CANCELLED'],
}

/** The flow of this name, or undefined when this version has none. */
export function flowNamed(name: string | undefined): FlowName | undefined {
  return FLOWS.find((flow) => flow === name)
}

/** Steps that the engine takes by itself, in words of ours. */
const ENGINE_STEPS: Readonly<Record<string, string>> = {
  'DBOS.getResult': 'await-run',
  'DBOS.sleep': 'rest',
  'DBOS.now': 'look-at-clock',
}

/** The name of a step as it is shown. */
export function stepNamed(name: string): string {
  return ENGINE_STEPS[name] ?? name
}

/** What is kept beside the run that `start` begins. */
export function attributesOf({
  flow,
  facts,
  cause,
  request = {},
  scheduledFor,
}: Omit<RunStart, 'parameters' | 'runId'>): RunAttributes {
  const { revision, tags } = CATALOG[flow]
  return { revision, tags, cause, scheduledFor: scheduledFor ?? null, facts, request }
}

/** The engine's question for `query`, newest first. */
export function engineQuery({
  flows,
  states,
  since,
  until,
  tag,
  facts,
  withChildren = false,
  limit,
  offset,
}: RunQuery): EngineQuery {
  return {
    ...(flows === undefined ? {} : { workflowName: [...flows] }),
    ...(states === undefined ? {} : { status: states.flatMap((state) => ENGINE_STATES[state]) }),
    ...(since === undefined ? {} : { startTime: isoOf(since) }),
    ...(until === undefined ? {} : { endTime: isoOf(until - 1) }),
    ...(tag === undefined && facts === undefined ? {} : { attributes: containing(tag, facts) }),
    ...(withChildren ? {} : { hasParent: false }),
    ...(offset === undefined ? {} : { offset }),
    limit,
    sortDesc: true,
  }
}

function containing(tag: string | undefined, facts: RunFacts | undefined): Record<string, unknown> {
  return { ...(tag === undefined ? {} : { tags: [tag] }), ...(facts === undefined ? {} : { facts }) }
}

function isoOf(at: number): string {
  return new Date(at).toISOString()
}

/** A run in our words. Of one that an earlier version began little is known besides its parameters. */
export function recordOf(run: EngineRun): RunRecord {
  const state = stateOf(run.status)
  const attributes = attributesIn(run)
  return {
    id: run.workflowID,
    flow: run.workflowName,
    state,
    isTimedOut: state === 'cancelled' && run.deadlineEpochMS !== undefined && endOf(run) >= run.deadlineEpochMS,
    facts: attributes.facts,
    tags: attributes.tags,
    cause: run.forkedFrom === undefined ? attributes.cause : 'retry',
    scheduledFor: attributes.scheduledFor ?? undefined,
    queue: QUEUES.find((queue) => queue === run.queueName) ?? queueOf(run.workflowName),
    worker: state === 'queued' || run.executorId === '' ? undefined : run.executorId,
    attempts: run.recoveryAttempts ?? 0,
    parentId: run.parentWorkflowID,
    retryOf: run.forkedFrom,
    askedAt: epochMs(run.createdAt),
    startedAt: run.dequeuedAt === undefined ? undefined : epochMs(run.dequeuedAt),
    endedAt: state === 'queued' || state === 'running' ? undefined : epochMs(endOf(run)),
    request: attributes.request,
    parameters: run.input?.[0],
    result: run.output,
    failure: state === 'failed' ? failureOf(run) : undefined,
  }
}

function stateOf(status: string): RunState {
  switch (status) {
    case 'ENQUEUED':
    case 'DELAYED':
      return 'queued'
    case 'PENDING':
      return 'running'
    case 'SUCCESS':
      return 'done'
    case 'CANCELLED':
      return 'cancelled'
    default:
      return 'failed'
  }
}

function attributesIn({ workflowName, parentWorkflowID, attributes }: EngineRun): RunAttributes {
  const flow = flowNamed(workflowName)
  const unknown: RunAttributes = {
    revision: 0,
    tags: flow === undefined ? [] : CATALOG[flow].tags,
    cause: parentWorkflowID === undefined ? 'person' : 'flow',
    scheduledFor: null,
    facts: {},
    request: {},
  }
  // Whatever has attributes was begun with those of `attributesOf`.
  return { ...unknown, ...(attributes as Partial<RunAttributes> | undefined) }
}

function queueOf(name: string): QueueName | undefined {
  const flow = flowNamed(name)
  return flow === undefined ? undefined : CATALOG[flow].queue
}

function endOf({ completedAt, updatedAt, createdAt }: EngineRun): number {
  return completedAt ?? updatedAt ?? createdAt
}

function failureOf({ error, recoveryAttempts }: EngineRun): string {
  if (error instanceof Error) return error.message
  return `Its worker was lost ${recoveryAttempts ?? 0} times, each time it was begun`
}
