import { DBOS } from '@dbos-inc/dbos-sdk'
import type { Pool } from 'pg'
import { DAY_MS, type EpochMs, epochMs } from '#domain/units.ts'
import type { HousekeepingParameters, HousekeepingSteps } from './housekeeping.flow.ts'
import { makeRoomForLogs } from './logs.store.ts'
import { saveProgress } from './progress.store.ts'
import { deleteAlerts, dropLogDays, forgetRuns, runsEndedBefore } from './retention.store.ts'
import { stepSignal } from './step.flow.ts'

/** Rows of one transaction: small enough that nobody who writes the same tables waits for it. */
const AT_ONCE = 200

/** How long what has ended is kept, days. */
export type Retention = { readonly logsDays: number; readonly runsDays: number; readonly alertsDays: number }

/** What `retention` removes at `now`. */
export function housekeepingAt(now: EpochMs, { logsDays, runsDays, alertsDays }: Retention): HousekeepingParameters {
  const daysAgo = (days: number) => now - days * DAY_MS
  return { now, logsBefore: daysAgo(logsDays), runsBefore: daysAgo(runsDays), alertsBefore: daysAgo(alertsDays) }
}

export function housekeepingSteps(sql: Pool): HousekeepingSteps {
  return {
    makeRoom: ({ now }) => makeRoomForLogs(sql, epochMs(now)),
    dropLogDays: ({ logsBefore }) => dropLogDays(sql, epochMs(logsBefore)),
    deleteRuns: ({ runsBefore }) =>
      inBatches(sql, 'runs', async () => {
        const ids = await runsEndedBefore(sql, epochMs(runsBefore), AT_ONCE)
        await forgetRuns(sql, ids)
        await DBOS.deleteWorkflows(ids)
        return ids.length
      }),
    deleteAlerts: ({ alertsBefore }) => inBatches(sql, 'alerts', () => deleteAlerts(sql, epochMs(alertsBefore), AT_ONCE)),
  }
}

/** Removes batch by batch until one is not full or the run is cancelled; returns how many went. */
async function inBatches(sql: Pool, what: string, removeSome: () => Promise<number>): Promise<number> {
  const signal = stepSignal()
  let removed = 0
  let some = AT_ONCE
  while (some === AT_ONCE && !signal.aborted) {
    some = await removeSome()
    removed += some
    await saveProgress(sql, DBOS.workflowID ?? 'housekeeping', {
      ...{ done: removed, total: undefined, unit: what },
      sentence: `Removing old ${what}`,
    })
  }
  return removed
}
