import { DBOS } from '@dbos-inc/dbos-sdk'
import { sessionOn } from '#domain/calendar.ts'
import { ticksOf } from '#domain/sessions.ts'
import type { EpochMs } from '#domain/units.ts'
import type { DayParameters } from './rehearsal.ts'

export type TradingSessionSteps = {
  /** Waits until the book's clock shows `at`, and takes in all that happened until then: bars, fills, equity. */
  readonly awaitTick: (day: DayParameters, at: EpochMs) => Promise<void>
  /** Makes and stores the tick's signals and what risk says of them. Answers the ids of the approvals. */
  readonly decide: (day: DayParameters, at: EpochMs) => Promise<readonly string[]>
  /** Writes, then sends, the orders of these approvals. */
  readonly execute: (day: DayParameters, at: EpochMs, approvals: readonly string[]) => Promise<void>
  /** Takes in what the close brought and settles the day. */
  readonly settle: (day: DayParameters) => Promise<void>
}

/** One session, tick by tick: wait, decide, execute. At the last tick the market closes, so nothing is decided there. */
export const tradingSession =
  (steps: TradingSessionSteps) =>
  async (day: DayParameters): Promise<void> => {
    const session = sessionOn(day.day)
    if (session === undefined) return
    for (const at of ticksOf(session, day.rules.signals.everyMinutes)) {
      await DBOS.runStep(() => steps.awaitTick(day, at), { name: 'await-tick' })
      if (at >= session.closesAt) continue
      const approvals = await DBOS.runStep(() => steps.decide(day, at), { name: 'decide' })
      if (approvals.length > 0) await DBOS.runStep(() => steps.execute(day, at, approvals), { name: 'execute' })
    }
    await DBOS.runStep(() => steps.settle(day), { name: 'settle' })
  }
