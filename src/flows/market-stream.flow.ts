import type { Feed } from '#domain/bars.ts'
import type { Session } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import type { CollectorReport } from '#market/collector-report.ts'
import { step } from './step.flow.ts'

export type CollectionParameters = {
  readonly session: Session
  readonly symbols: readonly Symbol_[]
  readonly feed: Feed
}

export type MarketStreamSteps = {
  /** Collects until the session is over or the run is cancelled; begun anew it first asks for what is missing. */
  readonly collect: (parameters: CollectionParameters) => Promise<CollectorReport>
}

/** One session of 1-minute bars, from the market's stream. A run that was killed goes on in the next process. */
export const marketStream =
  (steps: MarketStreamSteps) =>
  (parameters: CollectionParameters): Promise<CollectorReport> =>
    step('collect', () => steps.collect(parameters))
