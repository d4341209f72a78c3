import { step } from './step.flow.ts'

/** Until which instants what has ended is removed; what is younger is kept. */
export type HousekeepingParameters = {
  readonly now: number
  readonly logsBefore: number
  readonly runsBefore: number
  readonly alertsBefore: number
}

/** What was removed. */
export type Kept = { readonly logDays: number; readonly runs: number; readonly alerts: number }

export type HousekeepingSteps = {
  /** Makes room for the logs of the coming days. */
  readonly makeRoom: (parameters: HousekeepingParameters) => Promise<number>
  readonly dropLogDays: (parameters: HousekeepingParameters) => Promise<number>
  readonly deleteRuns: (parameters: HousekeepingParameters) => Promise<number>
  readonly deleteAlerts: (parameters: HousekeepingParameters) => Promise<number>
}

/** A partition is given up without waiting, and asked for again. */
const AGAIN = { attempts: 5, firstMs: 500, factor: 2 }

/** Makes room for what comes, and removes what is older than it is kept. Killed midway, the rest goes with the next one. */
export const housekeeping =
  (steps: HousekeepingSteps) =>
  async (parameters: HousekeepingParameters): Promise<Kept> => {
    await step('make-room', () => steps.makeRoom(parameters), AGAIN)
    return {
      logDays: await step('drop-log-days', () => steps.dropLogDays(parameters), AGAIN),
      runs: await step('delete-runs', () => steps.deleteRuns(parameters), AGAIN),
      alerts: await step('delete-alerts', () => steps.deleteAlerts(parameters), AGAIN),
    }
  }
