import { dateInNewYork, newYorkInstant, sessionsBetween } from './calendar.ts'
import { FIRST_YEAR, LAST_YEAR } from './calendar-rules.ts'
import type { Schedule, WallTime } from './schedule.ts'
import { type Session, type SessionDate, ticksOf } from './sessions.ts'
import { DAY_MS, type EpochMs, epochMs, MINUTE_MS } from './units.ts'

const FIRST_DATE = `${FIRST_YEAR}-01-01` as SessionDate
const LAST_DATE = `${LAST_YEAR}-12-31` as SessionDate
/** Longer than the exchange ever stays shut in the calendar's years. */
const LOOK_AHEAD_MS = 14 * DAY_MS

/**
 * The instants in (after, through] at which `schedule` has something happen, ascending; none when `through` is not later.
 *
 * Times on trading days are wall time in New York and are not cut short by an early close. What is told from the open or the
 * close, and steps in session, follow the session, half days included. A daily time happens once on every date: one that the
 * clocks skip in spring happens as much later as they skip (02:30 at 03:30), one that they show twice in autumn happens the first
 * time. Outside the calendar's years, 2007 to 2037, nothing happens.
 */
export function occurrencesBetween(schedule: Schedule, after: EpochMs, through: EpochMs): EpochMs[] {
  if (!(after < through)) return []
  // An occurrence lies at most half a day from its date's session, so a day on either side is enough.
  const from = dateWithin(epochMs(after - DAY_MS))
  const until = dateWithin(epochMs(through + DAY_MS))
  return instantsOn(schedule, from, until).filter((at) => after < at && at <= through)
}

/** The first instant after `after` at which `schedule` has something happen; undefined when the calendar ends before. */
export function nextOccurrence(schedule: Schedule, after: EpochMs): EpochMs | undefined {
  // What is told from the last close may lie after its date.
  const end = newYorkInstant(LAST_DATE, '23:59') + DAY_MS
  for (let from = epochMs(Math.max(after, newYorkInstant(FIRST_DATE, '00:00') - 1)); from < end; ) {
    const until = epochMs(from + LOOK_AHEAD_MS)
    const [next] = occurrencesBetween(schedule, from, until)
    if (next !== undefined) return next
    from = until
  }
  return undefined
}

/** Ascending: sessions and dates are, and what is told from them keeps its distance. */
function instantsOn(schedule: Schedule, from: SessionDate, through: SessionDate): EpochMs[] {
  if (schedule.kind === 'daily') return datesBetween(from, through).map((date) => newYorkInstant(date, schedule.time))
  return sessionsBetween(from, through).flatMap((session) => instantsOfSession(schedule, session))
}

function instantsOfSession(schedule: Exclude<Schedule, { kind: 'daily' }>, session: Session): EpochMs[] {
  switch (schedule.kind) {
    case 'trading-days':
      return [newYorkInstant(session.date, schedule.time)]
    case 'session-edge': {
      const edge = schedule.edge === 'open' ? session.opensAt : session.closesAt
      return [epochMs(edge + schedule.offsetMinutes * MINUTE_MS)]
    }
    case 'in-session':
      return ticksOf(session, schedule.everyMinutes)
    case 'hourly':
      return hoursBetween(schedule.from, schedule.through).map((time) => newYorkInstant(session.date, time))
    default:
      return schedule satisfies never
  }
}

function hoursBetween(from: WallTime, through: WallTime): string[] {
  const [firstHour, minute] = [Number(from.slice(0, 2)), from.slice(2)]
  const hours = Array.from({ length: 24 - firstHour }, (_, i) => `${String(firstHour + i).padStart(2, '0')}${minute}`)
  return hours.filter((time) => time <= through)
}

function datesBetween(from: SessionDate, through: SessionDate): SessionDate[] {
  const dates: SessionDate[] = []
  for (let date = Temporal.PlainDate.from(from); ; date = date.add({ days: 1 })) {
    const text = date.toString() as SessionDate
    if (text > through) return dates
    dates.push(text)
  }
}

/** The date in New York at `at`, or the first or last that the calendar knows. */
function dateWithin(at: EpochMs): SessionDate {
  const date = dateInNewYork(at)
  if (date < FIRST_DATE) return FIRST_DATE
  return date > LAST_DATE ? LAST_DATE : date
}
