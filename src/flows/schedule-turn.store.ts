import type { Pool } from 'pg'
import type { MissedRun } from '#alerts/missed-run.ts'
import type { Sql } from '#database/connection.client.ts'
import { inTransaction } from '#database/transaction.store.ts'
import { Fault } from '#domain/fault.ts'
import { nextOccurrence } from '#domain/occurrences.ts'
import type { EpochMs } from '#domain/units.ts'
import type { Timer } from '#sources/alpaca/timer.ts'
import { CATALOG } from './catalog.ts'
import { type DueRuns, dueRuns, withoutBegun } from './due-runs.ts'
import type { FlowName } from './flow-names.ts'
import type { Occasion, PlannedRun } from './plans.ts'
import type { RefusedRun } from './refused-run.ts'
import type { Runs } from './runs.ts'
import { type ScheduleRecord, scheduleOf } from './schedule-record.ts'
import { changePhrase, holdSchedule, keepSchedule, saveHandled, scheduleRecord } from './schedules.store.ts'

/** How many of a flow's newest runs are looked through for those that a killed process began without saying so. */
const NEWEST_RUNS = 200

export type SchedulingTerms = {
  readonly sql: Pool
  readonly runs: Pick<Runs, 'start' | 'find'>
  /** The run of a flow at an occurrence; the same occurrence gives the same id. A Fault refuses it for good. */
  readonly plan: (flow: FlowName, occasion: Occasion) => Promise<PlannedRun>
  readonly timer: Timer
  /** How much later than its instant a run may begin, and still counts as in time. */
  readonly graceMs: number
  /** Told of what nobody began in time, oldest first; more than once of the same when a process is killed meanwhile. */
  readonly onMissed: (missed: readonly MissedRun[]) => Promise<void>
  /** Told in the same way of what cannot be planned: it is passed over. */
  readonly onRefused: (refused: readonly RefusedRun[]) => Promise<void>
}

/** When a schedule has to be looked at again: `held` when another process is at it, undefined when it names nothing more. */
export type NextLook = EpochMs | 'held' | undefined

/**
 * Handles what is due of a flow's schedule, and answers when the next is. `newPhrase` comes into force once what the one before left open
 * has been handled; a schedule that is new begins now. Whoever is killed here before the end has moved nothing: the next to come begins the
 * same runs, of which those that have begun are not begun again.
 */
export async function handleSchedule(terms: SchedulingTerms, flow: FlowName, newPhrase: string | undefined): Promise<NextLook> {
  const { sql, timer } = terms
  const seen = await scheduleRecord(sql, flow)
  if (newPhrase === undefined || newPhrase === seen?.phrase) {
    const next = seen && nextOf(seen.phrase, seen.handledThrough)
    if (next === undefined || next > timer.now()) return next
  }
  return inTransaction(sql, (held) => handleHeld(held, terms, { flow, newPhrase }))
}

async function handleHeld(
  sql: Sql,
  terms: SchedulingTerms,
  { flow, newPhrase }: { readonly flow: FlowName; readonly newPhrase: string | undefined },
): Promise<NextLook> {
  if (newPhrase !== undefined) await keepSchedule(sql, flow, newPhrase, terms.timer.now())
  const record = await holdSchedule(sql, flow)
  if (record === undefined) return 'held'
  const now = terms.timer.now()
  const handledThrough = await handleDue(sql, terms, record)
  if (newPhrase === undefined || newPhrase === record.phrase) return nextOf(record.phrase, handledThrough)
  await changePhrase(sql, flow, newPhrase, now)
  return nextOf(newPhrase, now)
}

function nextOf(phrase: string, after: EpochMs): EpochMs | undefined {
  const schedule = scheduleOf({ phrase })
  return schedule && nextOccurrence(schedule, after)
}

/** Answers up to when the schedule has been handled. */
async function handleDue(sql: Sql, terms: SchedulingTerms, record: ScheduleRecord): Promise<EpochMs> {
  const { flow, handledThrough } = record
  const due = await dueOf(terms, record)
  if (due.handledThrough === handledThrough) return handledThrough
  const missed = due.missed.map((at) => ({ flow, scheduledFor: at, willRun: due.start.includes(at) }))
  // Before anything is begun: what was missed must not be told of after a later run has ended well, which makes it over.
  if (missed.length > 0) await terms.onMissed(missed)
  const { lastRun, refused } = await begin(terms, flow, due.start)
  if (refused.length > 0) await terms.onRefused(refused)
  await saveHandled(sql, { flow, handledThrough: due.handledThrough, lastRun })
  return due.handledThrough
}

async function dueOf({ runs, timer, graceMs }: SchedulingTerms, record: ScheduleRecord): Promise<DueRuns> {
  const { flow, handledThrough, pause } = record
  const schedule = scheduleOf(record)
  if (schedule === undefined) return { start: [], missed: [], handledThrough }
  const due = dueRuns({ schedule, policy: CATALOG[flow].missed, handledThrough, now: timer.now(), graceMs, pause })
  if (due.missed.length === 0) return due
  const begun = await runs.find({ flows: [flow], limit: NEWEST_RUNS })
  return withoutBegun(due, new Set(begun.flatMap(({ scheduledFor }) => scheduledFor ?? [])))
}

/** Begins the run of each occurrence, one after the other. */
async function begin(
  { runs, plan }: SchedulingTerms,
  flow: FlowName,
  occurrences: readonly EpochMs[],
): Promise<{ readonly lastRun: ScheduleRecord['lastRun']; readonly refused: readonly RefusedRun[] }> {
  let lastRun: ScheduleRecord['lastRun']
  const refused: RefusedRun[] = []
  for (const at of occurrences) {
    try {
      const planned = await plan(flow, { kind: 'scheduled', at })
      await runs.start({ flow, ...planned, cause: 'schedule', scheduledFor: at })
      lastRun = { id: planned.runId, at }
    } catch (cause) {
      // Anything but a Fault is trouble that may pass, and everything is tried again.
      if (!(cause instanceof Fault)) throw cause
      refused.push({ flow, scheduledFor: at, sentence: cause.message })
    }
  }
  return { lastRun, refused }
}
