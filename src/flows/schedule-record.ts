import { nextOccurrence } from '#domain/occurrences.ts'
import { type Schedule, scheduleFrom } from '#domain/schedule.ts'
import type { EpochMs } from '#domain/units.ts'
import type { Pause } from './due-runs.ts'
import type { FlowName } from './flow-names.ts'

/** A flow's schedule as it is kept. */
export type ScheduleRecord = {
  readonly flow: FlowName
  /** The phrase in force; empty: it does not run by itself. */
  readonly phrase: string
  /** Occurrences up to this instant have been handled. */
  readonly handledThrough: EpochMs
  /** The last pause; its `until` is undefined while it goes on. */
  readonly pause: (Pause & { readonly by: string }) | undefined
  /** The run that it began last, and the occurrence that this was for. */
  readonly lastRun: { readonly id: string; readonly at: EpochMs } | undefined
}

/** What the phrase in force names; undefined for a flow that does not run by itself, or a phrase that another version wrote. */
export function scheduleOf({ phrase }: Pick<ScheduleRecord, 'phrase'>): Schedule | undefined {
  if (phrase === '') return undefined
  const read = scheduleFrom(phrase)
  return read.ok ? read.value : undefined
}

/** Whether a person has let it rest. */
export function isPaused({ pause }: Pick<ScheduleRecord, 'pause'>): boolean {
  return pause !== undefined && pause.until === undefined
}

/** The next `count` occurrences after `now`, ascending; none while it is paused, fewer where the calendar ends. */
export function nextRuns(record: ScheduleRecord, now: EpochMs, count: number): EpochMs[] {
  const schedule = scheduleOf(record)
  if (schedule === undefined || isPaused(record)) return []
  const next: EpochMs[] = []
  for (let at = nextOccurrence(schedule, now); at !== undefined && next.length < count; at = nextOccurrence(schedule, at)) {
    next.push(at)
  }
  return next
}
