import { z } from 'zod'
import { usdFrom } from '#domain/money.ts'
import { type Outcome, ok, refuse } from '#domain/outcome.ts'
import { type Session, sessionAt } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import type { EpochMs } from '#domain/units.ts'
import { HISTORY_STEPS_MS } from './equity-history.ts'
import type { Exchange } from './exchange.ts'
import { nextSessionAfter } from './hours.ts'
import type { Execution } from './ledger.ts'
import { offsetIsoOf, timeInNewYork, weekdaysAfter } from './new-york.ts'
import { availableShares, listingOf } from './orders-api.ts'
import { type Refusal, refusal } from './refusal.ts'
import { accountJson, activityIdOf, positionJson } from './trading-json.ts'

export function accountAnswer({ accountId, createdAt, ledger, model, latest, equity }: Exchange): object {
  return accountJson({ id: accountId, account: ledger.account(), model, latest, lastEquity: equity.atLastClose(), createdAt })
}

export function configurationAnswer({ model }: Exchange): object {
  return {
    dtbp_check: 'entry',
    pdt_check: 'entry',
    trade_confirm_email: 'none',
    suspend_trade: false,
    no_shorting: model.marginMultiplier <= 1,
    fractional_trading: false,
    max_margin_multiplier: String(model.marginMultiplier),
    max_options_trading_level: 0,
    ptp_no_exception_entry: false,
    disable_overnight_trading: true,
  }
}

export function positionsAnswer(exchange: Exchange): readonly object[] {
  return [...exchange.ledger.account().positions.keys()].sort().flatMap((symbol) => positionOf(exchange, symbol) ?? [])
}

export function positionAnswer(exchange: Exchange, symbolOrId: string): Outcome<object, Refusal> {
  const listing = listingOf(exchange, symbolOrId)
  const position = listing && positionOf(exchange, listing.symbol)
  return position ? ok(position) : refuse(refusal(404, 'position does not exist'))
}

function positionOf(exchange: Exchange, symbol: Symbol_): object | undefined {
  const listing = exchange.listings.get(symbol)
  const position = exchange.ledger.account().positions.get(symbol)
  return listing && position && positionJson(listing, position, exchange.latest, availableShares(exchange, symbol))
}

/** The market clock. After the last replayed session the next opening is told as the instant itself: none is known. */
export function clockAnswer({ clock, sessions }: Exchange): object {
  const now = clock.now()
  const session = sessionAt(sessions, now)
  const next = nextSessionAfter(sessions, now)
  return {
    timestamp: offsetIsoOf(now),
    is_open: session !== undefined,
    next_open: offsetIsoOf(next?.opensAt ?? now),
    next_close: offsetIsoOf(session?.closesAt ?? next?.closesAt ?? now),
  }
}

/** Trades settle two weekdays later until 27 May 2024, one since. */
const ONE_DAY_SETTLEMENT_SINCE = '2024-05-28'

function calendarDay({ date, opensAt, closesAt, isHalfDay }: Session): object {
  return {
    date,
    open: timeInNewYork(opensAt),
    close: timeInNewYork(closesAt),
    session_open: '0400',
    session_close: isHalfDay ? '1700' : '2000',
    settlement_date: weekdaysAfter(date, date < ONE_DAY_SETTLEMENT_SINCE ? 2 : 1),
  }
}

const CalendarQuery = z.object({ start: z.string().min(10).optional(), end: z.string().min(10).optional() })

/** The replayed sessions between two dates, both included; clients send dates or whole instants. */
export function calendarAnswer({ sessions }: Exchange, query: unknown): Outcome<readonly object[], Refusal> {
  const parsed = CalendarQuery.safeParse(query)
  if (!parsed.success) return refuse(refusal(422, 'start and end must be dates, YYYY-MM-DD'))
  const from = parsed.data.start?.slice(0, 10)
  const until = parsed.data.end?.slice(0, 10)
  const isAsked = ({ date }: Session) => (from === undefined || date >= from) && (until === undefined || date <= until)
  return ok(sessions.filter(isAsked).map(calendarDay))
}

const HistoryQuery = z.object({ timeframe: z.enum(['1Min', '5Min', '15Min', '1H', '1D']).default('1D') })

/** Equity since the account was opened; the period asked for is not cut out. */
export function portfolioHistoryAnswer({ equity, startingCash, createdAt }: Exchange, query: unknown): Outcome<object, Refusal> {
  const parsed = HistoryQuery.safeParse(query)
  if (!parsed.success) return refuse(refusal(422, 'timeframe must be 1Min, 5Min, 15Min, 1H or 1D'))
  const { timeframe } = parsed.data
  const series = equity.sampled(HISTORY_STEPS_MS[timeframe])
  const base = usdFrom(startingCash)
  return ok({
    timestamp: series.at.map((at) => Math.floor(at / 1000)),
    equity: series.equity,
    profit_loss: series.equity.map((value) => value - base),
    profit_loss_pct: series.equity.map((value) => value / base - 1),
    base_value: base,
    base_value_asof: new Date(createdAt).toISOString().slice(0, 10),
    timeframe,
    cashflow: {},
  })
}

const ActivityQuery = z.object({
  activity_types: z.string().optional(),
  after: z.coerce.date().optional(),
  until: z.coerce.date().optional(),
  direction: z.enum(['asc', 'desc']).default('desc'),
  page_size: z.coerce.number().int().min(1).max(100).default(100),
  page_token: z.string().optional(),
})

/** Executions, newest first unless the query says otherwise; `page_token` is the id of the last one on the page before. */
export function executionsAsked({ ledger }: Exchange, query: unknown): Outcome<readonly Execution[], Refusal> {
  const parsed = ActivityQuery.safeParse(query)
  if (!parsed.success) return refuse(refusal(422, z.prettifyError(parsed.error).replace(/\s+/g, ' ')))
  const { activity_types: types, after, until, direction, page_size: size, page_token: token } = parsed.data
  if (types !== undefined && !types.split(',').includes('FILL')) return ok([])
  const isBetween = (at: EpochMs) =>
    at > (after?.getTime() ?? Number.NEGATIVE_INFINITY) && at <= (until?.getTime() ?? Number.POSITIVE_INFINITY)
  const found = ledger.executions().filter(({ at }) => isBetween(at))
  const ordered = direction === 'desc' ? found.reverse() : found
  const begin = token === undefined ? 0 : ordered.findIndex((execution) => activityIdOf(execution) === token) + 1
  return ok(ordered.slice(begin, begin + size))
}
