import { setTimeout as delay } from 'node:timers/promises'
import { DBOS } from '@dbos-inc/dbos-sdk'
import { retriablePostgresException } from '@dbos-inc/dbos-sdk/internal/system_database'
import { ONCE, type Retries, restMs } from './retries.ts'
import { STEPS_HERE } from './steps-here.ts'

/** While the database is gone a step rests as `OUTAGE` says, and is not failed: it is tried until the database is back. */
const OUTAGE: Retries = { attempts: 1, firstMs: 200, factor: 2 }
const LONGEST_OUTAGE_REST_MS = 5_000

/**
 * One step of a flow: what `work` answers is kept, and a run that is gone on with does not do it again. A kill may still have
 * it done twice, so a second run of `work` has to change nothing. It is tried as often as `retries` say, and beyond that for
 * as long as the database cannot be reached. Throws what the last attempt threw. No step begins once its process drains.
 */
export async function step<T>(name: string, work: () => Promise<T>, retries: Retries = ONCE): Promise<T> {
  await STEPS_HERE.mayBegin()
  return STEPS_HERE.count(DBOS.runStep(() => tried(name, work, retries), { name }))
}

/** Aborts when the run of the step that is under way is cancelled, wherever that was asked for; never outside a step. */
export function stepSignal(): AbortSignal {
  return DBOS.stepStatus?.cancelSignal ?? new AbortController().signal
}

async function tried<T>(name: string, work: () => Promise<T>, retries: Retries): Promise<T> {
  const ofRun = { runId: DBOS.workflowID ?? '', name }
  for (let attempt = 1, outages = 0; ; ) {
    try {
      return await work()
    } catch (cause) {
      // Asked for here and not before: the engine looks for cancellations once somebody wants to know.
      const signal = stepSignal()
      const isOutage = retriablePostgresException(cause)
      if (signal.aborted || (!isOutage && !isTriedAgain(cause, retries, attempt))) throw cause
      const ms = isOutage ? Math.min(LONGEST_OUTAGE_REST_MS, restMs(OUTAGE, ofRun, ++outages)) : restMs(retries, ofRun, attempt++)
      // Cancelled while it rests: what it failed with is told, and the engine makes the cancellation of it.
      await delay(ms, undefined, { signal }).catch(() => Promise.reject(cause))
    }
  }
}

function isTriedAgain(cause: unknown, { attempts, when = () => true }: Retries, attempt: number): boolean {
  return attempt < attempts && when(cause)
}
