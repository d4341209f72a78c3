import type { Pool } from 'pg'
import { raiseAlert, resolveAlert } from '#alerts/alerts.store.ts'
import type { BrokerUnavailable } from '#domain/broker.ts'
import { sessionsBetween } from '#domain/calendar.ts'
import { type Outcome, ok } from '#domain/outcome.ts'
import type { SessionDate } from '#domain/sessions.ts'
import type { EpochMs } from '#domain/units.ts'
import { type CalendarDifference, calendarDifferences, differenceText } from '#market/calendar-check.ts'
import type { ExchangeDirectory } from '#sources/alpaca/assets.ts'

export type CalendarCheck = {
  readonly from: SessionDate
  readonly through: SessionDate
  readonly differences: CalendarDifference[]
}

/** The alert of a calendar that differs. */
const DIFFERS = 'calendar-differs'

/** So many differences stand in an alert; the count of all stands before them. */
const TOLD = 5

/**
 * Compares our calendar with the exchange's from `from` through `through`. Differences are a critical alert until a
 * comparison finds none.
 */
export async function checkCalendar(
  { sql, directory }: { readonly sql: Pool; readonly directory: Pick<ExchangeDirectory, 'calendar'> },
  { from, through, at }: { readonly from: SessionDate; readonly through: SessionDate; readonly at: EpochMs },
): Promise<Outcome<CalendarCheck, BrokerUnavailable>> {
  const theirs = await directory.calendar(from, through)
  if (!theirs.ok) return theirs
  const differences = calendarDifferences(sessionsBetween(from, through), theirs.value)
  if (differences.length === 0) await resolveAlert(sql, DIFFERS, at)
  else
    await raiseAlert(sql, {
      key: DIFFERS,
      at,
      severity: 'critical',
      title: 'The trading calendar differs from the exchange’s',
      body: `${differences.length} ${differences.length === 1 ? 'day differs' : 'days differ'}. ${differences.slice(0, TOLD).map(differenceText).join(' ')}`,
    })
  return ok({ from, through, differences })
}
