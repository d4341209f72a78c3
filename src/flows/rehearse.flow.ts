import { DBOSWorkflowConflictError } from '@dbos-inc/dbos-sdk'
import { startChild } from './child.flow.ts'
import { type DayParameters, dayOf, dayRunId, type RehearsalParameters } from './rehearsal.ts'
import type { StartOfDayParameters } from './start-of-day.flow.ts'
import { step } from './step.flow.ts'

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
  readonly startOfDay: (parameters: StartOfDayParameters) => Promise<string>
  readonly tradingSession: (day: DayParameters) => Promise<void>
}

/** Days of a recorded market, one after the other, each from its start-of-day to its close, in a book of their own. */
export const rehearse =
  (steps: RehearseSteps, { startOfDay, tradingSession }: DayFlows) =>
  async (parameters: RehearsalParameters): Promise<string> => {
    await step('open-book', () => steps.openBook(parameters))
    try {
      for (const date of parameters.days) {
        const day = dayOf(parameters, date)
        const facts = { book: day.book, day: date }
        const start = { flow: 'start-of-day', runId: dayRunId('start-of-day', day), facts } as const
        const made = await startChild(startOfDay, start, { day, preparation: { kind: 'stored' } })
        await made.getResult({ pollingIntervalMs: ASK_EVERY_MS })
        const session = { flow: 'trading-session', runId: dayRunId('trading-session', day), facts } as const
        await (await startChild(tradingSession, session, day)).getResult({ pollingIntervalMs: ASK_EVERY_MS })
      }
      return await step('close-book', () => steps.closeBook(parameters))
    } catch (cause) {
      // Another process goes on with the run: it is not over.
      if (cause instanceof DBOSWorkflowConflictError) throw cause
      // As a step it is not taken when the run was cancelled or this process is stopping: then nothing has failed.
      await step('abandon', () => steps.abandon(parameters))
      throw cause
    }
  }
