import { z } from 'zod'
import { sessionDateFrom, sessionsBetween } from '#domain/calendar.ts'
import { FIRST_YEAR, LAST_YEAR } from '#domain/calendar-rules.ts'
import { type Outcome, ok, refuse } from '#domain/outcome.ts'
import { type Session, type SessionDate, sessionAt } from '#domain/sessions.ts'
import { type EpochMs, isoFrom } from '#domain/units.ts'
import type { Exchange } from './exchange.ts'
import { extendedHours, nextSessionAfter } from './hours.ts'
import { offsetIsoOf, timeInNewYork, weekdaysAfter } from './new-york.ts'
import { malformed, type Refusal, refusal } from './refusal.ts'

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

/** Trades settle three weekdays later until 1 September 2017, two until 24 May 2024, one since: the rule by the trade's date. */
const SETTLEMENT: readonly { readonly since: string; readonly days: number }[] = [
  { since: '2024-05-28', days: 1 },
  { since: '2017-09-05', days: 2 },
  { since: '', days: 3 },
]

function settlementOf(date: SessionDate): string {
  return weekdaysAfter(date, SETTLEMENT.find(({ since }) => date >= since)?.days ?? 1)
}

function calendarDay({ date, opensAt, closesAt, isHalfDay }: Session): object {
  return {
    date,
    open: timeInNewYork(opensAt),
    close: timeInNewYork(closesAt),
    session_open: '0400',
    session_close: isHalfDay ? '1700' : '2000',
    settlement_date: settlementOf(date),
  }
}

const CalendarQuery = z.object({
  start: z.string().min(10).optional(),
  end: z.string().min(10).optional(),
  date_type: z.enum(['TRADING', 'SETTLEMENT']).default('TRADING'),
})

/** Sessions between two dates, both included; clients send dates or whole instants. By settlement, those that settle then. */
export function calendarAnswer(exchange: Exchange, query: unknown): Outcome<readonly object[], Refusal> {
  const asked = datesAsked(query)
  if (!asked.ok) return asked
  return ok(daysAsked(exchange, asked.value).map(calendarDay))
}

type Asked = { readonly from: SessionDate; readonly until: SessionDate; readonly bySettlement: boolean }

function datesAsked(query: unknown): Outcome<Asked, Refusal> {
  const parsed = CalendarQuery.safeParse(query)
  const wrong = malformed('start and end must be dates, YYYY-MM-DD, and date_type TRADING or SETTLEMENT')
  if (!parsed.success) return refuse(wrong)
  const { start = `${FIRST_YEAR}-01-01`, end = `${LAST_YEAR}-12-31`, date_type: type } = parsed.data
  const [from, until] = [sessionDateFrom(start.slice(0, 10)), sessionDateFrom(end.slice(0, 10))]
  if (from === undefined || until === undefined) return refuse(wrong)
  if (from > until) return refuse(malformed('start must not be after end'))
  return ok({ from, until, bySettlement: type === 'SETTLEMENT' })
}

/** A trade settles within a week. */
const LONGEST_SETTLEMENT_DAYS = 7

function daysAsked({ sessions }: Exchange, { from, until, bySettlement }: Asked): readonly Session[] {
  const earliest = bySettlement ? dateBefore(from, LONGEST_SETTLEMENT_DAYS) : from
  const known = sessionsBetween(within(earliest), within(until))
  // What is replayed may differ from the calendar, on purpose.
  const replayed = new Map(sessions.map((session) => [session.date, session]))
  const days = known.map((session) => replayed.get(session.date) ?? session)
  return days.filter(({ date }) => {
    const counted = bySettlement ? settlementOf(date) : date
    return counted >= from && counted <= until
  })
}

function dateBefore(date: SessionDate, days: number): SessionDate {
  return Temporal.PlainDate.from(date).subtract({ days }).toString() as SessionDate
}

/** `date`, or the nearest one that the calendar knows. */
function within(date: SessionDate): SessionDate {
  const [first, last] = [`${FIRST_YEAR}-01-01` as SessionDate, `${LAST_YEAR}-12-31` as SessionDate]
  return date < first ? first : date > last ? last : date
}

const MARKETS: ReadonlyMap<string, object> = new Map([
  ['NYSE', { acronym: 'NYSE', mic: 'XNYS', name: 'New York Stock Exchange', timezone: 'America/New_York' }],
  ['NASDAQ', { acronym: 'NASDAQ', mic: 'XNAS', name: 'Nasdaq', timezone: 'America/New_York' }],
])

/** The newer clock of several markets; two are known here, on the same sessions. */
export function marketClocksAnswer(exchange: Exchange, query: Readonly<Record<string, string | undefined>>): object {
  const asked = query.markets?.split(',') ?? ['NYSE']
  const { clock, sessions } = exchange
  const now = clock.now()
  const next = nextSessionAfter(sessions, now)
  const running = sessionAt(sessions, now)
  const clocks = asked.flatMap((market) => {
    const known = MARKETS.get(market)
    if (known === undefined) return []
    return {
      market: known,
      timestamp: isoFrom(now),
      is_market_day: sessions.some((s) => extendedHours(s).from <= now && now < extendedHours(s).until),
      next_market_open: isoFrom(next?.opensAt ?? now),
      next_market_close: isoFrom(running?.closesAt ?? next?.closesAt ?? now),
      ...phaseAt(sessions, now),
    }
  })
  return { clocks }
}

function phaseAt(sessions: readonly Session[], now: EpochMs): { readonly phase: string; readonly phase_until: string } {
  const session = sessions.find((s) => now < extendedHours(s).until)
  if (session === undefined) return { phase: 'closed', phase_until: isoFrom(now) }
  const { from, until } = extendedHours(session)
  const phases: readonly (readonly [EpochMs, string])[] = [
    [from, 'closed'],
    [session.opensAt, 'pre'],
    [session.closesAt, 'core'],
  ]
  const [ends, phase] = phases.find(([end]) => now < end) ?? ([until, 'post'] as const)
  return { phase, phase_until: isoFrom(ends) }
}

/** The newer calendar of one market. */
export function marketCalendarAnswer(exchange: Exchange, market: string, query: unknown): Outcome<object, Refusal> {
  const known = MARKETS.get(market)
  if (known === undefined) return refuse(refusal(404, `market not found for ${market}`))
  const asked = datesAsked(query)
  if (!asked.ok) return asked
  const calendar = daysAsked(exchange, asked.value).map((session) => ({
    date: session.date,
    core_start: isoFrom(session.opensAt),
    core_end: isoFrom(session.closesAt),
    pre_start: isoFrom(extendedHours(session).from),
    pre_end: isoFrom(session.opensAt),
    post_start: isoFrom(session.closesAt),
    post_end: isoFrom(extendedHours(session).until),
    settlement_date: settlementOf(session.date),
  }))
  return ok({ market: known, calendar })
}
