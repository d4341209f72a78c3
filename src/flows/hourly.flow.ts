import type { Feed } from '#domain/bars.ts'
import type { Book } from '#domain/book.ts'
import type { SessionDate } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import type { EpochMs } from '#domain/units.ts'
import { ownRunId, startChild } from './child.flow.ts'
import type { NewsLoaded, NewsParameters } from './load-news.flow.ts'
import { failuresOf, requireNone, whatever } from './parts.flow.ts'
import { ASKED_OVER_NETWORK } from './retries.ts'
import { step } from './step.flow.ts'

export type HourlyParameters = {
  readonly day: SessionDate
  /** The instant that it is about: minutes of the day before it are looked at. */
  readonly at: EpochMs
  readonly feed: Feed
  readonly symbols: readonly Symbol_[]
  /** The account's book; undefined without an account. */
  readonly book: Book | undefined
}

export type HourlySteps = {
  /** Asks again for the day's minutes that are missing. */
  readonly repair: (parameters: HourlyParameters) => Promise<void>
  /** Keeps what the account is worth now, where there is one. */
  readonly snapshot: (parameters: HourlyParameters) => Promise<void>
  /** Keeps what is exposed, and how the correlation of the pairs that are held has moved. */
  readonly lookAtExposure: (parameters: HourlyParameters) => Promise<void>
}

export type HourlyFlows = { readonly loadNews: (parameters: NewsParameters) => Promise<readonly NewsLoaded[]> }

const ASK_EVERY_MS = 100

/** What is done every hour of a trading day. A part that fails keeps no other from being done; the run then fails, and names it. */
export const hourly =
  (steps: HourlySteps, { loadNews }: HourlyFlows) =>
  async (parameters: HourlyParameters): Promise<void> => {
    const { day, symbols } = parameters
    const news = { flow: 'load-news', runId: `${ownRunId()}-load-news`, facts: { day } } as const
    const parts = [
      await whatever('news', async () =>
        (await startChild(loadNews, news, { symbols })).getResult({ pollingIntervalMs: ASK_EVERY_MS }),
      ),
      await whatever('repair', () => step('repair', () => steps.repair(parameters), ASKED_OVER_NETWORK)),
      await whatever('portfolio', () => step('snapshot', () => steps.snapshot(parameters), ASKED_OVER_NETWORK)),
      await whatever('exposure', () => step('look-at-exposure', () => steps.lookAtExposure(parameters))),
    ]
    requireNone('hourly', failuresOf(parts))
  }
