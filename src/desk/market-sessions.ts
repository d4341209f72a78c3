import { isProjected, lastSessionClosedBy, nextSession, sessionAtInstant } from '#domain/calendar.ts'
import type { Session } from '#domain/sessions.ts'
import type { EpochMs } from '#domain/units.ts'
import type { SessionView } from './views.ts'

/**
 * The sessions that someone who looks at a clock around `at` asks about: the last one closed, the one trading if any,
 * and the next two; ascending. Throws Fault CALENDAR_OUT_OF_RANGE outside the calendar's years.
 */
export function sessionsAround(at: EpochMs): SessionView[] {
  const next = nextSession(at)
  const trading = sessionAtInstant(at)
  const sessions = [lastSessionClosedBy(at), ...(trading ? [trading] : []), next, nextSession(next.opensAt)]
  return sessions.map((session) => ({ ...session, isProjected: isProjected(session.date) }))
}

/** The session that a page shows the figures of at `at`: the one trading, else the last one closed. */
export function sessionShownAt(at: EpochMs): Session {
  return sessionAtInstant(at) ?? lastSessionClosedBy(at)
}
