import { setTimeout as sleep } from 'node:timers/promises'
import type { FlowRun } from '#desk/flow-views.ts'
import { Fault } from '#domain/fault.ts'
import { isSkipped } from '#flows/gated.flow.ts'
import { progressOf } from '#flows/progress.store.ts'
import type { FlowOffice } from './flow-office.client.ts'
import { flowRunView, isUnderWay } from './flow-run-views.ts'
import type { Watching } from './runs.client.ts'

const LOOK_EVERY_MS = 200

/**
 * Waits for a run's end, however it ends, wherever it is carried out. When `signal` aborts, the run is cancelled and the
 * signal's reason thrown. Throws RUN_UNKNOWN when the run is no longer kept.
 */
export async function endOfFlow(office: FlowOffice, runId: string, { onProgress, signal }: Watching): Promise<FlowRun> {
  for (;;) {
    const record = await office.runs.record(runId)
    if (record === undefined) throw new Fault('RUN_UNKNOWN', `The run ${runId} is no longer kept, so its end is not known.`)
    const progress = (await progressOf(office.sql, [runId])).get(runId)
    if (!isUnderWay(record)) return flowRunView(record, { progress, isSkipped: isSkipped(record.result), now: office.now() })
    if (progress !== undefined) onProgress(progress)
    if (signal.aborted) {
      await office.cancel(runId)
      throw signal.reason
    }
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined)
  }
}
