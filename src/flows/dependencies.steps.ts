import type { Pool } from 'pg'
import { dateInNewYork } from '#domain/calendar.ts'
import { nextOccurrence } from '#domain/occurrences.ts'
import type { SessionDate } from '#domain/sessions.ts'
import { epochMs } from '#domain/units.ts'
import { passing, type Timer } from '#sources/alpaca/timer.ts'
import type { Dependency } from './catalog.ts'
import { type DependencyVerdict, dependencyVerdict } from './dependency-verdict.ts'
import type { FlowName } from './flow-names.ts'
import type { DependencySteps, RunTerms } from './gated.flow.ts'
import type { Runs } from './runs.ts'
import { isPaused, scheduleOf } from './schedule-record.ts'
import { scheduleRecord } from './schedules.store.ts'

/** How often a run that waits asks again. */
const ASK_EVERY_MS = 1_000
/** How long one step waits: short enough for a process that drains, long enough to keep few checkpoints. */
const STEP_MS = 10_000
/** The day's runs of a flow that are looked at, newest first: retries among them. */
const RUNS_OF_A_DAY = 20

export type DependencyCircumstances = {
  readonly sql: Pool
  readonly runs: Pick<Runs, 'find'>
  readonly timer: Timer
}

/** Looks at the runs that others wait for, in the process that carries the waiting run out. */
export function dependencySteps(circumstances: DependencyCircumstances): DependencySteps {
  const { timer } = circumstances
  return {
    look: async (dependency, terms, signal) => {
      for (const until = timer.now() + STEP_MS; ; ) {
        const verdict = await verdictNow(circumstances, dependency, terms)
        if (verdict.kind !== 'wait' || signal.aborted || timer.now() >= until) return verdict
        await passing(timer, ASK_EVERY_MS, signal)
      }
    },
  }
}

async function verdictNow(
  { sql, runs, timer }: DependencyCircumstances,
  dependency: Dependency,
  { day, facts, inTimeUntil }: RunTerms,
): Promise<DependencyVerdict> {
  // Before the runs: whoever handles an occurrence begins its run first and says so afterwards.
  const isExpected = await isStillToBegin(sql, dependency.flow, day)
  const ofDay = await runs.find({ flows: [dependency.flow], facts: { day, ...facts }, limit: RUNS_OF_A_DAY })
  return dependencyVerdict({ dependency, day, runs: ofDay, isExpected, now: timer.now(), inTimeUntil: epochMs(inTimeUntil) })
}

/** Whether the flow's schedule has an occurrence on the day that nobody has handled yet. */
async function isStillToBegin(sql: Pool, flow: FlowName, day: SessionDate): Promise<boolean> {
  const record = await scheduleRecord(sql, flow)
  const schedule = record && scheduleOf(record)
  if (record === undefined || schedule === undefined || isPaused(record)) return false
  const next = nextOccurrence(schedule, record.handledThrough)
  return next !== undefined && dateInNewYork(next) <= day
}
