import { DBOS } from '@dbos-inc/dbos-sdk'
import type { Pool } from 'pg'
import { epochMs, isoFrom, MINUTE_MS } from '#domain/units.ts'
import type { DependencySteps } from '#flows/gated.flow.ts'
import type { HousekeepingParameters, HousekeepingSteps } from '#flows/housekeeping.flow.ts'
import { housekeepingSteps } from '#flows/housekeeping.steps.ts'
import type { CollectionParameters } from '#flows/market-stream.flow.ts'
import type { FlowSteps } from '#flows/registry.flow.ts'
import { runLog } from '#flows/run-log.flow.ts'
import { stepSignal } from '#flows/step.flow.ts'
import { passing } from '#sources/alpaca/timer.ts'
import { type MonthTime, monthTimer, wallAt } from './month-time.ts'
import { dataOf, rehearsalOf, researchOf, signalsOf, type Trace, trainOf } from './month-work.ts'

export type MonthStepsPlan = { readonly sql: Pool; readonly time: MonthTime; readonly dependencies: DependencySteps }

const BAR_EVERY_MS = 10 * MINUTE_MS

/**
 * The steps of every flow with small work in place of theirs: an attempt noted, lines of log, a while of the market's time, and an
 * effect outside by its derived id. What waits for other runs, and what removes old ones, is the real thing.
 */
export function monthSteps({ sql, time, dependencies }: MonthStepsPlan): FlowSteps {
  const trace: Trace = (name, minutes, key = '') => traced({ sql, time }, key === '' ? name : `${name} ${key}`, minutes)
  return {
    dependencies,
    housekeeping: housekeepingOf({ sql, time, trace }),
    train: trainOf(trace),
    signals: signalsOf(trace),
    ...researchOf(trace),
    ...rehearsalOf(trace),
    ...dataOf(trace),
    marketStream: {
      collect: async (parameters) => {
        await collect({ sql, time }, parameters)
        await trace('collect', 0)
        return { bars: 0, revised: 0, gaps: 0, repaired: 0, symbolsMissing: 0, slowestMs: 0 }
      },
    },
    hourly: {
      repair: () => trace('repair', 5),
      snapshot: async () => {
        await failAtFirst(sql, 'snapshot')
        await trace('snapshot', 1)
      },
      lookAtExposure: () => trace('look-at-exposure', 2),
    },
    endOfDay: { checkCloses: () => trace('check-closes', 5), report: () => trace('report', 5) },
    backup: {
      take: async () => {
        await trace('take', 25)
        return { tables: 1, rows: 1, bytes: 1 }
      },
      prove: () => trace('prove', 15),
      rotate: async () => {
        await trace('rotate', 1)
        return []
      },
    },
  }
}

type Place = { readonly sql: Pool; readonly time: MonthTime }

async function traced({ sql, time }: Place, step: string, minutes: number): Promise<void> {
  await noteAttempt(sql, step)
  const log = runLog(sql, step)
  await log.info(`${step} begins`, { minutes })
  const signal = stepSignal()
  if (minutes > 0) await passing(monthTimer(time, 1), minutes * MINUTE_MS, signal)
  signal.throwIfAborted()
  await sql.query(`insert into public.probe_effects (id, pid) values ($1, $2) on conflict do nothing`, [
    `${DBOS.workflowID} ${step}`,
    process.pid,
  ])
  await log.info(`${step} ends`)
}

async function noteAttempt(sql: Pool, step: string): Promise<void> {
  await sql.query(`insert into public.probe_attempts (run, step, pid) values ($1, $2, $3)`, [DBOS.workflowID, step, process.pid])
}

/** One run in ten fails at its first attempt, and has to rest before the next. */
async function failAtFirst(sql: Pool, step: string): Promise<void> {
  const id = `${DBOS.workflowID} ${step} failure`
  const { rowCount } = await sql.query(
    `insert into public.probe_effects (id, pid) select $1, $2 where hashtext($1) % 10 = 0 on conflict do nothing`,
    [id, process.pid],
  )
  if (rowCount === 1) throw new Error('the source does not answer')
}

/** Hears a bar now and then until the close. */
async function collect({ sql, time }: Place, { session, feed }: CollectionParameters): Promise<void> {
  const signal = stepSignal()
  const timer = monthTimer(time, 50)
  for (let now = timer.now(); now < session.closesAt && !signal.aborted; now = timer.now()) {
    if (now >= session.opensAt)
      await sql.query(
        `insert into spreadworks.bar_counts as kept (feed, timeframe, day, bars, first_at, last_at) values ($1, '1m', $2, 1, $3, $3)
         on conflict (feed, timeframe, day) do update set bars = kept.bars + 1, last_at = excluded.last_at`,
        [feed, session.date, isoFrom(now)],
      )
    await passing(timer, Math.min(BAR_EVERY_MS, session.closesAt - now), signal)
  }
  signal.throwIfAborted()
}

/** The real ones. Runs end by the machine's clock, so their limit is told by it. */
function housekeepingOf({ sql, time, trace }: Place & { readonly trace: Trace }): HousekeepingSteps {
  const steps = housekeepingSteps(sql)
  const noted =
    (name: string, work: (parameters: HousekeepingParameters) => Promise<number>) =>
    async (parameters: HousekeepingParameters) => {
      const done = await work(parameters)
      await trace(name, 0)
      return done
    }
  return {
    makeRoom: noted('make-room', steps.makeRoom),
    dropLogDays: noted('drop-log-days', steps.dropLogDays),
    deleteRuns: noted('delete-runs', (parameters) =>
      steps.deleteRuns({ ...parameters, runsBefore: wallAt(time, epochMs(parameters.runsBefore)) }),
    ),
    deleteAlerts: noted('delete-alerts', steps.deleteAlerts),
  }
}
