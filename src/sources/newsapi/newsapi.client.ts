import type { z } from 'zod'
import type { NewsArticle } from '#domain/news.ts'
import { type Outcome, ok, refuse } from '#domain/outcome.ts'
import type { EpochMs } from '#domain/units.ts'
import { isReadable, pageWire, refusalWire } from './articles.ts'

/** Why there are no articles. All are ordinary: NewsAPI is an optional source. */
export type NewsApiRefused =
  /** The key is missing, wrong or disabled. */
  | { readonly kind: 'unauthorised'; readonly message: string }
  /** The plan's requests are used up: 100 a day on the free one. */
  | { readonly kind: 'rate-limited'; readonly message: string; readonly retryAfterMs: number }
  /** The question is wrong or beyond the plan; asking it again does not help. */
  | { readonly kind: 'refused'; readonly code: string; readonly message: string }
  /** No connection, no answer in time, or a failure of its own. */
  | { readonly kind: 'unreachable'; readonly cause: string }
  /** It answered, and not as its protocol says. */
  | { readonly kind: 'schema-changed'; readonly cause: string }

/** Articles without those that were taken down. `isWhole` is false when the plan gives fewer than there are. */
export type FoundArticles = {
  readonly articles: readonly NewsArticle[]
  readonly removed: number
  readonly isWhole: boolean
}

/** Which headlines; `country` and `category` do not go with `sources`, and one of the four must be given. */
export type HeadlineQuestion = {
  readonly country?: 'us'
  readonly category?: 'business' | 'entertainment' | 'general' | 'health' | 'science' | 'sports' | 'technology'
  readonly sources?: readonly string[]
  readonly q?: string
}

/** Which articles; one of `q` (at most 500 characters), `sources` (at most 20) and `domains` must be given. */
export type ArticleQuestion = {
  readonly q?: string
  readonly sources?: readonly string[]
  readonly domains?: readonly string[]
  readonly from?: EpochMs
  readonly until?: EpochMs
  readonly language?: string
}

export type NewsApi = {
  /** Headlines of the moment, newest first, at most `limit`. */
  readonly topHeadlines: (question: HeadlineQuestion, limit: number) => Promise<Outcome<FoundArticles, NewsApiRefused>>
  /** Articles by what is in them, newest first, at most `limit`. */
  readonly everything: (question: ArticleQuestion, limit: number) => Promise<Outcome<FoundArticles, NewsApiRefused>>
}

export type NewsApiOptions = {
  readonly url: string
  readonly key: string
  /** Until a request counts as unanswered. */
  readonly timeoutMs: number
}

const MOST_IN_A_PAGE = 100
/** The free plan counts by half a day; that long is waited where NewsAPI does not say. */
const RATE_WINDOW_MS = 12 * 3_600_000

type Page = z.output<typeof pageWire>

/** NewsAPI.org, version 2. The key goes in a header, so that no log of addresses has it. */
export function connectNewsApi(options: NewsApiOptions): NewsApi {
  return {
    topHeadlines: (question, limit) => everyPage(options, { path: '/v2/top-headlines', fields: fieldsOf(question), limit }),
    everything: ({ from, until, ...question }, limit) => {
      const span = { ...(from === undefined ? {} : { from: iso(from) }), ...(until === undefined ? {} : { to: iso(until) }) }
      return everyPage(options, { path: '/v2/everything', fields: { ...fieldsOf(question), ...span }, limit })
    },
  }
}

type Asked = { readonly path: string; readonly fields: Readonly<Record<string, string>>; readonly limit: number }

async function everyPage(
  options: NewsApiOptions,
  { path, fields, limit }: Asked,
): Promise<Outcome<FoundArticles, NewsApiRefused>> {
  const found: NewsArticle[] = []
  const pageSize = Math.min(limit, MOST_IN_A_PAGE)
  let total = Number.POSITIVE_INFINITY
  for (let page = 1; found.length < Math.min(limit, total); page++) {
    const told = await askPage(options, path, { ...fields, pageSize: String(pageSize), page: String(page) })
    if (!told.ok) {
      // Beyond what the plan gives there are no more pages for us; what came before them is good.
      if (told.why.kind === 'refused' && told.why.code === 'maximumResultsReached') break
      return told
    }
    found.push(...told.value.articles)
    total = told.value.totalResults
    if (told.value.articles.length === 0) break
  }
  const articles = found.slice(0, limit)
  const readable = articles.filter(isReadable)
  const isWhole = articles.length >= Math.min(limit, total)
  return ok({ articles: readable, removed: articles.length - readable.length, isWhole })
}

async function askPage(
  { url, key, timeoutMs }: NewsApiOptions,
  path: string,
  fields: Readonly<Record<string, string>>,
): Promise<Outcome<Page, NewsApiRefused>> {
  const address = new URL(`${path}?${new URLSearchParams(fields)}`, url)
  try {
    const response = await fetch(address, { headers: { 'X-Api-Key': key }, signal: AbortSignal.timeout(timeoutMs) })
    const body: unknown = await response.json().catch(() => undefined)
    if (!response.ok) return refuse(refusedFrom(response, body))
    const page = pageWire.safeParse(body)
    if (page.success) return ok(page.data)
    const [issue] = page.error.issues
    return refuse({ kind: 'schema-changed', cause: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not as expected'}` })
  } catch (cause) {
    return refuse({ kind: 'unreachable', cause: cause instanceof Error ? cause.message : String(cause) })
  }
}

function refusedFrom({ status, headers }: Response, body: unknown): NewsApiRefused {
  const said = refusalWire.safeParse(body)
  const { code, message } = said.success ? said.data : { code: String(status), message: `HTTP ${status}` }
  if (status === 401) return { kind: 'unauthorised', message }
  if (status === 429) {
    const waitSeconds = Number(headers.get('retry-after') ?? Number.NaN)
    return { kind: 'rate-limited', message, retryAfterMs: Number.isFinite(waitSeconds) ? waitSeconds * 1000 : RATE_WINDOW_MS }
  }
  if (status >= 500) return { kind: 'unreachable', cause: message }
  return { kind: 'refused', code, message }
}

function fieldsOf(question: Readonly<Record<string, string | readonly string[] | undefined>>): Record<string, string> {
  const given = Object.entries(question).filter(([, value]) => value !== undefined)
  return Object.fromEntries(given.map(([name, value]) => [name, typeof value === 'string' ? value : (value ?? []).join(',')]))
}

function iso(at: EpochMs): string {
  return new Date(at).toISOString().slice(0, 19)
}
