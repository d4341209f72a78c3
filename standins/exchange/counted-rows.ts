import type { TapeRows } from '#domain/tape.ts'
import { meanOfPrints, printsIn } from './derived-ticks.ts'
import { rowsAt, valuesAt } from './picked-rows.ts'

/** Rows [begin, end) with the number and mean price of their prints: entry k is of row begin + k. */
export type CountedRows = {
  readonly rows: TapeRows
  readonly begin: number
  readonly end: number
  readonly trades: Float64Array
  /** USD per share. */
  readonly vwap: Float64Array
}

/** Rows [begin, end) of a tape of minutes, counted as single bars are. */
export function countedRows(rows: TapeRows, begin: number, end: number): CountedRows {
  const { open, high, low, close, volumeShares } = rows
  const trades = new Float64Array(end - begin)
  const vwap = new Float64Array(end - begin)
  for (let i = begin; i < end; i++) {
    trades[i - begin] = printsIn(volumeShares[i])
    vwap[i - begin] = meanOfPrints(open[i] + high[i] + low[i], close[i], volumeShares[i])
  }
  return { rows, begin, end, trades, vwap }
}

/** The rows of `counted` for which `isKept` holds, copied; undefined when none is. */
export function pickedRows(counted: CountedRows, isKept: (i: number) => boolean): CountedRows | undefined {
  const { rows, begin, end, trades, vwap } = counted
  const kept: number[] = []
  for (let i = begin; i < end; i++) if (isKept(i)) kept.push(i)
  if (kept.length === 0) return undefined
  const places = kept.map((i) => i - begin)
  return {
    rows: rowsAt(rows, kept),
    begin: 0,
    end: kept.length,
    trades: valuesAt(trades, places),
    vwap: valuesAt(vwap, places),
  }
}
