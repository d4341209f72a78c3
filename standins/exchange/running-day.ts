import { newYorkInstant } from '#domain/calendar.ts'
import type { SessionDate } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import type { Listing, TapeRows } from '#domain/tape.ts'
import { epochMs } from '#domain/units.ts'
import type { CountedRows } from './counted-rows.ts'
import type { CountedBar } from './derived-ticks.ts'
import { valuesAt } from './picked-rows.ts'
import { toMicroDollar } from './rounding.ts'

/** The day so far and the day before of every listing, as the replay comes past their minutes. */
export type RunningDay = {
  /** Adds a minute's rows, which are later than all before. */
  readonly note: (minute: CountedRows) => void
  /** Begins the session of `date`: what has been today is the day before from now on. */
  readonly beginDay: (date: SessionDate) => void
  /** The day so far, stamped midnight in New York; the last day while nothing has traded since; undefined before the first bar. */
  readonly dayOf: (symbol: Symbol_) => CountedBar | undefined
  /** The last day with a trade before that of `dayOf`. */
  readonly dayBeforeOf: (symbol: Symbol_) => CountedBar | undefined
  /** The running days of the listings that traded in the minute, as rows in its order. */
  readonly rowsOf: (minute: CountedRows) => CountedRows
}

type Columns = Readonly<Record<'stamp' | 'open' | 'high' | 'low' | 'close' | 'volume' | 'trades' | 'paid', Float64Array>>

/** A listing that has not traded has NaN for a stamp. */
export function createRunningDay(listings: readonly Listing[]): RunningDay {
  const indexOf = new Map(listings.map(({ symbol }, i) => [symbol, i]))
  const days = emptyColumns(listings.length)
  const before = emptyColumns(listings.length)
  let midnight = Number.NaN
  const barAt = (columns: Columns, symbol: Symbol_): CountedBar | undefined => {
    const s = indexOf.get(symbol) ?? -1
    return s < 0 || Number.isNaN(columns.stamp[s]) ? undefined : barOf(columns, s, symbol)
  }
  return {
    note: ({ rows, begin, end, trades, vwap }) => {
      for (let i = begin; i < end; i++) {
        const s = rows.symbolIndex[i]
        if (days.stamp[s] !== midnight) startDay({ days, before }, s, { rows, i, midnight })
        days.high[s] = Math.max(days.high[s], rows.high[i])
        days.low[s] = Math.min(days.low[s], rows.low[i])
        days.close[s] = rows.close[i]
        days.volume[s] += rows.volumeShares[i]
        days.trades[s] += trades[i - begin]
        days.paid[s] += rows.volumeShares[i] * vwap[i - begin]
      }
    },
    beginDay: (date) => {
      midnight = newYorkInstant(date, '00:00')
    },
    dayOf: (symbol) => barAt(days, symbol),
    dayBeforeOf: (symbol) => barAt(before, symbol),
    rowsOf: ({ rows, begin, end }) => daysAt(days, rows.symbolIndex.subarray(begin, end)),
  }
}

function emptyColumns(length: number): Columns {
  const column = () => new Float64Array(length).fill(Number.NaN)
  return {
    stamp: column(),
    open: column(),
    high: column(),
    low: column(),
    close: column(),
    volume: column(),
    trades: column(),
    paid: column(),
  }
}

type First = { readonly rows: TapeRows; readonly i: number; readonly midnight: number }

/** Puts the listing's last day behind it and opens a new one with the row's open and nothing traded. */
function startDay({ days, before }: { days: Columns; before: Columns }, s: number, { rows, i, midnight }: First): void {
  for (const name of COLUMNS) before[name][s] = days[name][s]
  days.stamp[s] = midnight
  days.open[s] = rows.open[i]
  days.high[s] = rows.high[i]
  days.low[s] = rows.low[i]
  days.volume[s] = 0
  days.trades[s] = 0
  days.paid[s] = 0
}

const COLUMNS = ['stamp', 'open', 'high', 'low', 'close', 'volume', 'trades', 'paid'] as const

function vwapOf({ paid, volume, close }: Columns, s: number): number {
  return volume[s] > 0 ? toMicroDollar(paid[s] / volume[s]) : close[s]
}

function barOf(columns: Columns, s: number, symbol: Symbol_): CountedBar {
  return {
    symbol,
    openedAt: epochMs(columns.stamp[s]),
    open: columns.open[s],
    high: columns.high[s],
    low: columns.low[s],
    close: columns.close[s],
    volumeShares: columns.volume[s],
    trades: columns.trades[s],
    vwap: vwapOf(columns, s),
  }
}

function daysAt(days: Columns, symbolIndex: Uint16Array): CountedRows {
  const picked = (column: Float64Array) => valuesAt(column, symbolIndex)
  const rows = {
    symbolIndex,
    openedAt: picked(days.stamp),
    open: picked(days.open),
    high: picked(days.high),
    low: picked(days.low),
    close: picked(days.close),
    volumeShares: picked(days.volume),
  }
  const vwap = Float64Array.from(symbolIndex, (s) => vwapOf(days, s))
  return { rows, begin: 0, end: symbolIndex.length, trades: picked(days.trades), vwap }
}
