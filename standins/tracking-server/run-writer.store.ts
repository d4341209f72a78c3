import type { Pool } from 'pg'
import { inGroups } from './in-groups.ts'
import type { Refusal } from './refusal.ts'
import type { NewlyMadeRun } from './run-info.ts'
import { type RunBatch, writeBatches } from './run-writes.store.ts'
import { createRuns, type NewRun } from './runs.store.ts'

/** The writes that many clients make at once. Each answers a refusal instead of throwing it. */
export type RunWriter = {
  readonly create: (run: NewRun) => Promise<NewlyMadeRun | Refusal>
  readonly log: (batch: RunBatch) => Promise<Refusal | undefined>
}

const RUNS_AT_ONCE = 64
const BATCHES_AT_ONCE = 32

/** A writer that lets requests that come while others are written share one statement and one commit. */
export function openRunWriter(pool: Pool): RunWriter {
  return {
    create: inGroups({
      carryOut: (runs: readonly NewRun[]) => createRuns(pool, runs),
      keyOf: (run) => run.runId,
      largest: RUNS_AT_ONCE,
    }),
    log: inGroups({
      carryOut: (batches: readonly RunBatch[]) => writeBatches(pool, batches),
      keyOf: ({ runId }) => runId,
      largest: BATCHES_AT_ONCE,
    }),
  }
}
