import type { WorkflowStatus } from '@dbos-inc/dbos-sdk'
import type { Progress } from './progress.store.ts'

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

export function runView(status: WorkflowStatus, progress: Progress | undefined): RunView {
  const state = stateOf(status.status)
  const isOver = state === 'done' || state === 'failed' || state === 'cancelled'
  return {
    id: status.workflowID,
    name: status.workflowName,
    state,
    startedAt: status.createdAt,
    endedAt: isOver ? (status.completedAt ?? status.updatedAt ?? status.createdAt) : null,
    progress: progress === undefined || isOver ? null : { done: progress.done, total: progress.total ?? null, unit: progress.unit },
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

function sentenceOf(state: RunState, { error }: WorkflowStatus, progress: Progress | undefined): string {
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
