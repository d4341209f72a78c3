import { DBOS, DBOSWorkflowConflictError } from '@dbos-inc/dbos-sdk'
import { type DayParameters, dayOf, dayRunId, type RehearsalParameters } from './rehearsal.ts'

/** How often a waiting flow asks whether a part of the day has ended: it may be in another process. */
const ASK_EVERY_MS = 100

export type RehearseSteps = {
  readonly openBook: (parameters: RehearsalParameters) => Promise<void>
  /** Reports on the book's days, makes its certificate and closes it. Answers the certificate's hash. */
  readonly closeBook: (parameters: RehearsalParameters) => Promise<string>
  /** Marks a book that did not come to its report; doing it again changes nothing. */
  readonly abandon: (parameters: RehearsalParameters) => Promise<void>
}

export type DayFlows = {
  readonly startOfDay: (day: DayParameters) => Promise<string>
  readonly tradingSession: (day: DayParameters) => Promise<void>
}

/** Days of a recorded market, one after the other, each from its start-of-day to its close, in a book of their own. */
export const rehearse =
  (steps: RehearseSteps, { startOfDay, tradingSession }: DayFlows) =>
  async (parameters: RehearsalParameters): Promise<string> => {
    await DBOS.runStep(() => steps.openBook(parameters), { name: 'open-book' })
    try {
      for (const date of parameters.days) {
        const day = dayOf(parameters, date)
        await (await DBOS.startWorkflow(startOfDay, { workflowID: dayRunId('start-of-day', day) })(day)).getResult({
          pollingIntervalMs: ASK_EVERY_MS,
        })
        await (await DBOS.startWorkflow(tradingSession, { workflowID: dayRunId('trading-session', day) })(day)).getResult({
          pollingIntervalMs: ASK_EVERY_MS,
        })
      }
      return await DBOS.runStep(() => steps.closeBook(parameters), { name: 'close-book' })
    } catch (cause) {
      // Another process goes on with the run: it is not over.
      if (cause instanceof DBOSWorkflowConflictError) throw cause
      // As a step it is not taken when the run was cancelled or this process is stopping: then nothing has failed.
      await DBOS.runStep(() => steps.abandon(parameters), { name: 'abandon' })
      throw cause
    }
  }
