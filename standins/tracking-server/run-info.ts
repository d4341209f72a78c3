import type { RunStatus } from './run-requests.ts'
import type { KeyValue } from './wire.ts'

/** The facts of a run as the wire has them. */
export type RunInfo = {
  readonly run_id: string
  readonly run_uuid: string
  readonly run_name: string
  readonly experiment_id: string
  readonly user_id: string
  readonly status: RunStatus
  readonly start_time: number
  readonly end_time?: number
  readonly artifact_uri: string
  readonly lifecycle_stage: 'active' | 'deleted'
}

/** A run that has just begun: nothing is logged to it but its tags. */
export type NewlyMadeRun = {
  readonly info: RunInfo
  readonly data: { readonly tags: readonly KeyValue[] }
  readonly inputs: Record<string, never>
}
