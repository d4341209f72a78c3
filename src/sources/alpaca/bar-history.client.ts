import { marketData } from '@alpacahq/alpaca-trade-api'
import type { BarColumns } from '#domain/bars.ts'
import { ok, refuse } from '#domain/outcome.ts'
import { type Symbol_, symbolFrom } from '#domain/symbol.ts'
import type { PriceColumn, SharesColumn, TimeColumn } from '#domain/units.ts'
import { unavailableFrom } from './failures.client.ts'
import type { BarHistory } from './history.ts'
import { type BarRow, barsPageWire, decoded, undecodable } from './wire.ts'

/** The most bars that Alpaca puts in one page, over all symbols of a question. */
const BARS_IN_A_PAGE = 10_000

/** Recorded bars over the market data REST API, page by page. No request is repeated by itself. */
export function historyOver(configuration: marketData.Configuration, feed: 'iex' | 'sip'): BarHistory {
  const stocks = new marketData.StockApi(configuration)
  return {
    minuteBars: async (symbols, from, until) => {
      if (symbols.length === 0 || until <= from) return ok(new Map())
      const question = {
        symbols: symbols.join(','),
        timeframe: '1Min',
        start: new Date(from),
        // Alpaca includes `end`, our ranges do not.
        end: new Date(until - 1),
        adjustment: 'raw',
        feed,
        limit: BARS_IN_A_PAGE,
      }
      try {
        return ok(columnsOf(await everyRow(stocks, question)))
      } catch (error) {
        return refuse(unavailableFrom(error, 'bars'))
      }
    },
  }
}

async function everyRow(stocks: marketData.StockApi, question: marketData.StockBarsRequest): Promise<Map<string, BarRow[]>> {
  const rows = new Map<string, BarRow[]>()
  let turn: { readonly pageToken?: string } | undefined = {}
  while (turn) {
    const page: { bars?: Record<string, BarRow[]> | null | undefined; nextPageToken?: string | null | undefined } = decoded(
      barsPageWire,
      await stocks.stockBars({ ...question, ...turn }),
      'a page of bars',
    )
    for (const [symbol, more] of Object.entries(page.bars ?? {})) rows.set(symbol, (rows.get(symbol) ?? []).concat(more))
    turn = typeof page.nextPageToken === 'string' ? { pageToken: page.nextPageToken } : undefined
  }
  return rows
}

function columnsOf(rows: ReadonlyMap<string, readonly BarRow[]>): Map<Symbol_, BarColumns> {
  const columns = new Map<Symbol_, BarColumns>()
  for (const [text, of] of rows) {
    const symbol = symbolFrom(text)
    const isAscending = of.every((row, i) => i === 0 || row.t > of[i - 1].t)
    if (!symbol || !isAscending)
      throw undecodable(`bars of ${text}`, symbol ? 'their instants do not ascend' : 'not a ticker', undefined)
    columns.set(symbol, {
      symbol,
      openedAt: Float64Array.from(of, (row) => row.t) as TimeColumn,
      open: Float64Array.from(of, (row) => row.o) as PriceColumn,
      high: Float64Array.from(of, (row) => row.h) as PriceColumn,
      low: Float64Array.from(of, (row) => row.l) as PriceColumn,
      close: Float64Array.from(of, (row) => row.c) as PriceColumn,
      volumeShares: Float64Array.from(of, (row) => row.v) as SharesColumn,
    })
  }
  return columns
}
