import { DBOS } from '@dbos-inc/dbos-sdk'
import { sessionOn } from '#domain/calendar.ts'
import { ticksOf } from '#domain/sessions.ts'
import type { EpochMs } from '#domain/units.ts'
import type { DayParameters } from './rehearsal.ts'
import { isVenueBroken } from './venue.ts'

export type TradingSessionSteps = {
  /** Waits until the book's clock shows `at`, and takes in all that happened until then: bars, fills, equity. */
  readonly awaitTick: (day: DayParameters, at: EpochMs) => Promise<void>
  /** Makes and stores the tick's signals, what risk says of them and the orders intended; answers how many pair orders are under way. */
  readonly decide: (day: DayParameters, at: EpochMs) => Promise<number>
  /** Sends the intended orders, each once. */
  readonly execute: (day: DayParameters, at: EpochMs) => Promise<void>
  /** Ends the day after its close. */
  readonly settle: (day: DayParameters) => Promise<void>
  /** Frees what this process holds for the book: sockets, the exchange. Nothing durable, so it is no step. */
  readonly leave: (day: DayParameters) => Promise<void>
}

/** How often a step is tried whose venue breaks. What is stored until then is not gone through again. */
const TRIES = 4

/** Tries a step again at a venue opened anew. The last break is thrown as it is, so that a person reads its sentence. */
function atVenuesOpenedAnew() {
  let broken = 0
  const shouldRetry = (cause: unknown) => {
    broken++
    return isVenueBroken(cause) && broken < TRIES
  }
  return { retriesAllowed: true, maxAttempts: TRIES, intervalSeconds: 0.1, backoffRate: 2, shouldRetry }
}

/** One session, tick by tick until its close: wait, decide, execute. At the close itself nothing is decided. */
export const tradingSession =
  (steps: TradingSessionSteps) =>
  async (day: DayParameters): Promise<void> => {
    const session = sessionOn(day.day)
    if (session === undefined) return
    try {
      for (const at of ticksOf(session, day.rules.signals.everyMinutes)) {
        if (at >= session.closesAt) break
        await DBOS.runStep(() => steps.awaitTick(day, at), { name: 'await-tick', ...atVenuesOpenedAnew() })
        const underWay = await DBOS.runStep(() => steps.decide(day, at), { name: 'decide' })
        if (underWay > 0) await DBOS.runStep(() => steps.execute(day, at), { name: 'execute' })
      }
      await DBOS.runStep(() => steps.awaitTick(day, session.closesAt), { name: 'await-tick', ...atVenuesOpenedAnew() })
      await DBOS.runStep(() => steps.settle(day), { name: 'settle' })
    } finally {
      await steps.leave(day)
    }
  }
