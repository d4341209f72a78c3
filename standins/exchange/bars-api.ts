import { z } from 'zod'
import type { Bar } from '#domain/bars.ts'
import { dateInNewYork, newYorkInstant, sessionDateFrom } from '#domain/calendar.ts'
import { type Outcome, ok, refuse } from '#domain/outcome.ts'
import { bySymbol, type Symbol_, symbolFrom } from '#domain/symbol.ts'
import { DAY_MS, type EpochMs, epochMs, instantFrom, isoFrom } from '#domain/units.ts'
import type { History } from './history.ts'
import { type Refusal, refusal } from './refusal.ts'
import { type BarSize, barSizeFrom } from './timeframe.ts'

/** What `/v2/stocks/bars` is asked. */
export type BarsRequest = {
  /** Ascending, each once. */
  readonly symbols: readonly Symbol_[]
  readonly size: BarSize
  readonly start: EpochMs
  readonly end: EpochMs
  readonly limit: number
  readonly isDescending: boolean
  /** Where the page before ended. */
  readonly after: { readonly symbol: string; readonly openedAt: number } | undefined
}

/** One page: bars by symbol in the order asked for, and the token of the next page. */
export type BarsPage = { readonly bars: ReadonlyMap<Symbol_, readonly Bar[]>; readonly nextPageToken: string | null }

const Query = z.object({
  timeframe: z.string(),
  start: z.string().optional(),
  end: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(10_000).default(1_000),
  sort: z.enum(['asc', 'desc']).default('asc'),
  page_token: z.string().optional(),
})

export function barJson(bar: Bar): object {
  return { t: isoFrom(bar.openedAt), o: bar.open, h: bar.high, l: bar.low, c: bar.close, v: bar.volumeShares }
}

/** The symbols of a comma list, ascending. */
export function symbolsFrom(list: string): Outcome<readonly Symbol_[], Refusal> {
  const texts = list.split(',').filter((text) => text !== '')
  const symbols = texts.map(symbolFrom).filter((symbol) => symbol !== undefined)
  if (symbols.length === 0 || symbols.length < texts.length) return refuse(refusal(400, `invalid symbol in ${list}`))
  return ok([...new Set(symbols)].sort(bySymbol))
}

/** The request that a query string makes at `now`: without a start the current day in New York, without an end up to now. */
export function barsRequestFrom(list: string, query: unknown, now: EpochMs): Outcome<BarsRequest, Refusal> {
  const symbols = symbolsFrom(list)
  if (!symbols.ok) return symbols
  const parsed = Query.safeParse(query)
  if (!parsed.success) return refuse(refusal(400, z.prettifyError(parsed.error).replace(/\s+/g, ' ')))
  const { timeframe, limit, sort, page_token: token } = parsed.data
  const size = barSizeFrom(timeframe)
  if (!size) return refuse(refusal(400, `invalid timeframe ${timeframe}: 1Min to 59Min, 1Hour to 23Hour and 1Day are offered`))
  const start = instantOf(parsed.data.start ?? dateInNewYork(now), 'first')
  const end = instantOf(parsed.data.end ?? isoFrom(now), 'last')
  if (start === undefined || end === undefined)
    return refuse(refusal(400, 'start and end must be RFC-3339 instants or YYYY-MM-DD'))
  if (start > end) return refuse(refusal(400, 'start should be before end'))
  const after = token === undefined ? undefined : decodeToken(token)
  if (token !== undefined && !after) return refuse(refusal(400, 'invalid page_token'))
  return ok({ symbols: symbols.value, size, start, end, limit, isDescending: sort === 'desc', after })
}

/** The page: by symbol, then by time, and never a bar that has not closed by `now`. */
export async function barsPage(history: History, request: BarsRequest, now: EpochMs): Promise<BarsPage> {
  const { after, limit, isDescending } = request
  const bars = new Map<Symbol_, readonly Bar[]>()
  let count = 0
  let last: Bar | undefined
  for (const symbol of request.symbols) {
    if (after && symbol < after.symbol) continue
    const all = await history({ symbol, size: request.size, from: request.start, until: request.end, now })
    const ordered = isDescending ? all.reverse() : all
    const isLeft = (bar: Bar) => (isDescending ? bar.openedAt < (after?.openedAt ?? 0) : bar.openedAt > (after?.openedAt ?? 0))
    const left = after?.symbol === symbol ? ordered.filter(isLeft) : ordered
    if (left.length === 0) continue
    if (last && count === limit) return { bars, nextPageToken: encodeToken(last) }
    const taken = left.slice(0, limit - count)
    bars.set(symbol, taken)
    count += taken.length
    last = taken.at(-1)
    if (last && taken.length < left.length) return { bars, nextPageToken: encodeToken(last) }
  }
  return { bars, nextPageToken: null }
}

/** A date alone means its whole day in New York. */
function instantOf(text: string, edge: 'first' | 'last'): EpochMs | undefined {
  const date = sessionDateFrom(text)
  if (date) return epochMs(newYorkInstant(date, '00:00') + (edge === 'last' ? DAY_MS - 1 : 0))
  try {
    return instantFrom(text)
  } catch {
    return undefined
  }
}

function encodeToken(bar: Bar): string {
  return Buffer.from(`${bar.symbol}|${bar.openedAt}`).toString('base64url')
}

function decodeToken(token: string): { readonly symbol: string; readonly openedAt: number } | undefined {
  const match = /^([^|]+)\|(\d+)$/.exec(Buffer.from(token, 'base64url').toString())
  const [, symbol, openedAt] = match ?? []
  return symbol === undefined ? undefined : { symbol, openedAt: Number(openedAt) }
}
