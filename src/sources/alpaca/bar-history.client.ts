import { errors, marketData } from '@alpacahq/alpaca-trade-api'
import type { BarTable } from '#domain/bars.ts'
import { Fault } from '#domain/fault.ts'
import { ok, refuse } from '#domain/outcome.ts'
import { bySymbol, type Symbol_ } from '#domain/symbol.ts'
import { columnsOfPages, type DecodedPage, pageFrom, stampFrom, TIMEFRAME_ON_WIRE } from './bars-page.ts'
import { unavailableFrom } from './failures.client.ts'
import { type Governed, governedCalls } from './governed.client.ts'
import type { BarHistory, BarsCursor, BarsPage, BarsQuestion } from './history.ts'

/** The most bars that Alpaca puts in one page, over all symbols of a question. */
const BARS_IN_A_PAGE = 10_000
/** Who asks when the desk itself does. */
const DESK = 'desk'

/** Recorded bars over the market data REST API, page by page, within the account's rate. */
export function historyOver(configuration: marketData.Configuration, feed: 'iex' | 'sip', governed: Governed): BarHistory {
  const stocks = new marketData.StockApi(configuration)
  const { once, patiently } = governedCalls(governed)
  const ask = (question: BarsQuestion, pageToken: string | undefined, signal?: AbortSignal) => async () => {
    const { raw } = await stocks.stockBarsRaw(onWire(question, { feed, pageToken }), signal && { signal })
    // The vendor's own reading of a body costs ten times as much, for integers beyond 2^53 that bars do not have.
    return { headers: raw.headers, value: pageFrom(JSON.parse(await bodyOf(raw)), question.timeframe) }
  }
  return {
    feed,
    minuteBars: async (symbols, from, until) => {
      if (symbols.length === 0 || until <= from) return ok(new Map())
      const question: BarsQuestion = { symbols, timeframe: '1m', from, until, adjustment: 'raw' }
      try {
        const tables: BarTable[] = []
        let page: DecodedPage | undefined
        do {
          page = await once(DESK, ask(question, page?.nextPageToken))
          tables.push(page.table)
        } while (page.nextPageToken !== undefined)
        return ok(columnsOfPages(tables))
      } catch (error) {
        return refuse(unavailableFrom(error, 'bars'))
      }
    },
    page: async (question, cursor, asker) => {
      const asked = (first: Symbol_ | undefined, token: string | undefined) =>
        patiently(asker, ask(since(question, first), token, asker.signal))
      try {
        const page = await asked(cursor?.since, cursor?.pageToken).catch((error) => {
          asker.signal?.throwIfAborted()
          if (cursor === undefined || !isRefused(error)) throw error
          return undefined
        })
        if (page) return ok(pageOf(page, { since: cursor?.since, symbol: cursor?.symbol }))
        const first = cursor?.symbol
        return ok(pageOf(await asked(first, undefined), { since: first, symbol: first }))
      } catch (error) {
        asker.signal?.throwIfAborted()
        return refuse(unavailableFrom(error, 'bars'))
      }
    },
  }
}

/** What was answered, as text. A page in place of data, as hosts put up in front of what is down, is no answer. */
async function bodyOf(answer: Response): Promise<string> {
  const type = answer.headers.get('content-type') ?? ''
  if (type.includes('html')) throw new errors.FetchError(new Error('a page instead of data'), 'a page instead of data')
  try {
    return await answer.text()
  } catch (cause) {
    throw new errors.FetchError(cause instanceof Error ? cause : new Error(String(cause)), 'the answer broke off')
  }
}

/** Whether the exchange calls the question wrong, as it does when it does not know a page's token any more. */
function isRefused(error: unknown): boolean {
  try {
    unavailableFrom(error, 'bars')
    return false
  } catch (fault) {
    return fault instanceof Fault && fault.code === 'ALPACA_REQUEST_REFUSED'
  }
}

/** The question for its symbols from `first` on. */
function since(question: BarsQuestion, first: Symbol_ | undefined): BarsQuestion {
  const symbols = [...new Set(question.symbols)].sort(bySymbol)
  return { ...question, symbols: first === undefined ? symbols : symbols.filter((symbol) => symbol >= first) }
}

function onWire(
  { symbols, timeframe, from, until, adjustment }: BarsQuestion,
  { feed, pageToken }: { readonly feed: 'iex' | 'sip'; readonly pageToken: string | undefined },
): marketData.StockBarsRequest {
  return {
    symbols: symbols.join(','),
    timeframe: TIMEFRAME_ON_WIRE[timeframe],
    start: new Date(stampFrom(from, timeframe)),
    // Alpaca includes `end`, our ranges do not.
    end: new Date(stampFrom(until, timeframe) - 1),
    adjustment,
    feed,
    limit: BARS_IN_A_PAGE,
    ...(pageToken === undefined ? {} : { pageToken }),
  }
}

/** `asked`: the symbol from which on the question was asked, and the last one known to be answered. */
function pageOf({ table, nextPageToken: pageToken }: DecodedPage, asked: Pick<BarsCursor, 'since' | 'symbol'>): BarsPage {
  const symbol = table.symbols.at(-1) ?? asked.symbol
  return { table, next: pageToken === undefined ? undefined : { pageToken, since: asked.since, symbol } }
}
