import type { EpochMs } from '#domain/units.ts'
import type { FlowName, QueueName } from './flow-names.ts'
import type { RunState } from './run-views.ts'

/** What made a run begin. */
export type RunCause = 'person' | 'schedule' | 'backfill' | 'retry' | 'flow'

/** What runs can be searched by besides flow, state and time: symbol, sector, pair, day, book. Names in kebab case, values as text. */
export type RunFacts = Readonly<Record<string, string>>

/** What was asked for, field by field, before a plan made parameters of it. */
export type RunRequest = Readonly<Record<string, unknown>>

/** A run that is to begin. The id is a business fact (`end-of-day-2018-03-28`): the same one is never begun twice. */
export type RunStart = {
  readonly flow: FlowName
  readonly runId: string
  readonly parameters: object
  readonly facts: RunFacts
  readonly cause: RunCause
  /** The fields that it was asked for with; none unless given. */
  readonly request?: RunRequest
  /** The instant that a schedule named; undefined when none did. */
  readonly scheduledFor?: EpochMs
}

/** Which runs are looked for. What is left out does not matter. */
export type RunQuery = {
  readonly flows?: readonly FlowName[]
  readonly states?: readonly RunState[]
  /** Begun in [since, until). */
  readonly since?: EpochMs
  readonly until?: EpochMs
  readonly tag?: string
  readonly facts?: RunFacts
  /** Also the runs that other runs began. */
  readonly withChildren?: boolean
  readonly limit: number
  readonly offset?: number
}

/** A run as the engine knows it. Instants are wall time. */
export type RunRecord = {
  readonly id: string
  readonly flow: string
  readonly state: RunState
  /** Whether it took longer than its flow may. */
  readonly isTimedOut: boolean
  readonly facts: RunFacts
  readonly tags: readonly string[]
  readonly cause: RunCause
  readonly scheduledFor: EpochMs | undefined
  readonly queue: QueueName | undefined
  readonly worker: string | undefined
  /** How often it was begun: more than once when a worker was lost. */
  readonly attempts: number
  readonly parentId: string | undefined
  readonly retryOf: string | undefined
  readonly askedAt: EpochMs
  readonly startedAt: EpochMs | undefined
  readonly endedAt: EpochMs | undefined
  readonly request: RunRequest
  readonly parameters: unknown
  readonly result: unknown
  /** Why it failed, in words. */
  readonly failure: string | undefined
}

/** A step of a run, in the order in which they were begun. A run can be retried from its `place`. */
export type StepRecord = {
  readonly place: number
  readonly name: string
  readonly startedAt: EpochMs | undefined
  readonly endedAt: EpochMs | undefined
  readonly failure: string | undefined
  /** The run that this step began. */
  readonly childId: string | undefined
}

/** The runs of every process on one database: begun, found and ended from any of them, by a worker or by none. */
export type Runs = {
  /** Begins a run on its flow's queue; one of the same id is not begun again. */
  readonly start: (start: RunStart) => Promise<void>
  /** Newest first. */
  readonly find: (query: RunQuery) => Promise<RunRecord[]>
  readonly record: (runId: string) => Promise<RunRecord | undefined>
  readonly steps: (runId: string) => Promise<StepRecord[]>
  /** Waits for a run's end; throws what the run threw. */
  readonly result: <T>(runId: string) => Promise<T>
  /** Ends a run and what it began; a running step is told. One that has ended stays as it ended. */
  readonly cancel: (runId: string) => Promise<void>
  /** Begins a new run that takes over what came before step `place` and does the rest; answers its id. */
  readonly retryFrom: (runId: string, place: number) => Promise<string>
}
