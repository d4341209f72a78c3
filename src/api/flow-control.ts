import type { FlowRun } from './contract.ts'

/**
 * What the API asks of the flows. `start` rejects with Fault FLOW_UNKNOWN for a name it does not know and with a Fault of
 * exit code 2 for parameters it does not take; `cancel` of a run that has ended does nothing.
 */
export interface FlowControl {
  start(name: string, parameters: Readonly<Record<string, unknown>>): Promise<{ readonly id: string }>
  /** The runs that are queued or running and the newest that ended, newest first. */
  list(): Promise<readonly FlowRun[]>
  cancel(id: string): Promise<void>
}
