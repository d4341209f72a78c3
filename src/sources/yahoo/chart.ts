import { z } from 'zod'
import type { BarColumns } from '#domain/bars.ts'
import { dateInNewYork, sessionOn } from '#domain/calendar.ts'
import type { SessionDate } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { type EpochMs, epochMs, MINUTE_MS, type PriceColumn, type SharesColumn, type TimeColumn } from '#domain/units.ts'

const column = z.array(z.number().nullable())
const quote = z.object({ open: column, high: column, low: column, close: column, volume: column })
/** The library turns seconds into a Date where it knows the field. */
const seconds = z.union([z.number(), z.date().transform((at) => at.getTime() / 1000)])
const split = z.object({ date: seconds, numerator: z.number().positive(), denominator: z.number().positive() })

/** A chart as Yahoo sends it: instants in seconds and columns of the same length, null where nothing traded; no columns at all without a bar. */
export const chartWire = z
  .object({
    timestamp: z.array(z.number()).nullish(),
    indicators: z.object({ quote: z.array(quote.partial()) }),
    events: z.object({ splits: z.record(z.string(), split).nullish() }).nullish(),
  })
  .transform(({ timestamp, indicators, events }, context) => {
    const splits = Object.values(events?.splits ?? {}).map(({ date, numerator, denominator }) => ({
      effectiveOn: dateInNewYork(epochMs(date * 1000)),
      newPerOld: numerator / denominator,
    }))
    if (!timestamp) return { rows: [], splits }
    const parsed = quote.safeParse(indicators.quote[0])
    if (!parsed.success || Object.values(parsed.data).some((of) => of.length !== timestamp.length)) {
      context.addIssue({ code: 'custom', message: 'expected columns as long as the timestamps' })
      return z.NEVER
    }
    const { open, high, low, close, volume } = parsed.data
    const rows = timestamp.map((at, i) => ({
      at: at * 1000,
      open: open[i],
      high: high[i],
      low: low[i],
      close: close[i],
      volumeShares: volume[i],
    }))
    return { rows, splits }
  })

/** One row of a chart, with its instant in epoch ms. */
export type ChartRow = z.output<typeof chartWire>['rows'][number]

/** A split that Yahoo knows of: from the session of `effectiveOn` on, one old share is `newPerOld` new ones. */
export type YahooSplit = { readonly effectiveOn: SessionDate; readonly newPerOld: number }

/** Bars, and how many rows were left out: without a value, breaking a bar rule, or of a bar not over yet. */
export type YahooBars = { readonly bars: BarColumns; readonly droppedRows: number }

type Span = { readonly from: EpochMs; readonly until: EpochMs; readonly now: EpochMs }

/**
 * The 1-minute bars in rows that opened in [from, until). A row is dropped and counted when one of its values is null or no
 * price, when it does not stand on a minute (Yahoo's last row is the trade of the moment), and when its minute was not over at
 * `now`; a second row of the same minute is dropped too.
 */
export function minuteBarsFrom(symbol: Symbol_, rows: readonly ChartRow[], span: Span): YahooBars {
  return barsFrom(symbol, rows, {
    ...span,
    openingOf: ({ at }) => (at % MINUTE_MS === 0 && at + MINUTE_MS <= span.now ? epochMs(at) : undefined),
  })
}

/**
 * The daily bars in rows whose session opened in [from, until); each opens when its session does. A row is dropped and counted
 * when one of its values is null or no price, when its date is no session, and when its session was not over at `now`: Yahoo's
 * last row is the session under way.
 */
export function dailyBarsFrom(symbol: Symbol_, rows: readonly ChartRow[], span: Span): YahooBars {
  return barsFrom(symbol, rows, {
    ...span,
    openingOf: ({ at }) => {
      const session = sessionOn(dateInNewYork(epochMs(at)))
      return session && session.closesAt <= span.now ? session.opensAt : undefined
    },
  })
}

type Reading = Span & {
  /** When the row's bar opened; undefined when it is no finished bar. */
  readonly openingOf: (row: ChartRow) => EpochMs | undefined
}

function barsFrom(symbol: Symbol_, rows: readonly ChartRow[], { from, until, openingOf }: Reading): YahooBars {
  const opened = rows.map((row) => ({ row, at: openingOf(row) }))
  const inRange = opened
    .filter(({ row, at }) => from <= (at ?? row.at) && (at ?? row.at) < until)
    .sort((a, b) => a.row.at - b.row.at)
  const kept: CompleteRow[] = []
  for (const { row, at } of inRange) {
    if (at !== undefined && at !== kept.at(-1)?.at && isComplete(row) && keepsBarRules(row)) kept.push({ ...row, at })
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

/** What the table of bars demands of every bar; one bad row must not keep its company out. */
function keepsBarRules({ open, high, low, close, volumeShares }: CompleteRow): boolean {
  return low > 0 && low <= Math.min(open, close) && high >= Math.max(open, close) && volumeShares >= 0
}
