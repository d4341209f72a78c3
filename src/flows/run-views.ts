/** A run as the engine knows it; instants are wall time, epoch ms. */
export type EngineRun = {
  readonly workflowID: string
  readonly workflowName: string
  readonly status: string
  readonly createdAt: number
  readonly updatedAt?: number | undefined
  readonly completedAt?: number | undefined
  readonly error?: unknown
}

/** How far a run has come. `total` is undefined while it is not known. */
export type Progress = {
  readonly done: number
  readonly total: number | undefined
  readonly unit: string
  readonly sentence: string
}

export type RunState = 'queued' | 'running' | 'done' | 'failed' | 'cancelled'

/** A run as people see it. */
export type RunView = {
  readonly id: string
  readonly name: string
  readonly state: RunState
  /** Wall time, epoch ms. */
  readonly startedAt: number
  readonly endedAt: number | null
  readonly progress: { readonly done: number; readonly total: number | null; readonly unit: string } | null
  readonly sentence: string
}

export function runView(status: EngineRun, progress: Progress | undefined): RunView {
  const state = stateOf(status.status)
  const isOver = state === 'done' || state === 'failed' || state === 'cancelled'
  return {
    id: status.workflowID,
    name: status.workflowName,
    state,
    startedAt: status.createdAt,
    endedAt: isOver ? (status.completedAt ?? status.updatedAt ?? status.createdAt) : null,
    progress:
      progress === undefined || isOver ? null : { done: progress.done, total: progress.total ?? null, unit: progress.unit },
    sentence: sentenceOf(state, status, progress),
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

function sentenceOf(state: RunState, { error }: EngineRun, progress: Progress | undefined): string {
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
      return error instanceof Error ? error.message : 'Failed'
    default:
      return state satisfies never
  }
}
