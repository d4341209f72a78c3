import { z } from 'zod'
import { blankTable, rowsOfTable } from '#domain/bar-table.ts'
import type { BarColumns, BarTable, Timeframe } from '#domain/bars.ts'
import { dateInNewYork, newYorkInstant, nextSession, sessionOn } from '#domain/calendar.ts'
import { type Symbol_, symbolFrom } from '#domain/symbol.ts'
import { type EpochMs, epochMs, type PriceColumn, type SharesColumn, type TimeColumn } from '#domain/units.ts'
import { decoded, undecodable } from './wire.ts'

/** How Alpaca writes our timeframes. */
export const TIMEFRAME_ON_WIRE: Readonly<Record<Timeframe, string>> = {
  '1m': '1Min',
  '5m': '5Min',
  '15m': '15Min',
  '1h': '1Hour',
  '1d': '1Day',
}

const pageWire = z.object({
  bars: z.record(z.string(), z.array(z.unknown()).nullable()).nullish(),
  next_page_token: z.string().nullish(),
})

/** A page as it was sent: its bars by symbol, then time, and the token of the next. */
export type DecodedPage = { readonly table: BarTable; readonly nextPageToken: string | undefined }

/**
 * The page that a JSON body tells. A daily bar, which Alpaca stamps at midnight in New York, opens with its session here.
 * Throws ALPACA_ANSWER_UNDECODABLE, also for instants of one symbol that do not ascend.
 */
export function pageFrom(body: unknown, timeframe: Timeframe): DecodedPage {
  const { bars, next_page_token: token } = decoded(pageWire, body, 'a page of bars')
  const series = Object.entries(bars ?? {}).flatMap(([text, rows]) => (rows === null ? [] : [{ text, rows }]))
  const rows = series.reduce((sum, one) => sum + one.rows.length, 0)
  const table = blankTable(
    series.map(({ text }) => symbolFrom(text) ?? broken(text, 'not a ticker')),
    rows,
  )
  let at = 0
  series.forEach(({ text, rows: of }, s) => {
    for (const [i, row] of of.entries()) {
      fill(table, at, { row, text, timeframe })
      if (i > 0 && !(table.openedAt[at] > table.openedAt[at - 1])) throw broken(text, 'their instants do not ascend')
      table.symbolIndex[at++] = s
    }
  })
  return { table, nextPageToken: token === null || token === '' ? undefined : token }
}

/**
 * The columns of each symbol in pages that follow each other. Throws ALPACA_ANSWER_UNDECODABLE when a symbol's instants do not
 * ascend from one page to the next.
 */
export function columnsOfPages(pages: readonly BarTable[]): Map<Symbol_, BarColumns> {
  const parts = new Map<Symbol_, BarTable[]>()
  for (const page of pages) {
    for (let from = 0, until = 0; from < page.openedAt.length; from = until) {
      while (until < page.openedAt.length && page.symbolIndex[until] === page.symbolIndex[from]) until++
      const symbol = page.symbols[page.symbolIndex[from]]
      parts.set(symbol, [...(parts.get(symbol) ?? []), rowsOfTable(page, from, until)])
    }
  }
  return new Map([...parts].map(([symbol, of]) => [symbol, columnsFrom(symbol, of)]))
}

/** What to ask for so that the bars that open at `at` or later begin where the answer does: `at` itself but for daily bars. */
export function stampFrom(at: EpochMs, timeframe: Timeframe): EpochMs {
  return timeframe === '1d' ? newYorkInstant(nextSession(epochMs(at - 1)).date, '00:00') : at
}

type Sent = { readonly row: unknown; readonly text: string; readonly timeframe: Timeframe }

function fill(table: BarTable, at: number, { row, text, timeframe }: Sent): void {
  if (typeof row !== 'object' || row === null) throw broken(text, 'a bar that is no object')
  const field: Partial<Record<string, unknown>> = { ...row }
  table.openedAt[at] = openingFrom(field.t, text, timeframe)
  table.open[at] = numberFrom(field, 'o', text)
  table.high[at] = numberFrom(field, 'h', text)
  table.low[at] = numberFrom(field, 'l', text)
  table.close[at] = numberFrom(field, 'c', text)
  table.volumeShares[at] = numberFrom(field, 'v', text)
  table.vwap[at] = typeof field.vw === 'number' ? field.vw : Number.NaN
  table.trades[at] = typeof field.n === 'number' ? field.n : Number.NaN
}

function numberFrom(field: Partial<Record<string, unknown>>, name: string, text: string): number {
  const value = field[name]
  if (typeof value === 'number') return value
  throw broken(text, `${name}: expected a number`)
}

function openingFrom(value: unknown, text: string, timeframe: Timeframe): number {
  const at = typeof value === 'string' && /(Z|[+-]\d\d:\d\d)$/.test(value) ? Date.parse(value) : Number.NaN
  if (Number.isNaN(at)) throw broken(text, 't: expected an instant with its offset')
  if (timeframe !== '1d') return at
  const session = sessionOn(dateInNewYork(epochMs(at)))
  if (!session) throw broken(text, `a daily bar of ${value}, when the market is closed`)
  return session.opensAt
}

function broken(text: string, detail: string): never {
  throw undecodable(`bars of ${text}`, detail, undefined)
}

function columnsFrom(symbol: Symbol_, parts: readonly BarTable[]): BarColumns {
  const joined = (column: (part: BarTable) => Float64Array) => {
    const whole = new Float64Array(parts.reduce((sum, part) => sum + part.openedAt.length, 0))
    let at = 0
    for (const part of parts) {
      whole.set(column(part), at)
      at += part.openedAt.length
    }
    return whole
  }
  const openedAt = joined((part) => part.openedAt)
  if (openedAt.some((at, i) => i > 0 && at <= openedAt[i - 1])) throw broken(symbol, 'their instants do not ascend')
  return {
    symbol,
    openedAt: openedAt as TimeColumn,
    open: joined((part) => part.open) as PriceColumn,
    high: joined((part) => part.high) as PriceColumn,
    low: joined((part) => part.low) as PriceColumn,
    close: joined((part) => part.close) as PriceColumn,
    volumeShares: joined((part) => part.volumeShares) as SharesColumn,
  }
}
