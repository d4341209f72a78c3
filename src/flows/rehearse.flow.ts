import { DBOS } from '@dbos-inc/dbos-sdk'
import { type DayParameters, dayOf, dayRunId, type RehearsalParameters } from './rehearsal.ts'

export type RehearseSteps = {
  readonly openBook: (parameters: RehearsalParameters) => Promise<void>
  /** Reports on the book's days, makes its certificate and closes it. Answers the certificate's hash. */
  readonly closeBook: (parameters: RehearsalParameters) => Promise<string>
  /** Marks a book that did not come to its report. Not a step, since a cancelled flow may take none; doing it again changes nothing. */
  readonly abandon: (parameters: RehearsalParameters) => Promise<void>
  /** Frees what this process holds for the book: sockets, the exchange. Nothing durable. */
  readonly release: (parameters: RehearsalParameters) => Promise<void>
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
        await (await DBOS.startWorkflow(startOfDay, { workflowID: dayRunId('start-of-day', day) })(day)).getResult()
        await (await DBOS.startWorkflow(tradingSession, { workflowID: dayRunId('trading-session', day) })(day)).getResult()
      }
      return await DBOS.runStep(() => steps.closeBook(parameters), { name: 'close-book' })
    } catch (cause) {
      await steps.abandon(parameters)
      throw cause
    } finally {
      await steps.release(parameters)
    }
  }
