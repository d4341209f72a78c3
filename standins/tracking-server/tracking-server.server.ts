/**
 * An MLflow-compatible tracking server and model registry on PostgreSQL: experiments, runs with metrics, parameters and
 * tags, artifacts through the proxy, registered models with versions and stages. Filters, aliases and logged models are
 * answered as not implemented.
 */
import { createHash, randomUUID } from 'node:crypto'
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import type { Pool } from 'pg'
import { z } from 'zod'
import { type Artifacts, artifactsIn } from './artifacts.file.ts'
import { invalid, Refusal } from './refusal.ts'
import { createModel, createVersion, modelByName, models, stageFrom, transition, versionByNumber } from './registry.store.ts'
import {
  createExperiment,
  createRun,
  experimentById,
  experimentByName,
  experiments,
  logBatch,
  metricHistory,
  migrateTracking,
  runById,
  runsOf,
  updateRun,
} from './tracking.store.ts'
import * as wire from './wire.ts'

/** The protocol version that clients are told. */
const PROTOCOL = '3.6.0'
const BODY_BYTES = 1 << 20
const RUN_NAME_WORDS = ['able', 'bold', 'calm', 'deep', 'even', 'fair', 'glad', 'keen', 'lean', 'neat', 'pure', 'wise'] as const

export type TrackingServerOptions = {
  readonly pool: Pool
  readonly artifactsFolder: string
  readonly host: string
  readonly port: number
}
export type TrackingServer = { readonly url: string; readonly close: () => Promise<void> }

/** Serves the protocol until closed. `port` 0 takes a free one. */
export async function openTrackingServer({ pool, artifactsFolder, host, port }: TrackingServerOptions): Promise<TrackingServer> {
  await migrateTracking(pool)
  const app = Fastify({ bodyLimit: BODY_BYTES, forceCloseConnections: true, routerOptions: { maxParamLength: 4096 } })
  app.setErrorHandler((cause, _request, reply) => {
    const refusal = refusalOf(cause)
    return reply.status(refusal.status).send({ error_code: refusal.code, message: refusal.message })
  })
  app.setNotFoundHandler((_request, reply) =>
    reply.status(404).send({ error_code: 'ENDPOINT_NOT_FOUND', message: 'No such endpoint' }),
  )
  app.get('/health', () => 'OK')
  app.get('/version', () => PROTOCOL)
  app.get('/api/3.0/mlflow/server-info', () => ({
    store_type: 'SqlStore',
    workspaces_enabled: false,
    trace_archival_enabled: false,
    multipart_uploads_enabled: false,
    multipart_downloads_enabled: false,
  }))
  for (const prefix of ['/api/2.0', '/ajax-api/2.0']) {
    addTracking(app, `${prefix}/mlflow`, pool)
    addRegistry(app, `${prefix}/mlflow`, pool)
    await app.register((scope) => addArtifacts(scope, `${prefix}/mlflow-artifacts/artifacts`, artifactsIn(artifactsFolder)))
  }
  const url = await app.listen({ host, port })
  return { url, close: () => app.close() }
}

function refusalOf(cause: unknown): Refusal {
  if (cause instanceof Refusal) return cause
  if (cause instanceof z.ZodError) return invalid(cause.issues.map(({ message }) => message).join('; '))
  if (cause instanceof Error && 'statusCode' in cause && cause.statusCode === 413)
    return invalid(`Request body exceeds ${BODY_BYTES} bytes.`)
  if (cause instanceof Error && 'statusCode' in cause && cause.statusCode === 400) return invalid(cause.message)
  return new Refusal('INTERNAL_ERROR', cause instanceof Error ? cause.message : String(cause))
}

/** The request's fields: its query for GET, its body otherwise; old clients send the body as JSON inside a JSON string. */
function fieldsOf<T>(schema: z.ZodType<T>, request: FastifyRequest): T {
  const sent = request.method === 'GET' ? request.query : (request.body ?? {})
  return schema.parse(typeof sent === 'string' ? JSON.parse(sent) : sent)
}

function addTracking(app: FastifyInstance, prefix: string, pool: Pool): void {
  app.post(`${prefix}/experiments/create`, async (request) => {
    const { name, artifact_location, tags } = fieldsOf(wire.CreateExperiment, request)
    return { experiment_id: await createExperiment(pool, { name, artifactLocation: artifact_location, tags, at: Date.now() }) }
  })
  app.get(`${prefix}/experiments/get`, async (request) => ({
    experiment: await experimentById(pool, fieldsOf(wire.GetExperiment, request).experiment_id),
  }))
  app.get(`${prefix}/experiments/get-by-name`, async (request) => ({
    experiment: await experimentByName(pool, fieldsOf(wire.GetExperimentByName, request).experiment_name),
  }))
  app.post(`${prefix}/experiments/search`, async () => ({ experiments: await experiments(pool) }))
  app.post(`${prefix}/runs/create`, async (request) => {
    const { experiment_id, user_id, run_name, start_time = Date.now(), tags } = fieldsOf(wire.CreateRun, request)
    const runId = randomUUID().replaceAll('-', '')
    const named = tags.find(({ key }) => key === 'mlflow.runName')?.value
    if (run_name !== undefined && named !== undefined && run_name !== named) {
      throw invalid(
        `Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different values (run_name='${run_name}', mlflow.runName='${named}').`,
      )
    }
    const experiment = await experimentById(pool, experiment_id)
    await createRun(pool, {
      runId,
      runName: run_name ?? named ?? nameFor(runId),
      experiment,
      userId: user_id,
      startTime: start_time,
      tags,
    })
    return { run: await runById(pool, runId) }
  })
  app.post(`${prefix}/runs/update`, async (request) => {
    const update = fieldsOf(wire.UpdateRun, request)
    const runId = wire.runIdOf(update)
    await updateRun(pool, runId, { status: update.status, endTime: update.end_time, runName: update.run_name })
    return { run_info: (await runById(pool, runId)).info }
  })
  app.get(`${prefix}/runs/get`, async (request) => ({ run: await runById(pool, wire.runIdOf(fieldsOf(wire.RunNamed, request))) }))
  app.post(`${prefix}/runs/search`, async (request) => {
    const { experiment_ids, max_results, page_token } = fieldsOf(wire.SearchRuns, request)
    const offset = offsetFrom(page_token)
    const runs = await runsOf(pool, experiment_ids, { limit: max_results + 1, offset })
    if (runs.length <= max_results) return { runs }
    return { runs: runs.slice(0, max_results), next_page_token: tokenFor(offset + max_results) }
  })
  app.post(`${prefix}/runs/log-metric`, async (request) => {
    const { run_id, run_uuid, ...metric } = fieldsOf(wire.LogMetric, request)
    await logBatch(pool, wire.runIdOf({ run_id, run_uuid }), { metrics: [metric], params: [], tags: [] })
    return {}
  })
  app.post(`${prefix}/runs/log-parameter`, async (request) => {
    const { run_id, run_uuid, ...param } = fieldsOf(wire.LogParameter, request)
    await logBatch(pool, wire.runIdOf({ run_id, run_uuid }), { metrics: [], params: [param], tags: [] })
    return {}
  })
  app.post(`${prefix}/runs/set-tag`, async (request) => {
    const { run_id, run_uuid, ...tag } = fieldsOf(wire.SetTag, request)
    await logBatch(pool, wire.runIdOf({ run_id, run_uuid }), { metrics: [], params: [], tags: [tag] })
    return {}
  })
  app.post(`${prefix}/runs/log-batch`, async (request) => {
    const { run_id, run_uuid, ...batch } = fieldsOf(wire.LogBatch, request)
    await logBatch(pool, wire.runIdOf({ run_id, run_uuid }), batch)
    return {}
  })
  app.get(`${prefix}/metrics/get-history`, async (request) => {
    const { metric_key, ...named } = fieldsOf(wire.MetricHistory, request)
    return { metrics: await metricHistory(pool, wire.runIdOf(named), metric_key) }
  })
}

function addRegistry(app: FastifyInstance, prefix: string, pool: Pool): void {
  app.post(`${prefix}/registered-models/create`, async (request) => {
    const { name, description } = fieldsOf(wire.CreateRegisteredModel, request)
    return { registered_model: await createModel(pool, { name, description, at: Date.now() }) }
  })
  app.get(`${prefix}/registered-models/get`, async (request) => ({
    registered_model: await modelByName(pool, fieldsOf(wire.RegisteredModelNamed, request).name),
  }))
  app.get(`${prefix}/registered-models/search`, async () => ({ registered_models: await models(pool) }))
  app.post(`${prefix}/model-versions/create`, async (request) => {
    const { name, source, run_id, description, tags } = fieldsOf(wire.CreateModelVersion, request)
    return { model_version: await createVersion(pool, { name, source, runId: run_id, description, tags, at: Date.now() }) }
  })
  app.get(`${prefix}/model-versions/get`, async (request) => {
    const { name, version } = fieldsOf(wire.ModelVersionNamed, request)
    return { model_version: await versionByNumber(pool, name, version) }
  })
  app.get(`${prefix}/model-versions/get-download-uri`, async (request) => {
    const { name, version } = fieldsOf(wire.ModelVersionNamed, request)
    return { artifact_uri: (await versionByNumber(pool, name, version)).source }
  })
  app.post(`${prefix}/model-versions/transition-stage`, async (request) => {
    const { name, version, stage, archive_existing_versions } = fieldsOf(wire.TransitionStage, request)
    const moved = { name, version, stage: stageFrom(stage), archivesOthers: archive_existing_versions, at: Date.now() }
    return { model_version: await transition(pool, moved) }
  })
}

const ArtifactPath = z.object({ '*': z.string() })
const ArtifactFolder = z.object({ path: z.string().default('') })

async function addArtifacts(app: FastifyInstance, prefix: string, artifacts: Artifacts): Promise<void> {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, body, done) => done(null, body))
  app.get(prefix, async (request) => {
    const files = await artifacts.list(ArtifactFolder.parse(request.query).path)
    return files.length === 0 ? {} : { files }
  })
  app.get(`${prefix}/*`, async (request, reply) => {
    const { body, sizeBytes } = await artifacts.read(ArtifactPath.parse(request.params)['*'])
    return reply
      .header('Content-Disposition', 'attachment')
      .header('X-Content-Type-Options', 'nosniff')
      .header('Content-Length', sizeBytes)
      .type('application/octet-stream')
      .send(body)
  })
  app.put(`${prefix}/*`, { bodyLimit: Number.MAX_SAFE_INTEGER }, async (request) => {
    await artifacts.write(ArtifactPath.parse(request.params)['*'], request.raw)
    return {}
  })
}

function nameFor(runId: string): string {
  const digest = createHash('sha256').update(runId).digest()
  const word = (at: number) => RUN_NAME_WORDS[(digest[at] ?? 0) % RUN_NAME_WORDS.length]
  return `${word(0)}-${word(1)}-${digest.readUInt16BE(2) % 1000}`
}

function tokenFor(offset: number): string {
  return Buffer.from(JSON.stringify({ offset })).toString('base64')
}

const PageToken = z.object({ offset: z.number().int().min(0) })

function offsetFrom(token: string | undefined): number {
  if (token === undefined || token === '') return 0
  try {
    return PageToken.parse(JSON.parse(Buffer.from(token, 'base64').toString())).offset
  } catch {
    throw invalid(`Invalid page token '${token}'`)
  }
}
