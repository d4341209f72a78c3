import type { Book } from '#domain/book.ts'
import type { SessionDate } from '#domain/sessions.ts'
import { type EpochMs, epochMs, MINUTE_MS } from '#domain/units.ts'
import type { Skipped } from './gated.flow.ts'
import type { Retries } from './retries.ts'
import { step } from './step.flow.ts'

/** One instant of an account's book at which signals are made. */
export type SignalsParameters = { readonly book: Book; readonly day: SessionDate; readonly at: EpochMs }

/** What became of an instant. `underWay`: pair orders that have not ended. */
export type Decided = { readonly underWay: number } & (
  | {
      readonly kind: 'decided'
      /** How many signals there are of the instant. */
      readonly signals: number
      /** Orders are looked after until then: the next instant's run goes on with them. */
      readonly followUntil: EpochMs
    }
  | { readonly kind: 'skipped'; readonly reason: string }
)

export type SignalsSteps = {
  /** Waits until everything before the instant is known: bars, fills, equity. */
  readonly awaitTick: (parameters: SignalsParameters) => Promise<void>
  /** Makes and keeps the signals, what risk says of them and the orders intended; once, and not when it is too late for it. */
  readonly decide: (parameters: SignalsParameters) => Promise<Decided>
  /** Sends the intended orders, each once; answers how many pair orders are under way. */
  readonly execute: (parameters: SignalsParameters) => Promise<number>
  /** Waits for the minute that ends at `until` and does what follows from its fills; answers how many pair orders are under way. */
  readonly follow: (parameters: SignalsParameters, until: EpochMs) => Promise<number>
}

/** What a run of signals answers when it was not skipped. */
export type SignalsMade = { readonly kind: 'made'; readonly signals: number; readonly underWay: number }

/** Seconds matter: again after about 0.3, 0.6 and 1.2 s. */
const SOON: Retries = { attempts: 4, firstMs: 300, factor: 2 }

/** The signals of one instant: wait, decide, execute, and look after the orders minute by minute until they end. */
export const signals =
  (steps: SignalsSteps) =>
  async (parameters: SignalsParameters): Promise<SignalsMade | Skipped> => {
    await step('await-tick', () => steps.awaitTick(parameters), SOON)
    const decided = await step('decide', () => steps.decide(parameters), SOON)
    let { underWay } = decided
    if (underWay > 0) underWay = await step('execute', () => steps.execute(parameters), SOON)
    if (decided.kind === 'skipped') return { kind: 'skipped', reason: decided.reason }
    for (let until = minuteAfter(parameters.at); underWay > 0 && until <= decided.followUntil; until = minuteAfter(until)) {
      const minute = until
      underWay = await step('follow', () => steps.follow(parameters, minute), SOON)
    }
    return { kind: 'made', signals: decided.signals, underWay }
  }

function minuteAfter(at: EpochMs): EpochMs {
  return epochMs(at + MINUTE_MS)
}
