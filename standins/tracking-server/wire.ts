/** Requests of MLflow's REST protocol, as its clients send them: int64 as number or text, NaN and infinities as text. */
import { z } from 'zod'

const LARGEST = Number.MAX_VALUE

const int64 = z.union([
  z.number().int(),
  z
    .string()
    .regex(/^-?\d+$/)
    .transform(Number),
])

const double = z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity']).transform(Number)])

const required = (name: string) =>
  z.string(`Missing value for required parameter '${name}'`).min(1, `Missing value for required parameter '${name}'`)

const KeyValue = z.object({ key: required('key'), value: z.coerce.string().default('') })

export const Metric = z.object({
  key: required('key'),
  value: double,
  timestamp: int64,
  step: int64.default(0),
})

export type WireMetric = {
  readonly key: string
  readonly value: number | string
  readonly timestamp: number
  readonly step: number
}

export const CreateExperiment = z.object({
  name: required('name'),
  artifact_location: z.string().optional(),
  tags: z.array(KeyValue).default([]),
})
export const GetExperiment = z.object({ experiment_id: required('experiment_id') })
export const GetExperimentByName = z.object({ experiment_name: required('experiment_name') })

export const CreateRun = z.object({
  experiment_id: required('experiment_id'),
  user_id: z.string().default('unknown'),
  run_name: z.string().optional(),
  start_time: int64.optional(),
  tags: z.array(KeyValue).default([]),
})

/** Old clients name a run by `run_uuid`, new ones by both. */
const runId = { run_id: z.string().optional(), run_uuid: z.string().optional() }

export const RunNamed = z.object(runId)
export const UpdateRun = z.object({
  ...runId,
  status: z.enum(['RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED']).optional(),
  end_time: int64.optional(),
  run_name: z.string().optional(),
})
export const LogMetric = Metric.extend(runId)
export const LogParameter = KeyValue.extend(runId)
export const SetTag = KeyValue.extend(runId)
export const LogBatch = z.object({
  ...runId,
  metrics: z.array(Metric).max(1000).default([]),
  params: z.array(KeyValue).max(100).default([]),
  tags: z.array(KeyValue).max(100).default([]),
})
export const MetricHistory = z.object({ ...runId, metric_key: required('metric_key') })
export const SearchRuns = z.object({
  experiment_ids: z.array(z.coerce.string()).default([]),
  max_results: int64.default(1000).pipe(z.number().min(1).max(50_000)),
  page_token: z.string().optional(),
})

export const CreateRegisteredModel = z.object({ name: required('name'), description: z.string().default('') })
export const RegisteredModelNamed = z.object({ name: required('name') })
export const CreateModelVersion = z.object({
  name: required('name'),
  source: required('source'),
  run_id: z.string().optional(),
  description: z.string().default(''),
  tags: z.array(KeyValue).default([]),
})
export const ModelVersionNamed = z.object({ name: required('name'), version: z.coerce.number().int().positive() })
export const TransitionStage = ModelVersionNamed.extend({
  stage: required('stage'),
  archive_existing_versions: z
    .union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')])
    .default(false),
})

/** The run that a request names. Throws nothing: an unnamed run is the empty id, which no run has. */
export function runIdOf({ run_id, run_uuid }: { run_id?: string | undefined; run_uuid?: string | undefined }): string {
  return run_id ?? run_uuid ?? ''
}

/** A stored metric as the wire has it: NaN as text, infinities were clamped when stored. */
export function wireMetric(row: { key: string; value: number; is_nan: boolean; timestamp: string; step: string }): WireMetric {
  return { key: row.key, value: row.is_nan ? 'NaN' : row.value, timestamp: Number(row.timestamp), step: Number(row.step) }
}

/** A metric's value as it is stored: NaN as zero with a mark, infinities as the largest double. */
export function storedValue(value: number): { readonly value: number; readonly isNan: boolean } {
  if (Number.isNaN(value)) return { value: 0, isNan: true }
  return { value: Math.min(LARGEST, Math.max(-LARGEST, value)), isNan: false }
}
