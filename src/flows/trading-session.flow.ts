import { sessionOn } from '#domain/calendar.ts'
import { ticksOf } from '#domain/sessions.ts'
import type { EpochMs } from '#domain/units.ts'
import type { DayParameters } from './rehearsal.ts'
import type { Retries } from './retries.ts'
import { step } from './step.flow.ts'
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

/** A step whose venue breaks is tried again at one opened anew; what is stored until then is not gone through again. */
const AT_VENUES_OPENED_ANEW: Retries = { attempts: 4, firstMs: 100, factor: 2, when: isVenueBroken }

/** One session, tick by tick until its close: wait, decide, execute. At the close itself nothing is decided. */
export const tradingSession =
  (steps: TradingSessionSteps) =>
  async (day: DayParameters): Promise<void> => {
    const session = sessionOn(day.day)
    if (session === undefined) return
    try {
      for (const at of ticksOf(session, day.rules.signals.everyMinutes)) {
        if (at >= session.closesAt) break
        await step('await-tick', () => steps.awaitTick(day, at), AT_VENUES_OPENED_ANEW)
        const underWay = await step('decide', () => steps.decide(day, at))
        if (underWay > 0) await step('execute', () => steps.execute(day, at))
      }
      await step('await-tick', () => steps.awaitTick(day, session.closesAt), AT_VENUES_OPENED_ANEW)
      await step('settle', () => steps.settle(day))
    } finally {
      await steps.leave(day)
    }
  }
