import type { Pool } from 'pg'
import type { NewsArticle } from '#domain/news.ts'
import type { Outcome } from '#domain/outcome.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { DAY_MS, type EpochMs, epochMs } from '#domain/units.ts'
import { lastPublishedAt, saveArticles } from '#market/news.store.ts'
import { noteAnswer, noteUnavailable } from '#market/source-states.store.ts'
import type { AlpacaNews } from '#sources/alpaca/news.client.ts'
import type { NewsApi } from '#sources/newsapi/newsapi.client.ts'
import { type LoadNewsSteps, NEWS_SOURCES, type NewsLoaded } from './load-news.flow.ts'
import { runLog } from './run-log.flow.ts'
import { type Tell, tellOfRun } from './run-progress.steps.ts'

/** The first time so much is asked for; later what came out since, and a little before: sources put articles in late. */
const FIRST_MS = DAY_MS
const OVERLAP_MS = 2 * 3_600_000
const MOST_ARTICLES = 1000
/** A source that does not say when to come back is left alone for so long. */
const REST_MS = 15 * 60_000

export type NewsDependencies = {
  readonly sql: Pool
  /** Undefined: without keys. */
  readonly alpaca: AlpacaNews | undefined
  readonly newsApi: NewsApi | undefined
  readonly now: () => EpochMs
  readonly tell: Tell
}

type Answer = Outcome<readonly NewsArticle[], { readonly kind: string; readonly cause: string; readonly retryAfterMs: number }>
type Source = { readonly source: string; readonly ask: (from: EpochMs, until: EpochMs) => Promise<Answer> }

/** The flow's part of the work, one source after the other. */
export function loadNewsSteps(dependencies: Omit<NewsDependencies, 'tell'>): LoadNewsSteps {
  const { sql } = dependencies
  return {
    loadFrom: async ({ symbols }, name) => {
      const terms = { ...dependencies, tell: tellOfRun(sql, 'sources') }
      const source = sourcesOf(symbols, terms).find((one) => one.source === name)
      if (source === undefined) return undefined
      await terms.tell(NEWS_SOURCES.indexOf(name), NEWS_SOURCES.length, `Asking ${name}`)
      const loaded = await loadFrom(source, terms)
      if (loaded.kind === 'unavailable')
        await runLog(sql, 'load-news').warn(`${name} does not answer: ${loaded.cause}`, { until: loaded.until })
      return loaded
    },
  }
}

/**
 * Keeps what has been written about `symbols` since the last article of each source that there are keys for; one source's
 * failure does not keep another from being asked. Answers one entry a source. A second call keeps nothing twice.
 */
export async function loadNews(symbols: readonly Symbol_[], dependencies: NewsDependencies): Promise<NewsLoaded[]> {
  const sources = sourcesOf(symbols, dependencies)
  const results: NewsLoaded[] = []
  for (const [i, source] of sources.entries()) {
    await dependencies.tell(i, sources.length, `Asking ${source.source}`)
    results.push(await loadFrom(source, dependencies))
  }
  return results
}

async function loadFrom({ source, ask }: Source, { sql, now }: NewsDependencies): Promise<NewsLoaded> {
  const until = now()
  const last = await lastPublishedAt(sql, source)
  const told = await ask(epochMs(last === undefined ? until - FIRST_MS : last - OVERLAP_MS), until)
  if (!told.ok) {
    const resting = { until: epochMs(until + told.why.retryAfterMs), cause: told.why.cause }
    await noteUnavailable(sql, source, { at: until, ...resting })
    return { source, kind: 'unavailable', ...resting }
  }
  const kept = await saveArticles(sql, told.value, { source, receivedAt: now() })
  await noteAnswer(sql, source, now())
  return { source, kind: 'loaded', articles: told.value.length, new: kept }
}

function sourcesOf(symbols: readonly Symbol_[], { alpaca, newsApi }: NewsDependencies): Source[] {
  return [
    ...(alpaca === undefined ? [] : [{ source: 'alpaca', ask: alpacaAnswer(alpaca, symbols) }]),
    ...(newsApi === undefined ? [] : [{ source: 'newsapi', ask: newsApiAnswer(newsApi) }]),
  ]
}

function alpacaAnswer(alpaca: AlpacaNews, symbols: readonly Symbol_[]): Source['ask'] {
  return async (from, until) => {
    const told = await alpaca.articles(symbols, { from, until, limit: MOST_ARTICLES })
    if (told.ok) return told
    const { why } = told
    const retryAfterMs = why.kind === 'rate-limited' ? why.retryAfterMs : REST_MS
    return { ok: false, why: { kind: why.kind, cause: causeOf(why), retryAfterMs } }
  }
}

/** NewsAPI knows no tickers: it is asked for the business headlines of the day. */
function newsApiAnswer(newsApi: NewsApi): Source['ask'] {
  return async () => {
    const told = await newsApi.topHeadlines({ country: 'us', category: 'business' }, 100)
    if (told.ok) return { ok: true, value: told.value.articles }
    const { why } = told
    const retryAfterMs = why.kind === 'rate-limited' ? why.retryAfterMs : REST_MS
    return { ok: false, why: { kind: why.kind, cause: causeOf(why), retryAfterMs } }
  }
}

function causeOf(why: { readonly kind: string; readonly cause?: string; readonly message?: string }): string {
  return why.cause ?? why.message ?? why.kind
}
