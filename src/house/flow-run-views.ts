import type { FlowRun, RunStep } from '#desk/flow-views.ts'
import type { EpochMs } from '#domain/units.ts'
import type { Progress } from '#flows/run-views.ts'
import type { RunRecord, StepRecord } from '#flows/runs.ts'

type Circumstances = {
  /** What the run last said of itself; undefined when it said nothing. */
  readonly progress: Progress | undefined
  /** Whether it ended without having begun, since what it waited for could not come in time. */
  readonly isSkipped: boolean
  readonly now: EpochMs
}

/** A run as people see it at `now`. */
export function flowRunView(run: RunRecord, { progress, isSkipped, now }: Circumstances): FlowRun {
  const { id, flow: name, state, facts, cause, attempts, isTimedOut, askedAt } = run
  const startedAt = run.startedAt ?? askedAt
  return {
    ...{ id, name, state, cause, attempts, isTimedOut, isSkipped, askedAt, startedAt },
    ...{ facts: { ...facts }, tags: [...run.tags] },
    endedAt: run.endedAt ?? null,
    scheduledFor: run.scheduledFor ?? null,
    queue: run.queue ?? null,
    worker: run.worker ?? null,
    parentId: run.parentId ?? null,
    retryOf: run.retryOf ?? null,
    progress: isUnderWay(run) && progress !== undefined ? progressView(progress, now - startedAt) : null,
    sentence: isSkipped ? reasonIn(run.result) : sentenceOf(run, progress),
  }
}

/** Why a run was skipped, as its answer says. */
function reasonIn(answer: unknown): string {
  const reason = typeof answer === 'object' && answer !== null && 'reason' in answer ? answer.reason : undefined
  return typeof reason === 'string' ? reason : 'What it waits for could not come in time'
}

/** Whether a run has not ended. */
export function isUnderWay({ state }: Pick<RunRecord, 'state'>): boolean {
  return state === 'queued' || state === 'running'
}

/** How far a run has come after `forMs`, how fast it went, and how long the rest takes at that rate. */
function progressView({ done, total, unit }: Progress, forMs: number): NonNullable<FlowRun['progress']> {
  const perSecond = done > 0 && forMs > 0 ? (done / forMs) * 1000 : null
  const leftMs = total === undefined || perSecond === null ? null : Math.max(0, ((total - done) / perSecond) * 1000)
  return { done, total: total ?? null, unit, perSecond, leftMs }
}

function sentenceOf({ state, failure, isTimedOut }: RunRecord, progress: Progress | undefined): string {
  if (isTimedOut) return 'Took longer than it may, and was ended'
  switch (state) {
    case 'queued':
      return 'Waiting for a free worker'
    case 'running':
      return progress?.sentence ?? 'Under way'
    case 'done':
      return 'Ended as planned'
    case 'cancelled':
      return 'Cancelled'
    case 'failed':
      return failure ?? 'Failed'
    default:
      return state satisfies never
  }
}

/** A step as people see it. One that began a run lasts as long as that run, `child`, and ends as it does. */
export function runStepView(step: StepRecord, child: RunRecord | undefined): RunStep {
  const { place, name, startedAt, childId } = step
  const { endedAt, failure } = child === undefined ? step : { endedAt: child.endedAt, failure: child.failure ?? step.failure }
  return {
    ...{ place, name },
    state: failure !== undefined ? 'failed' : endedAt === undefined ? 'running' : 'done',
    startedAt: startedAt ?? null,
    endedAt: endedAt ?? null,
    failure: failure ?? null,
    childId: childId ?? null,
  }
}

/** Where a run is retried from when nobody says: the step that failed, else what comes after all that is done; for a run that went well, its first. */
export function placeToRetryFrom({ state }: Pick<RunRecord, 'state'>, steps: readonly StepRecord[]): number {
  const first = steps.at(0)?.place ?? 0
  if (state === 'done') return first
  const failed = steps.find(({ failure }) => failure !== undefined)
  return failed?.place ?? (steps.at(-1)?.place ?? first - 1) + 1
}
