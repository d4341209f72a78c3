import { z } from 'zod'
import type { BarColumns } from '#domain/bars.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { type EpochMs, MINUTE_MS, type PriceColumn, type SharesColumn, type TimeColumn } from '#domain/units.ts'

const column = z.array(z.number().nullable())
const quote = z.object({ open: column, high: column, low: column, close: column, volume: column })

/** A chart as Yahoo sends it: instants in seconds and columns of the same length, null where nothing traded; no columns at all without a bar. */
export const chartWire = z
  .object({ timestamp: z.array(z.number()).nullish(), indicators: z.object({ quote: z.array(quote.partial()) }) })
  .transform(({ timestamp, indicators }, context) => {
    if (!timestamp) return []
    const parsed = quote.safeParse(indicators.quote[0])
    if (!parsed.success || Object.values(parsed.data).some((of) => of.length !== timestamp.length)) {
      context.addIssue({ code: 'custom', message: 'expected columns as long as the timestamps' })
      return z.NEVER
    }
    const { open, high, low, close, volume } = parsed.data
    return timestamp.map((at, i) => ({
      at: at * 1000,
      open: open[i],
      high: high[i],
      low: low[i],
      close: close[i],
      volumeShares: volume[i],
    }))
  })

/** One row of a chart, with its instant in epoch ms. */
export type ChartRow = z.output<typeof chartWire>[number]

/** 1-minute bars, and how many rows were left out: without a value, between two minutes, or of a minute not over yet. */
export type YahooBars = { readonly bars: BarColumns; readonly droppedRows: number }

/**
 * The bars in rows that opened in [from, until). A row is dropped and counted when one of its values is null, when it does not
 * stand on a minute (Yahoo's last row is the trade of the moment), and when its minute was not over at `now`; a second row
 * of the same minute is dropped too.
 */
export function barsFromRows(
  symbol: Symbol_,
  rows: readonly ChartRow[],
  { from, until, now }: { readonly from: EpochMs; readonly until: EpochMs; readonly now: EpochMs },
): YahooBars {
  const inRange = rows.filter((row) => from <= row.at && row.at < until).sort((a, b) => a.at - b.at)
  const kept: CompleteRow[] = []
  for (const row of inRange) {
    const isOver = row.at % MINUTE_MS === 0 && row.at + MINUTE_MS <= now
    if (isOver && isComplete(row) && row.at !== kept.at(-1)?.at) kept.push(row)
  }
  return {
    bars: {
      symbol,
      openedAt: Float64Array.from(kept, (row) => row.at) as TimeColumn,
      open: Float64Array.from(kept, (row) => row.open) as PriceColumn,
      high: Float64Array.from(kept, (row) => row.high) as PriceColumn,
      low: Float64Array.from(kept, (row) => row.low) as PriceColumn,
      close: Float64Array.from(kept, (row) => row.close) as PriceColumn,
      volumeShares: Float64Array.from(kept, (row) => row.volumeShares) as SharesColumn,
    },
    droppedRows: inRange.length - kept.length,
  }
}

type CompleteRow = { readonly [Column in keyof ChartRow]: number }

function isComplete(row: ChartRow): row is CompleteRow {
  return Object.values(row).every((value) => value !== null)
}
