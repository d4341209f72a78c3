import { z } from 'zod'
import { Fault } from '#domain/fault.ts'
import type { EpochMs } from '#domain/units.ts'
import type { TrackedMetric } from './tracked-metric.ts'

/** Most metrics, and most parameters or tags, that the protocol takes in one batch. */
const METRICS_PER_BATCH = 1000
const PARAMS_PER_BATCH = 100

export type TrackedRun = { readonly runId: string; readonly artifactUri: string }

export type NewTrackedRun = {
  readonly experimentId: string
  readonly name: string
  readonly startedAt: EpochMs
  readonly tags: Readonly<Record<string, string>>
}

export type Logged = {
  readonly metrics: readonly TrackedMetric[]
  readonly params: Readonly<Record<string, string>>
}

/** What we ask of a tracking server, over MLflow's REST protocol. Every call throws TRACKING_REFUSED or TRACKING_UNREACHABLE. */
export type Tracking = {
  /** The experiment's id; it is created when there is none of this name. */
  readonly experimentNamed: (name: string) => Promise<string>
  readonly startRun: (run: NewTrackedRun) => Promise<TrackedRun>
  readonly log: (runId: string, logged: Logged) => Promise<void>
  readonly finishRun: (runId: string, endedAt: EpochMs) => Promise<void>
  readonly saveArtifact: (run: TrackedRun, path: string, body: Uint8Array) => Promise<void>
  /** Registers a model's new version and answers its number. The model is created when there is none of this name. */
  readonly registerVersion: (version: {
    readonly name: string
    readonly source: string
    readonly runId: string
  }) => Promise<string>
}

const ErrorBody = z.object({ error_code: z.string(), message: z.string().default('') })
const ExperimentBody = z.object({ experiment: z.object({ experiment_id: z.string() }) })
const CreatedBody = z.object({ experiment_id: z.string() })
const RunBody = z.object({ run: z.object({ info: z.object({ run_id: z.string(), artifact_uri: z.string() }) }) })
const VersionBody = z.object({ model_version: z.object({ version: z.string() }) })
const Anything = z.unknown()

/** What the server wants to be asked with. */
export type TrackingCredentials =
  | { readonly kind: 'bearer'; readonly token: string }
  | { readonly kind: 'basic'; readonly user: string; readonly password: string }

type Server = { readonly base: string; readonly headers: Readonly<Record<string, string>> }

type Call = { readonly method: 'GET' | 'POST' | 'PUT'; readonly path: string; readonly body?: object | Uint8Array }

class TrackingRefused extends Fault {
  readonly errorCode: string

  constructor(call: Call, errorCode: string, message: string) {
    super('TRACKING_REFUSED', `The tracking server refused ${call.method} ${call.path}: ${message} (${errorCode}).`)
    this.errorCode = errorCode
  }
}

/** A client of the server at `uri`, for example http://127.0.0.1:5000. */
export function connectTracking(uri: string, credentials?: TrackingCredentials): Tracking {
  const server = { base: uri.replace(/\/$/, ''), headers: authorizationOf(credentials) }
  const ask = <T>(schema: z.ZodType<T>, call: Call) => request(server, schema, call)
  const post = <T>(schema: z.ZodType<T>, path: string, body: object) =>
    ask(schema, { method: 'POST', path: `/api/2.0/mlflow/${path}`, body })
  return {
    experimentNamed: async (name) => {
      const path = `/api/2.0/mlflow/experiments/get-by-name?experiment_name=${encodeURIComponent(name)}`
      const find = async () => (await ask(ExperimentBody, { method: 'GET', path })).experiment.experiment_id
      return find().catch(async (cause: unknown) => {
        if (codeOf(cause) !== 'RESOURCE_DOES_NOT_EXIST') throw cause
        // Another process may create it between the two questions.
        return post(CreatedBody, 'experiments/create', { name }).then(
          ({ experiment_id }) => experiment_id,
          afterAlreadyThere(find),
        )
      })
    },
    startRun: async ({ experimentId, name, startedAt, tags }) => {
      const { run } = await post(RunBody, 'runs/create', {
        experiment_id: experimentId,
        run_name: name,
        start_time: startedAt,
        tags: keyValues(tags),
      })
      return { runId: run.info.run_id, artifactUri: run.info.artifact_uri }
    },
    log: async (runId, { metrics, params }) => {
      const send = (batch: object) => post(Anything, 'runs/log-batch', { run_id: runId, ...batch })
      for (const part of partsOf(keyValues(params), PARAMS_PER_BATCH)) await send({ params: part })
      for (const part of partsOf(metrics.map(wireMetric), METRICS_PER_BATCH)) await send({ metrics: part })
    },
    finishRun: async (runId, endedAt) => {
      await post(Anything, 'runs/update', { run_id: runId, status: 'FINISHED', end_time: endedAt })
    },
    saveArtifact: async ({ artifactUri }, path, body) => {
      await ask(Anything, { method: 'PUT', path: artifactPath(artifactUri, path), body })
    },
    registerVersion: async ({ name, source, runId }) => {
      await post(Anything, 'registered-models/create', { name }).catch(afterAlreadyThere(async () => undefined))
      return (await post(VersionBody, 'model-versions/create', { name, source, run_id: runId })).model_version.version
    },
  }
}

function authorizationOf(credentials: TrackingCredentials | undefined): Server['headers'] {
  if (credentials === undefined) return {}
  if (credentials.kind === 'bearer') return { authorization: `Bearer ${credentials.token}` }
  return { authorization: `Basic ${Buffer.from(`${credentials.user}:${credentials.password}`).toString('base64')}` }
}

function afterAlreadyThere<T>(goOn: () => Promise<T>): (cause: unknown) => Promise<T> {
  return (cause) => {
    if (codeOf(cause) !== 'RESOURCE_ALREADY_EXISTS') throw cause
    return goOn()
  }
}

function codeOf(cause: unknown): string | undefined {
  return cause instanceof TrackingRefused ? cause.errorCode : undefined
}

function keyValues(values: Readonly<Record<string, string>>): { key: string; value: string }[] {
  return Object.entries(values).map(([key, value]) => ({ key, value }))
}

function partsOf<T>(rows: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(rows.length / size) }, (_, i) => rows.slice(i * size, (i + 1) * size))
}

function wireMetric({ key, value, step, at }: TrackedMetric) {
  return { key, value: Number.isFinite(value) ? value : String(value), step, timestamp: at }
}

function artifactPath(artifactUri: string, path: string): string {
  const parts = `${proxied(artifactUri)}/${path}`.split('/')
  return `/api/2.0/mlflow-artifacts/artifacts/${parts.map(encodeURIComponent).join('/')}`
}

/** `mlflow-artifacts:/1/abc/artifacts` → `1/abc/artifacts`. */
function proxied(artifactUri: string): string {
  const [, path] = /^mlflow-artifacts:\/+(?:[^/]+:\d+\/)?(.+)$/.exec(artifactUri) ?? []
  if (path === undefined) {
    throw new Fault(
      'TRACKING_ARTIFACTS_ELSEWHERE',
      `The tracking server keeps artifacts at ${artifactUri}; only servers that proxy them (mlflow-artifacts:) are supported, so start it with --serve-artifacts.`,
    )
  }
  return path
}

async function request<T>({ base, headers }: Server, schema: z.ZodType<T>, call: Call): Promise<T> {
  const reply = await fetch(`${base}${call.path}`, {
    method: call.method,
    ...(call.body === undefined ? { headers } : bodyOf(call.body, headers)),
  }).catch((cause: unknown) => {
    throw new Fault(
      'TRACKING_UNREACHABLE',
      `The tracking server at ${base} does not answer; check the setting tracking.uri or MLFLOW_TRACKING_URI.`,
      { cause },
    )
  })
  const text = await reply.text()
  const body: unknown = isJson(reply) ? JSON.parse(text) : text
  if (reply.ok) return schema.parse(body)
  const refusal = ErrorBody.safeParse(body)
  if (refusal.success) throw new TrackingRefused(call, refusal.data.error_code, refusal.data.message)
  throw new TrackingRefused(call, `HTTP_${reply.status}`, text.slice(0, 200))
}

function bodyOf(body: object | Uint8Array, headers: Server['headers']) {
  if (body instanceof Uint8Array)
    return { body: new Uint8Array(body), headers: { ...headers, 'content-type': 'application/octet-stream' } }
  return { body: JSON.stringify(body), headers: { ...headers, 'content-type': 'application/json' } }
}

function isJson(reply: Response): boolean {
  return reply.headers.get('content-type')?.includes('json') ?? false
}
