import { z } from 'zod'
import { dateInNewYork, newYorkInstant, sessionDateFrom } from '#domain/calendar.ts'
import { type Outcome, ok, refuse } from '#domain/outcome.ts'
import { DAY_MS, type EpochMs, epochMs } from '#domain/units.ts'
import { HISTORY_STEPS_MS } from './equity-history.ts'
import type { Exchange } from './exchange.ts'
import { instantText } from './query-instant.ts'
import { malformed, type Refusal } from './refusal.ts'
import { wordsOf } from './wrong-form.ts'

const HistoryQuery = z.object({
  period: z
    .string()
    .regex(/^[1-9]\d{0,3}[DWMA]$/, 'period must be a number and one of D, W, M and A')
    .optional(),
  timeframe: z.enum(['1Min', '5Min', '15Min', '1H', '1D']).optional(),
  intraday_reporting: z.enum(['market_hours', 'extended_hours', 'continuous']).default('market_hours'),
  start: instantText.optional(),
  end: instantText.optional(),
  date_end: z.string().min(10).optional(),
  extended_hours: z.string().optional(),
  pnl_reset: z.enum(['per_day', 'no_reset']).default('per_day'),
  cashflow_types: z.string().optional(),
})
type HistoryQuery = z.infer<typeof HistoryQuery>

/**
 * The account's equity over a period, and its profit since the period began; within a day, per_day, since the close before.
 * Only minutes of sessions are known, so every `intraday_reporting` shows the same.
 */
export function portfolioHistoryAnswer(exchange: Exchange, query: unknown): Outcome<object, Refusal> {
  const parsed = HistoryQuery.safeParse(query)
  if (!parsed.success) return refuse(malformed(wordsOf(parsed.error)))
  const range = rangeOf(exchange, parsed.data)
  if (!range.ok) return range
  const { after, until } = range.value
  const { equity, createdAt } = exchange
  const timeframe = parsed.data.timeframe ?? timeframeFor(until - after)
  const series = equity.sampled(HISTORY_STEPS_MS[timeframe], range.value)
  const base = equity.valueBy(after)
  const isReset = parsed.data.pnl_reset === 'per_day' && timeframe !== '1D'
  const dayBases = new Map<string, number>()
  const baseAt = (at: number) => {
    if (!isReset) return base
    const date = dateInNewYork(epochMs(at))
    const known = dayBases.get(date) ?? equity.valueBy(newYorkInstant(date, '00:00'))
    dayBases.set(date, known)
    return known
  }
  const bases = series.at.map(baseAt)
  return ok({
    timestamp: series.at.map((at) => Math.floor(at / 1000)),
    equity: series.equity,
    profit_loss: series.equity.map((value, i) => value - bases[i]),
    profit_loss_pct: series.equity.map((value, i) => (bases[i] === 0 ? null : (value - bases[i]) / bases[i])),
    base_value: base,
    base_value_asof: dateInNewYork(epochMs(Math.max(after, createdAt))),
    timeframe,
    cashflow: {},
  })
}

type Range = { readonly after: number; readonly until: number }

/** `start`, `end` and `period`: two of them name the third; without any the last month. */
function rangeOf({ clock }: Exchange, query: HistoryQuery): Outcome<Range, Refusal> {
  const { start, end, period = '1M', date_end: dateEnd } = query
  const given = end?.getTime() ?? endOf(dateEnd)
  const until = Math.min(given ?? (start && query.period ? start.getTime() + lengthOf(query.period) : clock.now()), clock.now())
  const after = start?.getTime() ?? startOf(epochMs(until), period)
  if (Number.isNaN(until)) return refuse(malformed('date_end must be a date, YYYY-MM-DD'))
  return after < until || start === undefined ? ok({ after, until }) : refuse(malformed('start must be before end'))
}

function endOf(date: string | undefined): number | undefined {
  if (date === undefined) return undefined
  const named = sessionDateFrom(date.slice(0, 10))
  return named === undefined ? Number.NaN : newYorkInstant(named, '23:59')
}

/** Midnight in New York, so that `1D` is today. */
function startOf(until: EpochMs, period: string): number {
  if (Number.isNaN(until)) return Number.NaN
  const days = Math.round(lengthOf(period) / DAY_MS)
  return newYorkInstant(dateInNewYork(epochMs(until - (days - 1) * DAY_MS)), '00:00')
}

const PERIOD_DAYS: ReadonlyMap<string, number> = new Map([
  ['D', 1],
  ['W', 7],
  ['M', 30],
  ['A', 365],
])

function lengthOf(period: string): number {
  return Number(period.slice(0, -1)) * (PERIOD_DAYS.get(period.slice(-1)) ?? 1) * DAY_MS
}

/** Alpaca's: minutes below a week, quarters of an hour below a month, days beyond. */
function timeframeFor(lengthMs: number): keyof typeof HISTORY_STEPS_MS {
  if (lengthMs < 7 * DAY_MS) return '1Min'
  return lengthMs < 29 * DAY_MS ? '15Min' : '1D'
}
