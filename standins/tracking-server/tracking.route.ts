import type { FastifyInstance } from 'fastify'
import type { Pool } from 'pg'
import { addExperiments } from './experiments.route.ts'
import { addLogging } from './logging.route.ts'
import { addMetrics } from './metrics.route.ts'
import { openRunDocuments } from './run-documents.store.ts'
import { openRunSearch } from './run-search.store.ts'
import { openRunWriter } from './run-writer.store.ts'
import { addRuns, type RunStores } from './runs.route.ts'

/** Some 20,000 runs with a few dozen entries each. */
const MOST_DOCUMENT_LETTERS = 64 << 20

/** What the tracking routes of one server share, below whatever prefix they are asked. */
export function trackingStores(pool: Pool): RunStores {
  return {
    pool,
    documents: openRunDocuments(pool, MOST_DOCUMENT_LETTERS),
    writer: openRunWriter(pool),
    search: openRunSearch(pool),
  }
}

/** Experiments, runs, what is logged to them and its history, below `prefix`. */
export function addTracking(app: FastifyInstance, prefix: string, stores: RunStores): void {
  addExperiments(app, prefix, stores.pool)
  addRuns(app, prefix, stores)
  addLogging(app, prefix, stores)
  addMetrics(app, prefix, stores.pool)
}
