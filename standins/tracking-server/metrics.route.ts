import type { FastifyInstance } from 'fastify'
import type { Pool } from 'pg'
import { histories, metricHistory, sampledHistories } from './metric-history.store.ts'
import { offsetFrom, paged } from './page-token.ts'
import { invalid } from './refusal.ts'
import { fieldsOf } from './request-fields.ts'
import * as asked from './run-requests.ts'

const RUNS_AT_ONCE = 100

/** Histories of metrics, below `prefix`. */
export function addMetrics(app: FastifyInstance, prefix: string, pool: Pool): void {
  app.get(`${prefix}/metrics/get-history`, async (request) => {
    const { metric_key, max_results, page_token, ...named } = fieldsOf(asked.MetricHistory, request)
    const page = { limit: max_results, offset: offsetFrom(page_token) }
    const found = await metricHistory(pool, {
      runId: asked.runIdOf(named),
      key: metric_key,
      offset: page.offset,
      limit: page.limit + 1,
    })
    const { rows, ...next } = paged(found, page)
    return { metrics: rows, ...next }
  })
  app.get(`${prefix}/metrics/get-history-bulk`, async (request) => {
    const { run_id, metric_key, max_results } = fieldsOf(asked.BulkHistory, request)
    assertRuns('GetMetricHistoryBulk', run_id)
    return { metrics: await histories(pool, { runIds: run_id, key: metric_key, limit: max_results }) }
  })
  app.get(`${prefix}/metrics/get-history-bulk-interval`, async (request) => {
    const { run_ids, metric_key, start_step, end_step, max_results } = fieldsOf(asked.BulkInterval, request)
    assertRuns('GetMetricHistoryBulkInterval', run_ids)
    assertSteps(start_step, end_step)
    const interval = { runIds: run_ids, key: metric_key, fromStep: start_step, untilStep: end_step, limit: max_results }
    return { metrics: await sampledHistories(pool, interval) }
  })
}

function assertRuns(asked: string, runIds: readonly string[]): void {
  if (runIds.length === 0) throw invalid(`${asked} request must specify at least one run_id.`)
  if (runIds.length > RUNS_AT_ONCE)
    throw invalid(`${asked} request cannot specify more than ${RUNS_AT_ONCE} run_ids. Received ${runIds.length} run_ids.`)
}

function assertSteps(from: number | undefined, until: number | undefined): void {
  if ((from === undefined) !== (until === undefined))
    throw invalid('If either start step or end step are specified, both must be specified.')
  if (from !== undefined && until !== undefined && from > until)
    throw invalid(`End step must be greater than start step. Found start step ${from} and end step ${until}.`)
}
