/**
 * Regular sessions of the New York Stock Exchange, 2007 to 2037. Every function throws Fault CALENDAR_OUT_OF_RANGE
 * where its answer would lie outside those years.
 */
import { closingsOf, FIRST_YEAR, halfDaysOf, LAST_YEAR, PUBLISHED_THROUGH, weekdaysOf } from './calendar-rules.ts'
import { wrongRequest } from './fault.ts'
import type { Session, SessionDate } from './sessions.ts'
import { DAY_MS, type EpochMs, epochMs } from './units.ts'

const NEW_YORK = 'America/New_York'
const DATE = /^\d{4}-\d{2}-\d{2}$/

type SessionYear = { readonly sessions: readonly Session[]; readonly byDate: ReadonlyMap<string, Session> }

const years = new Map<number, SessionYear>()

/** The date that `YYYY-MM-DD` names, or undefined when it is not written so or the month has no such day. Need not be a session. */
export function sessionDateFrom(text: string): SessionDate | undefined {
  if (!DATE.test(text)) return undefined
  const at = Date.parse(`${text}T00:00:00Z`)
  return !Number.isNaN(at) && utcDateOf(epochMs(at)) === text ? (text as SessionDate) : undefined
}

/** The instant at which New York's clocks show `time` (`HH:MM`) on `date`. */
export function newYorkInstant(date: SessionDate, time: string): EpochMs {
  return epochMs(Temporal.PlainDateTime.from(`${date}T${time}`).toZonedDateTime(NEW_YORK).epochMilliseconds)
}

/** The date on New York's calendars at `at`, trading day or not. */
export function dateInNewYork(at: EpochMs): SessionDate {
  return Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(NEW_YORK).toPlainDate().toString() as SessionDate
}

/** The session of `date`, or undefined on a weekend or holiday. */
export function sessionOn(date: SessionDate): Session | undefined {
  return yearOf(yearIn(date)).byDate.get(date)
}

/** Whether the exchange has not published yet if it trades on `date`: what is said of such a day follows from its standing rules. */
export function isProjected(date: SessionDate): boolean {
  return date > PUBLISHED_THROUGH
}

/** Sessions from `from` through `through`, both included, ascending; empty when `through` is earlier. */
export function sessionsBetween(from: SessionDate, through: SessionDate): Session[] {
  const sessions: Session[] = []
  for (let year = yearIn(from); year <= yearIn(through); year++) {
    sessions.push(...yearOf(year).sessions.filter((s) => from <= s.date && s.date <= through))
  }
  return sessions
}

/** The last `count` sessions before `date`, ascending, `date` itself left out. */
export function sessionsBefore(date: SessionDate, count: number): Session[] {
  let sessions: readonly Session[] = yearOf(yearIn(date)).sessions.filter((s) => s.date < date)
  for (let year = yearIn(date) - 1; sessions.length < count; year--) sessions = [...yearOf(year).sessions, ...sessions]
  return sessions.slice(sessions.length - count)
}

/** The session that opens next after `at`; one that opens exactly at `at` is not next. */
export function nextSession(at: EpochMs): Session {
  const year = utcYearOf(at)
  return yearOf(year).sessions.find((s) => s.opensAt > at) ?? firstOf(year + 1)
}

/** The session trading at `at`, or undefined. The close itself is outside. */
export function sessionAtInstant(at: EpochMs): Session | undefined {
  // New York's trading hours lie within one UTC day, 13:30 to 21:00, so the UTC date is the session's.
  const session = yearOf(utcYearOf(at)).byDate.get(utcDateOf(at))
  return session && session.opensAt <= at && at < session.closesAt ? session : undefined
}

/** The last session that has closed by `at`, one that closes exactly at `at` included. */
export function lastSessionClosedBy(at: EpochMs): Session {
  const year = utcYearOf(at)
  return yearOf(year).sessions.findLast((s) => s.closesAt <= at) ?? lastOf(year - 1)
}

function firstOf(year: number): Session {
  return yearOf(year).sessions[0]
}

function lastOf(year: number): Session {
  const { sessions } = yearOf(year)
  return sessions[sessions.length - 1]
}

function yearOf(year: number): SessionYear {
  const known = years.get(year)
  if (known) return known
  if (!(year >= FIRST_YEAR && year <= LAST_YEAR)) throw outOfRange(year)
  const sessions = sessionsOfYear(year)
  const made = { sessions, byDate: new Map(sessions.map((s) => [s.date, s])) }
  years.set(year, made)
  return made
}

function sessionsOfYear(year: number): Session[] {
  const closings = closingsOf(year)
  const halfDays = halfDaysOf(year)
  return weekdaysOf(year)
    .map((day) => day.toString() as SessionDate)
    .filter((date) => !closings.has(date))
    .map((date) => sessionOf(date, halfDays.has(date)))
}

function sessionOf(date: SessionDate, isHalfDay: boolean): Session {
  const closesAt = newYorkInstant(date, isHalfDay ? '13:00' : '16:00')
  return { date, opensAt: newYorkInstant(date, '09:30'), closesAt, isHalfDay }
}

function outOfRange(year: number): Error {
  return wrongRequest(
    'CALENDAR_OUT_OF_RANGE',
    `The trading calendar was asked for the year ${year}; it knows ${FIRST_YEAR} to ${LAST_YEAR}: ask for a day within them.`,
  )
}

function yearIn(date: SessionDate): number {
  return Number(date.slice(0, 4))
}

let utcDay = Number.NaN
let utcDate = ''

// Callers walk through time, so the last day's text is nearly always the one asked for.
function utcDateOf(at: EpochMs): string {
  const day = Math.floor(at / DAY_MS)
  if (day !== utcDay) {
    utcDay = day
    utcDate = new Date(day * DAY_MS).toISOString().slice(0, 10)
  }
  return utcDate
}

function utcYearOf(at: EpochMs): number {
  return Number(utcDateOf(at).slice(0, 4))
}
