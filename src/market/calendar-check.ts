import { isProjected } from '#domain/calendar.ts'
import type { Session, SessionDate } from '#domain/sessions.ts'
import type { ExchangeDay } from '#sources/alpaca/assets.ts'

/** A day on which our calendar and an exchange's say different things. Times are New York's; `shut` is no trading at all. */
export type CalendarDifference = {
  readonly date: SessionDate
  readonly ours: string
  readonly theirs: string
  /** The day's rules follow from the standing ones only, so that the exchange may well know better. */
  readonly isProjected: boolean
}

/** The days on which `ours` and `theirs` differ, ascending; both cover the same range of dates. */
export function calendarDifferences(ours: readonly Session[], theirs: readonly ExchangeDay[]): CalendarDifference[] {
  const known = new Map(ours.map((session) => [session.date, hoursOf(session)]))
  const told = new Map(theirs.map(({ date, opens, closes }) => [date, `${opens}–${closes}`]))
  const dates = [...new Set([...known.keys(), ...told.keys()])].sort()
  return dates.flatMap((date) => {
    const [mine, its] = [known.get(date) ?? 'shut', told.get(date) ?? 'shut']
    return mine === its ? [] : [{ date, ours: mine, theirs: its, isProjected: isProjected(date) }]
  })
}

/** One sentence a difference: `2026-11-27: our calendar says 09:30–13:00, the exchange 09:30–16:00.` */
export function differenceText({ date, ours, theirs, isProjected: isGuess }: CalendarDifference): string {
  return `${date}: our calendar says ${ours}${isGuess ? ' (projected)' : ''}, the exchange ${theirs}.`
}

function hoursOf({ isHalfDay }: Session): string {
  return isHalfDay ? '09:30–13:00' : '09:30–16:00'
}
