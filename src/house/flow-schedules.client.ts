import type { FlowSchedule } from '#desk/flow-views.ts'
import { newYorkInstant, sessionDateFrom, sessionsBetween } from '#domain/calendar.ts'
import { wrongRequest } from '#domain/fault.ts'
import { occurrencesBetween } from '#domain/occurrences.ts'
import type { SessionDate } from '#domain/sessions.ts'
import { type EpochMs, epochMs } from '#domain/units.ts'
import type { FlowName } from '#flows/flow-names.ts'
import { isPaused, nextRuns, type ScheduleRecord, scheduleOf } from '#flows/schedule-record.ts'
import { pauseSchedule, resumeSchedule, scheduleRecord, scheduleRecords } from '#flows/schedules.store.ts'
import type { FlowOffice } from './flow-office.client.ts'

const NEXT_RUNS = 6
const MIDNIGHT = '00:00'

/** The schedules of all flows that run by themselves. */
export async function schedules({ sql, now }: FlowOffice): Promise<ReadonlyMap<FlowName, FlowSchedule>> {
  const kept = (await scheduleRecords(sql)).filter(({ phrase }) => phrase !== '')
  return new Map(kept.map((record) => [record.flow, scheduleView(record, now())]))
}

function scheduleView(record: ScheduleRecord, now: EpochMs): FlowSchedule {
  const isResting = isPaused(record)
  return {
    phrase: record.phrase,
    isPaused: isResting,
    pausedBy: isResting ? (record.pause?.by ?? null) : null,
    next: nextRuns(record, now, NEXT_RUNS),
  }
}

/** Lets a schedule rest or go on; one that does so already stays. Throws FLOW_UNSCHEDULED for a flow without one. */
export async function setPaused(
  { sql, now }: FlowOffice,
  flow: FlowName,
  { isPaused: isResting, by }: { readonly isPaused: boolean; readonly by: string },
): Promise<void> {
  const record = await scheduleRecord(sql, flow)
  if (record === undefined || record.phrase === '')
    throw wrongRequest(
      'FLOW_UNSCHEDULED',
      `The flow ${flow} does not run by itself, so there is nothing to pause; the setting flows.schedules says which flows do.`,
    )
  if (isResting) await pauseSchedule(sql, flow, by, now())
  else await resumeSchedule(sql, flow, now())
}

/** Dates as they were written, both included. */
export type DayRange = { readonly from: string; readonly through: string }

/**
 * The occurrences of a flow on the days of a range; of one that does not run by itself, each session's close. Throws
 * DAY_UNREADABLE.
 */
export async function occurrencesIn({ sql }: FlowOffice, flow: FlowName, range: DayRange): Promise<readonly EpochMs[]> {
  const [from, through] = [dateFrom(range.from), dateFrom(range.through)]
  const record = await scheduleRecord(sql, flow)
  const schedule = record && scheduleOf(record)
  if (schedule === undefined) return sessionsBetween(from, through).map(({ closesAt }) => closesAt)
  const dayAfter = dateFrom(Temporal.PlainDate.from(through).add({ days: 1 }).toString())
  const [begins, ends] = [newYorkInstant(from, MIDNIGHT), newYorkInstant(dayAfter, MIDNIGHT)]
  return occurrencesBetween(schedule, epochMs(begins - 1), epochMs(ends - 1))
}

function dateFrom(text: string): SessionDate {
  const date = sessionDateFrom(text)
  if (date !== undefined) return date
  throw wrongRequest('DAY_UNREADABLE', `'${text}' is not a date; write it as YYYY-MM-DD.`)
}
