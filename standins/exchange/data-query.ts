import { z } from 'zod'
import { dateInNewYork, newYorkInstant, sessionDateFrom } from '#domain/calendar.ts'
import { FIRST_YEAR } from '#domain/calendar-rules.ts'
import { type Outcome, ok, refuse } from '#domain/outcome.ts'
import type { SessionDate } from '#domain/sessions.ts'
import { bySymbol, type Symbol_, symbolFrom } from '#domain/symbol.ts'
import { DAY_MS, type EpochMs, epochMs, instantFrom } from '#domain/units.ts'
import { type Refusal, refusal } from './refusal.ts'

/** The feeds that Alpaca's data API knows; which of them an exchange offers is said when it opens. */
const FEEDS = ['sip', 'iex', 'delayed_sip', 'boats', 'overnight', 'otc'] as const

/** What a question about a stretch of time asks, whatever it is about. */
export type RangeQuestion = {
  /** Ascending, each once. */
  readonly symbols: readonly Symbol_[]
  /** Both are included. */
  readonly start: EpochMs
  readonly end: EpochMs
  /** Most items of the answer, over all symbols. */
  readonly limit: number
  readonly isDescending: boolean
  /** Where the page before ended. */
  readonly after: PageEnd | undefined
}

/** The last item of a page: the next page begins behind it. */
export type PageEnd = { readonly symbol: string; readonly key: number }

const RangeQuery = z.object({
  start: z.string().optional(),
  end: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(10_000).default(1_000),
  sort: z.enum(['asc', 'desc']).default('asc'),
  page_token: z.string().optional(),
})

/** The symbols of a comma list, ascending, each once. */
export function symbolsFrom(list: string): Outcome<readonly Symbol_[], Refusal> {
  const texts = list.split(',').filter((text) => text !== '')
  if (texts.length === 0) return refuse(refusal(400, 'symbols is required'))
  const wrong = texts.find((text) => symbolFrom(text) === undefined)
  if (wrong !== undefined) return refuse(refusal(400, `invalid symbol: ${wrong}`))
  const symbols = texts.map(symbolFrom).filter((symbol) => symbol !== undefined)
  return ok([...new Set(symbols)].sort(bySymbol))
}

/** The symbol of a path, which is one. */
export function symbolIn(path: string): Outcome<readonly [Symbol_], Refusal> {
  const symbol = symbolFrom(path)
  return symbol === undefined ? refuse(refusal(400, `invalid symbol: ${path}`)) : ok([symbol])
}

/** Refuses a feed or currency that the exchange has not: 403 for a feed of Alpaca's, 400 for a word that is none. */
export function refusedFeed(
  query: { readonly feed?: unknown; readonly currency?: unknown },
  offered: string,
): Refusal | undefined {
  const { feed = offered, currency = 'USD' } = query
  if (currency !== 'USD') return refusal(400, `invalid currency: ${currency}; only USD is offered`)
  if (feed === offered) return undefined
  if (!FEEDS.some((known) => known === feed)) return refusal(400, `invalid feed: ${feed}`)
  return refusal(403, `subscription does not permit querying recent ${String(feed).toUpperCase()} data`)
}

/** The stretch that a query asks for at `now`: without a start the current day in New York, without an end up to now. */
export function rangeFrom(list: string, query: unknown, now: EpochMs): Outcome<RangeQuestion, Refusal> {
  const symbols = symbolsFrom(list)
  if (!symbols.ok) return symbols
  const parsed = RangeQuery.safeParse(query)
  if (!parsed.success) return refuse(wrongQuery(parsed.error))
  const { limit, sort, page_token: token } = parsed.data
  const span = spanFrom(parsed.data, { start: newYorkInstant(dateInNewYork(now), '00:00'), end: now })
  if (!span.ok) return span
  const after = token === undefined ? undefined : pageEndFrom(token)
  if (token !== undefined && !after) return refuse(refusal(400, 'invalid page_token'))
  return ok({ symbols: symbols.value, ...span.value, limit, isDescending: sort === 'desc', after })
}

type Span = { readonly start: EpochMs; readonly end: EpochMs }

/** Start and end as a query writes them, both included; `otherwise` is what is meant by one that is missing. */
export function spanFrom(
  query: { readonly start?: string | undefined; readonly end?: string | undefined },
  otherwise: Span,
): Outcome<Span, Refusal> {
  const start = query.start === undefined ? otherwise.start : instantOf(query.start, 'first')
  const end = query.end === undefined ? otherwise.end : instantOf(query.end, 'last')
  if (start === undefined) return refuse(refusal(400, `invalid start: ${query.start}; expected RFC-3339 or YYYY-MM-DD`))
  if (end === undefined) return refuse(refusal(400, `invalid end: ${query.end}; expected RFC-3339 or YYYY-MM-DD`))
  return spanWithin({ start, end }, query.start !== undefined)
}

/** Nothing is older than the calendar: whoever asks for all there is does not make anyone walk through the days before it. */
const EARLIEST = newYorkInstant(`${FIRST_YEAR}-01-01` as SessionDate, '00:00')

function spanWithin(asked: Span, isStartAsked: boolean): Outcome<Span, Refusal> {
  const start = epochMs(Math.max(asked.start, EARLIEST))
  const end = epochMs(Math.max(asked.end, EARLIEST))
  // A start that was not asked for may lie behind an end that was.
  if (start > end && !isStartAsked) return ok({ start: end, end })
  return asked.start > asked.end ? refuse(refusal(400, 'end should not be before start')) : ok({ start, end })
}

/** A query that is not of its schema's form, in Alpaca's words for it. */
export function wrongQuery(error: z.ZodError): Refusal {
  const [issue] = error.issues
  return refusal(400, `invalid ${issue?.path.join('.')}: ${issue?.message}`)
}

/** A date alone means its whole day in New York. A `+` that arrived as a space is one again. */
function instantOf(text: string, edge: 'first' | 'last'): EpochMs | undefined {
  const date = sessionDateFrom(text)
  if (date) return epochMs(newYorkInstant(date, '00:00') + (edge === 'last' ? DAY_MS - 1 : 0))
  try {
    return instantFrom(text.replace(/ (\d\d:?\d\d)$/, '+$1'))
  } catch {
    return undefined
  }
}

/** One page of items by symbol, in the order asked for, and the token of the next page. */
export type Page<Item> = { readonly items: ReadonlyMap<Symbol_, readonly Item[]>; readonly nextPageToken: string | null }

/**
 * A page of what `ascending` gives for each symbol in time: by symbol, then by time, at most `limit` in all. `keyOf` ascends
 * strictly within a symbol. A symbol without any is left out.
 */
export async function pageOf<Item>(
  { symbols, limit, isDescending, after }: RangeQuestion,
  ascending: (symbol: Symbol_) => Promise<readonly Item[]>,
  keyOf: (item: Item) => number,
): Promise<Page<Item>> {
  const items = new Map<Symbol_, readonly Item[]>()
  let count = 0
  let end: PageEnd | undefined
  const isLeft = (item: Item, key: number) => (isDescending ? keyOf(item) < key : keyOf(item) > key)
  for (const symbol of symbols) {
    if (after && symbol < after.symbol) continue
    const all = await ascending(symbol)
    const ordered = isDescending ? all.toReversed() : all
    const left = after?.symbol === symbol ? ordered.filter((item) => isLeft(item, after.key)) : ordered
    if (left.length === 0) continue
    if (end && count === limit) return { items, nextPageToken: tokenOf(end) }
    const taken = left.slice(0, limit - count)
    items.set(symbol, taken)
    count += taken.length
    const last = taken.at(-1)
    if (last !== undefined) end = { symbol, key: keyOf(last) }
    if (end && taken.length < left.length) return { items, nextPageToken: tokenOf(end) }
  }
  return { items, nextPageToken: null }
}

/** The opaque token of the page behind `end`. */
export function tokenOf({ symbol, key }: PageEnd): string {
  return Buffer.from(`${symbol}|${key}`).toString('base64url')
}

/** Where the page before ended, or undefined for a token that is none of ours. */
export function pageEndFrom(token: string): PageEnd | undefined {
  const [, symbol, key] = /^([^|]*)\|(\d+)$/.exec(Buffer.from(token, 'base64url').toString()) ?? []
  return symbol === undefined ? undefined : { symbol, key: Number(key) }
}
