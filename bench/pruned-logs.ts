import type pg from 'pg'
import type { Database } from '#database/connection.client.ts'
import { ensurePartitions } from '#database/partitions.store.ts'
import { DAY_MS, type EpochMs, epochMs, instantFrom, isoFrom } from '#domain/units.ts'
import { type ConnectedRuns, connectRuns } from '#flows/connect-runs.client.ts'
import { FLOWS } from '#flows/flow-names.ts'
import { logDaysBetween } from '#flows/log-days.ts'
import { saveLog } from '#flows/logs.store.ts'
import type { RunStart } from '#flows/runs.ts'
import { openScheduler, type Scheduler } from '#flows/scheduler.client.ts'
import { passing, type Timer } from '#sources/alpaca/timer.ts'
import { WALL_TIMER } from '#sources/alpaca/wall-timer.client.ts'

/** A minute of the market lasts a second, so that a minute of wall time has sixty times the occurrences that it has in use. */
const SPEED = 60
const SCHEDULED = FLOWS.slice(0, 9)
/** A minute before the first. */
const START = instantFrom('2018-03-05T14:29:00Z')
const GRACE_MS = 60_000
/** About as many lines as a busy day's flows write in a second are written in this, milliseconds between two. */
const LINE_EVERY_MS = 2

export type PruningTerms = {
  /** How often each schedule fires, once a second. */
  readonly occurrences: number
  /** Removes what is old while the schedules fire. */
  readonly prune: (pool: pg.Pool) => Promise<void>
}

/**
 * How late scheduled runs begin, milliseconds of wall time ascending, while old lines go away and new ones are written: nine schedules
 * each second, followed by two schedulers. Throws when a run was missed or not every one began.
 */
export async function lagsUnderPruning(database: Database, { occurrences, prune }: PruningTerms): Promise<number[]> {
  const { pool } = database
  const runs = await connectRuns({ databaseUrl: database.url, onTrouble: fail })
  const measured = await Promise.all([lagsOf(pool, runs, occurrences), prune(pool), writeLines(pool, occurrences)])
  await runs.close()
  const [lags] = measured
  const expected = SCHEDULED.length * occurrences
  if (lags.length !== expected) throw new Error(`${lags.length} of ${expected} runs began`)
  return lags.toSorted((a, b) => a - b)
}

/** Fills the days from `oldest` until `newest` with `lines` lines of log, evenly. */
export async function fillLogs(pool: pg.Pool, [oldest, newest]: readonly [EpochMs, EpochMs], lines: number): Promise<void> {
  await ensurePartitions(pool, 'flow_logs', logDaysBetween(oldest, newest))
  await pool.query(
    `insert into spreadworks.flow_logs (flow_id, step, at, level, message, fields)
     select 'run-' || n % 5000, 'step', $1::timestamptz + n * ($2::timestamptz - $1) / $3, 'info', 'old', '{"symbol": "XOM", "bars": 390}'
     from generate_series(0, $3 - 1) as n`,
    [isoFrom(oldest), isoFrom(newest), lines],
  )
}

/** Midnight in UTC at the beginning of the day that was `days` days before `now`'s. */
export function midnightBefore(now: EpochMs, days: number): EpochMs {
  return epochMs((Math.floor(now / DAY_MS) - days) * DAY_MS)
}

/** Milliseconds of wall time from each occurrence until its run was stored. */
async function lagsOf(sql: pg.Pool, runs: ConnectedRuns, occurrences: number): Promise<number[]> {
  const timer = fastTimer()
  const lags: number[] = []
  const everyOne = Promise.withResolvers<void>()
  const start = async (run: RunStart) => {
    await runs.start(run)
    lags.push((timer.now() - (run.scheduledFor ?? Number.NaN)) / SPEED)
    if (lags.length === SCHEDULED.length * occurrences) everyOne.resolve()
  }
  const open = (): Scheduler =>
    openScheduler({
      ...{ sql, runs: { ...runs, start }, timer, graceMs: GRACE_MS },
      schedules: new Map(SCHEDULED.map((flow) => [flow, 'every 1 minute in session'])),
      plan: async (flow, { at }) => ({ runId: `${flow}-${isoFrom(at)}`, parameters: {}, facts: {} }),
      onMissed: async ([missed]) => fail(`${missed?.flow} was missed`),
      onRefused: async ([refused]) => fail(`${refused?.flow} was refused`),
      onTrouble: fail,
    })
  const schedulers = [open(), open()]
  await Promise.race([everyOne.promise, passing(timer, (occurrences + 10) * 60_000)])
  await Promise.all(schedulers.map((scheduler) => scheduler.close()))
  return lags.slice(0, SCHEDULED.length * occurrences)
}

function fastTimer(): Timer {
  const began = WALL_TIMER.now()
  return {
    now: () => epochMs(START + (WALL_TIMER.now() - began) * SPEED),
    after: (ms, run) => WALL_TIMER.after(ms / SPEED, run),
  }
}

/** For as long as the runs begin. */
async function writeLines(pool: pg.Pool, occurrences: number): Promise<void> {
  const until = WALL_TIMER.now() + (occurrences / SPEED) * 60_000
  while (WALL_TIMER.now() < until) {
    await saveLog(pool, { runId: 'busy', step: 'step', level: 'info', message: 'new' })
    await passing(WALL_TIMER, LINE_EVERY_MS)
  }
}

function fail(sentence: string): never {
  throw new Error(sentence)
}
