import { DBOS } from '@dbos-inc/dbos-sdk'
import type { Pool } from 'pg'
import { saveProgress } from './progress.store.ts'
import { stepSignal } from './step.flow.ts'

/** Tells how far long work has come, in its unit. */
export type Tell = (done: number, total: number, sentence: string) => Promise<void>

/** Tells it of the run whose step calls it. Throws when that run was cancelled, so that the work ends between two of its units. */
export function tellOfRun(sql: Pool, unit: string): Tell {
  return async (done, total, sentence) => {
    stepSignal().throwIfAborted()
    await saveProgress(sql, DBOS.workflowID ?? '', { done, total, unit, sentence })
  }
}
