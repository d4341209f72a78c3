import { z } from 'zod'
import { type Outcome, ok, refuse } from '#domain/outcome.ts'
import { DAY_MS, type EpochMs, epochMs, isoFrom } from '#domain/units.ts'
import { type PageEnd, pageEndFrom, spanFrom, symbolsFrom, tokenOf, wrongQuery } from './data-query.ts'
import { flag } from './query-flag.ts'
import { type Refusal, refusal } from './refusal.ts'

/** A story as Alpaca's news has it. Nobody is shown it before `createdAt`. */
export type NewsStory = {
  readonly id: number
  readonly headline: string
  readonly author: string
  readonly source: string
  readonly summary: string
  readonly content: string
  readonly url: string | undefined
  readonly symbols: readonly string[]
  readonly images: readonly { readonly size: 'thumb' | 'small' | 'large'; readonly url: string }[]
  readonly createdAt: EpochMs
  readonly updatedAt: EpochMs
}

/** The stories that can be shown first at an instant of [from, until], ascending. */
export type Newswire = (from: EpochMs, until: EpochMs) => readonly NewsStory[]

/** A wire that carries `stories`, in whatever order they are. */
export function newswireOf(stories: readonly NewsStory[]): Newswire {
  const ascending = stories.toSorted((a, b) => shownAt(a) - shownAt(b) || a.id - b.id)
  return (from, until) => ascending.filter((story) => from <= shownAt(story) && shownAt(story) <= until)
}

const Query = z.object({
  symbols: z.string().optional(),
  start: z.string().optional(),
  end: z.string().optional(),
  sort: z.enum(['asc', 'desc']).default('desc'),
  limit: z.coerce.number().int().min(1).max(50).default(10),
  include_content: flag,
  exclude_contentless: flag,
  page_token: z.string().optional(),
})

/** One page of `/v1beta1/news` at `now`, by the time of the last update; without a start the last seven days. */
export function newsAnswer(wire: Newswire, query: unknown, now: EpochMs): Outcome<object, Refusal> {
  const parsed = Query.safeParse(query)
  if (!parsed.success) return refuse(wrongQuery(parsed.error))
  const { limit, sort, page_token: token, include_content: hasContent, exclude_contentless: isFull } = parsed.data
  const symbols = parsed.data.symbols === undefined ? undefined : symbolsFrom(parsed.data.symbols)
  if (symbols && !symbols.ok) return symbols
  const span = spanFrom(parsed.data, { start: epochMs(now - 7 * DAY_MS), end: now })
  if (!span.ok) return span
  const after = token === undefined ? undefined : pageEndFrom(token)
  if (token !== undefined && !after) return refuse(refusal(400, 'invalid page_token'))
  const { start, end } = span.value
  const isAsked = (story: NewsStory) =>
    start <= story.updatedAt &&
    story.updatedAt <= end &&
    (symbols === undefined || symbols.value.some((symbol) => story.symbols.includes(symbol))) &&
    !(isFull && story.content === '')
  // What was last updated at an instant can be shown from then on, or later.
  const ascending = wire(start, now).filter(isAsked).sort(byPlace)
  const found = sort === 'desc' ? ascending.reverse() : ascending
  // The token says where the last story shown stands, so that none that comes or goes in between moves anything.
  const left =
    after === undefined ? found : found.filter((story) => (sort === 'desc' ? -1 : 1) * byPlace(story, placeIn(after)) > 0)
  const page = left.slice(0, limit)
  const last = page.at(-1)
  const isLast = last === undefined || page.length === left.length
  return ok({
    news: page.map((story) => newsJson(story, hasContent)),
    next_page_token: isLast ? null : tokenOf({ symbol: String(last.id), key: last.updatedAt }),
  })
}

/** Where a story stands in time; a token says it of the last one shown. */
type Place = Pick<NewsStory, 'updatedAt' | 'id'>

function byPlace(a: Place, b: Place): number {
  return a.updatedAt - b.updatedAt || a.id - b.id
}

function placeIn({ symbol, key }: PageEnd): Place {
  return { updatedAt: epochMs(key), id: Number(symbol) }
}

/** When a story can be shown first. */
export function shownAt({ createdAt, updatedAt }: NewsStory): number {
  return Math.max(createdAt, updatedAt)
}

/** A story as the news API writes it. Its content only when it was asked for. */
function newsJson(story: NewsStory, hasContent: boolean): object {
  return { ...textOf(story), content: hasContent ? story.content : '', images: story.images, ...timesOf(story, isoFrom) }
}

/** A story as the news stream sends it; `instant` writes a time in the codec of the stream. */
export function newsFrame(story: NewsStory, instant: (at: EpochMs) => unknown): object {
  return { T: 'n', ...textOf(story), content: story.content, ...timesOf(story, instant) }
}

function textOf({ id, headline, author, source, summary, url, symbols }: NewsStory): object {
  return { id, headline, author, source, summary, url: url ?? null, symbols }
}

function timesOf({ createdAt, updatedAt }: NewsStory, instant: (at: EpochMs) => unknown): object {
  return { created_at: instant(createdAt), updated_at: instant(updatedAt) }
}
