import type { BarTable } from './bars.ts'
import type { Symbol_ } from './symbol.ts'
import type { PriceColumn, SharesColumn } from './units.ts'

/** One bar of a table, with what only some sources tell: NaN for vwap (USD per share) and trades where they do not. */
export type TableRow = {
  readonly symbol: Symbol_
  readonly openedAt: number
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  readonly volumeShares: number
  readonly vwap: number
  readonly trades: number
}

/** A table of `rows` rows whose every number is still 0: for whoever fills it, column by column. */
export function blankTable(symbols: readonly Symbol_[], rows: number): BarTable {
  const column = () => new Float64Array(rows)
  return {
    symbols,
    symbolIndex: new Uint32Array(rows),
    openedAt: column(),
    open: column() as PriceColumn,
    high: column() as PriceColumn,
    low: column() as PriceColumn,
    close: column() as PriceColumn,
    volumeShares: column() as SharesColumn,
    vwap: column() as PriceColumn,
    trades: column(),
  }
}

/** The bars of a stream as a table, in their order. */
export function tableOfRows(bars: readonly TableRow[]): BarTable {
  const symbols: Symbol_[] = []
  const places = new Map<Symbol_, number>()
  for (const { symbol } of bars) {
    if (places.has(symbol)) continue
    places.set(symbol, symbols.length)
    symbols.push(symbol)
  }
  const table = blankTable(symbols, bars.length)
  bars.forEach((bar, i) => {
    table.symbolIndex[i] = places.get(bar.symbol) ?? 0
    table.openedAt[i] = bar.openedAt
    table.open[i] = bar.open
    table.high[i] = bar.high
    table.low[i] = bar.low
    table.close[i] = bar.close
    table.volumeShares[i] = bar.volumeShares
    table.vwap[i] = bar.vwap
    table.trades[i] = bar.trades
  })
  return table
}

/** The rows [from, until) of a table: views of its columns. */
export function rowsOfTable(table: BarTable, from: number, until: number): BarTable {
  return {
    symbols: table.symbols,
    symbolIndex: table.symbolIndex.subarray(from, until),
    openedAt: table.openedAt.subarray(from, until),
    open: table.open.subarray(from, until) as PriceColumn,
    high: table.high.subarray(from, until) as PriceColumn,
    low: table.low.subarray(from, until) as PriceColumn,
    close: table.close.subarray(from, until) as PriceColumn,
    volumeShares: table.volumeShares.subarray(from, until) as SharesColumn,
    vwap: table.vwap.subarray(from, until) as PriceColumn,
    trades: table.trades.subarray(from, until),
  }
}
