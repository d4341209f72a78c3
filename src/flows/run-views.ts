/** How far a run has come. `total` is undefined while it is not known. */
export type Progress = {
  readonly done: number
  readonly total: number | undefined
  readonly unit: string
  readonly sentence: string
}

export type RunState = 'queued' | 'running' | 'done' | 'failed' | 'cancelled'
