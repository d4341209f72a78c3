import type { FlowRun, FlowView, LogLine, LogPage, QueueView, RunDetail, RunList, WorkerView } from './contract.ts'

/** What a flow is asked for, as its JSON schema says; what is left out has a default. */
export type FlowRequest = Readonly<Record<string, unknown>>

/** Which runs are looked for; what is left out does not matter. `since` and `until` bound their beginning, [since, until). */
export type RunSearch = {
  readonly flow?: string
  readonly states?: readonly FlowRun['state'][]
  readonly since?: number
  readonly until?: number
  readonly tag?: string
  readonly facts?: Readonly<Record<string, string>>
  /** Also the runs that other runs began. */
  readonly withChildren?: boolean
  readonly limit: number
  readonly offset?: number
}

/** A run that was asked for; `isNew` is false when the same one was begun before. */
export type Started = { readonly id: string; readonly isNew: boolean }

/**
 * What the API asks of the flows. Faults: FLOW_UNKNOWN and RUN_UNKNOWN for what there is not, a Fault of exit code 2 for
 * parameters that a flow does not take.
 */
export interface FlowControl {
  /** Every flow, in the order of its day. */
  flows(): Promise<readonly FlowView[]>
  flow(name: string): Promise<FlowView>
  /** With `isAgain` another run begins where the same one has been before. */
  start(name: string, request: FlowRequest, options?: { readonly isAgain: boolean }): Promise<Started>
  /** Lets a schedule rest or go on. Rejects with FLOW_UNSCHEDULED for a flow that has none. */
  setPaused(name: string, isPaused: boolean, by: string): Promise<FlowView>
  /** Begins a run for each occurrence from one date through another (YYYY-MM-DD); for a flow without schedule, for each session. */
  backfill(name: string, range: { readonly from: string; readonly through: string }, request: FlowRequest): Promise<Started[]>
  /** The runs that are queued or running and the newest that ended, newest first. */
  list(): Promise<readonly FlowRun[]>
  find(search: RunSearch): Promise<RunList>
  run(id: string): Promise<RunDetail>
  logs(id: string, page: LogPage): Promise<readonly LogLine[]>
  /** Ends a run and what it began; one that has ended stays as it ended. */
  cancel(id: string): Promise<void>
  /** Begins a run that takes over what came before a step and does the rest; from the step that failed, or the first, when none is named. */
  retry(id: string, place?: number): Promise<{ readonly id: string }>
  workers(): Promise<readonly WorkerView[]>
  queues(): Promise<readonly QueueView[]>
}
