import { Fault } from '#domain/fault.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { type EpochMs, isoFrom } from '#domain/units.ts'
import { step } from './step.flow.ts'

export type NewsParameters = { readonly symbols: readonly Symbol_[] }

export const NEWS_SOURCES = ['alpaca', 'newsapi'] as const
export type NewsSource = (typeof NEWS_SOURCES)[number]

/** What became of one source. */
export type NewsLoaded =
  | { readonly source: string; readonly kind: 'loaded'; readonly articles: number; readonly new: number }
  | { readonly source: string; readonly kind: 'unavailable'; readonly until: EpochMs; readonly cause: string }

export type LoadNewsSteps = {
  /** Asks one source for what came out since its last article; undefined without its key. */
  readonly loadFrom: (parameters: NewsParameters, source: NewsSource) => Promise<NewsLoaded | undefined>
}

/** News, source by source; one's silence does not keep another from being asked. Throws SOURCE_UNAVAILABLE when none answers. */
export const loadNewsOfSources =
  (steps: LoadNewsSteps) =>
  async (parameters: NewsParameters): Promise<readonly NewsLoaded[]> => {
    const loaded: NewsLoaded[] = []
    for (const source of NEWS_SOURCES) {
      const one = await step('load-news', () => steps.loadFrom(parameters, source))
      if (one !== undefined) loaded.push(one)
    }
    const silent = loaded.flatMap((one) => (one.kind === 'unavailable' ? [one] : []))
    if (silent.length === 0 || silent.length < loaded.length) return loaded
    const said = silent.map(({ source, until, cause }) => `${source} does not answer before ${isoFrom(until)} (${cause})`)
    throw new Fault('SOURCE_UNAVAILABLE', `No news was loaded: ${said.join('; ')}.`)
  }
