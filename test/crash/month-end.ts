import type { Pool } from 'pg'
import { nextOccurrence } from '#domain/occurrences.ts'
import type { EpochMs } from '#domain/units.ts'
import type { ConnectedRuns } from '#flows/connect-runs.client.ts'
import { type ScheduleRecord, scheduleOf } from '#flows/schedule-record.ts'
import { pauseSchedule, scheduleRecords } from '#flows/schedules.store.ts'
import { until } from './traces.ts'

const SETTLE_WITHIN_MS = 60_000

/** Lets what comes after the month rest. PostgreSQL may just have been struck. */
export function beginNoMore(pool: Pool, end: EpochMs): Promise<true> {
  return until(async () => {
    try {
      for (const { flow } of await scheduleRecords(pool)) await pauseSchedule(pool, flow, 'month', end)
      return true
    } catch {
      return undefined
    }
  }, SETTLE_WITHIN_MS)
}

/** Waits until everything that was to begin has begun, and for its end and for its alerts. */
export async function settle(pool: Pool, runs: ConnectedRuns, end: EpochMs): Promise<void> {
  await untilNone('to be begun', async () =>
    (await scheduleRecords(pool)).filter((record) => isOpen(record, end)).map(({ flow }) => flow),
  )
  await untilNone('to end', async () =>
    (await runs.find({ states: ['queued', 'running'], withChildren: true, limit: 10 })).map(
      ({ id, state, worker }) => `${id} ${state} ${worker ?? ''}`,
    ),
  )
  await untilNone('to be told', async () => {
    const { rows } = await pool.query<{ said: string }>(
      `select what || ' ' || alert || ' ' || state as said from spreadworks.alert_deliveries where state <> 'sent'
       union all select 'raised ' || key from spreadworks.alerts where told_at is null and resolved_at is null`,
    )
    return rows.map(({ said }) => said)
  })
}

/** Whether an occurrence before `end` has not been handled. */
function isOpen(record: ScheduleRecord, end: EpochMs): boolean {
  const schedule = scheduleOf(record)
  const next = schedule && nextOccurrence(schedule, record.handledThrough)
  return next !== undefined && next <= end
}

/** Throws what is left when something is for too long. */
async function untilNone(what: string, rest: () => Promise<readonly string[]>): Promise<void> {
  let left: readonly string[] = []
  const isNone = async () => {
    left = await rest()
    return left.length === 0 ? true : undefined
  }
  await until(isNone, SETTLE_WITHIN_MS).catch((cause: unknown) => {
    throw new Error(`after ${SETTLE_WITHIN_MS} ms there is still ${what}: ${left.join(', ')}`, { cause })
  })
}
