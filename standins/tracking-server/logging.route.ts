import type { FastifyInstance } from 'fastify'
import type { Pool } from 'pg'
import { z } from 'zod'
import { assertDataset, keptBatch, type SentBatch } from './limits.ts'
import { invalid } from './refusal.ts'
import { fieldsOf } from './request-fields.ts'
import { appendModel, logInputs, logOutputs } from './run-inputs.store.ts'
import * as asked from './run-requests.ts'
import type { RunWriter } from './run-writer.store.ts'

const MOST_BATCH_BYTES = 1_000_000
/** A data set's profile alone may be 16 MB. */
const MOST_INPUT_BYTES = 64 << 20

/** What is logged to runs, below `prefix`. */
export function addLogging(app: FastifyInstance, prefix: string, { pool, writer }: { pool: Pool; writer: RunWriter }): void {
  const log = async (named: { run_id?: string | undefined; run_uuid?: string | undefined }, batch: SentBatch) => {
    const refusal = await writer.log({ runId: asked.runIdOf(named), ...keptBatch(batch) })
    if (refusal !== undefined) throw refusal
    return {}
  }
  const nothing = { metrics: [], params: [], tags: [] }
  app.post(`${prefix}/runs/log-metric`, async (request) => {
    const { run_id, run_uuid, ...metric } = fieldsOf(asked.LogMetric, request)
    return log({ run_id, run_uuid }, { ...nothing, metrics: [metric] })
  })
  app.post(`${prefix}/runs/log-parameter`, async (request) => {
    const { run_id, run_uuid, ...param } = fieldsOf(asked.LogParameter, request)
    return log({ run_id, run_uuid }, { ...nothing, params: [param] })
  })
  app.post(`${prefix}/runs/set-tag`, async (request) => {
    const { run_id, run_uuid, ...tag } = fieldsOf(asked.SetTag, request)
    return log({ run_id, run_uuid }, { ...nothing, tags: [tag] })
  })
  app.post(`${prefix}/runs/log-batch`, async (request) => {
    const bytes = Number(request.headers['content-length'] ?? 0)
    if (bytes > MOST_BATCH_BYTES)
      throw invalid(`Batched logging API requests must be at most ${MOST_BATCH_BYTES} bytes, got a request of size ${bytes}.`)
    const { metrics, params, tags, ...named } = fieldsOf(asked.LogBatch, request)
    return log(named, { metrics, params, tags })
  })
  addProvenance(app, prefix, pool)
}

function addProvenance(app: FastifyInstance, prefix: string, pool: Pool): void {
  app.post(`${prefix}/runs/log-inputs`, { bodyLimit: MOST_INPUT_BYTES }, async (request) => {
    const { datasets, models, ...named } = fieldsOf(asked.LogInputs, request)
    datasets.forEach(assertDataset)
    await logInputs(pool, asked.runIdOf(named), { datasets, modelIds: models.map(({ model_id }) => model_id) })
    return {}
  })
  app.post(`${prefix}/runs/outputs`, async (request) => {
    const { models, ...named } = fieldsOf(asked.LogOutputs, request)
    await logOutputs(pool, asked.runIdOf(named), models)
    return {}
  })
  app.post(`${prefix}/runs/log-model`, async (request) => {
    const { model_json, ...named } = fieldsOf(asked.LogModel, request)
    await appendModel(pool, asked.runIdOf(named), described(model_json))
    return {}
  })
}

const ModelDescription = z.looseObject({
  artifact_path: z.unknown(),
  flavors: z.unknown(),
  utc_time_created: z.unknown(),
  run_id: z.unknown(),
})

/** The text of a model's description without its configuration, which may be large. Throws a Refusal for what is none. */
function described(text: string): string {
  let sent: unknown
  try {
    sent = JSON.parse(text)
  } catch {
    throw invalid(`Malformed model info. \n ${text} \n is not valid JSON.`)
  }
  const read = ModelDescription.safeParse(sent)
  if (!read.success)
    throw invalid(`Model json is missing mandatory fields: ${read.error.issues.map(({ path }) => path.join('.')).join(', ')}`)
  return JSON.stringify(read.data)
}
