/** Requests about runs and what is logged to them. */
import { z } from 'zod'
import { invalid } from './refusal.ts'
import { double, int64, KeyValue, listOf, required, viewType } from './wire.ts'

const STATUSES = ['RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED'] as const
export type RunStatus = (typeof STATUSES)[number]

/** By name, or by its number in the protocol's own definition, which counts from 1. */
const status = z.union([
  z.enum(STATUSES),
  z
    .number()
    .int()
    .min(1)
    .max(STATUSES.length)
    .transform((number) => STATUSES[number - 1]),
])

export const CreateRun = z.object({
  experiment_id: required('experiment_id'),
  user_id: z.string().default('unknown'),
  run_name: z.string().optional(),
  start_time: int64.optional(),
  tags: z.array(KeyValue).default([]),
})

/** Old clients name a run by `run_uuid`, new ones by both. */
const run = { run_id: z.string().optional(), run_uuid: z.string().optional() }

export const RunNamed = z.object(run)
export const UpdateRun = z.object({
  ...run,
  status: status.optional(),
  end_time: int64.optional(),
  run_name: z.string().optional(),
})
export const SearchRuns = z.object({
  experiment_ids: listOf(z.string()),
  filter: z.string().optional(),
  run_view_type: viewType,
  max_results: int64.default(1000).pipe(z.number().min(1).max(50_000)),
  order_by: listOf(z.string()),
  page_token: z.string().optional(),
})

/** New clients tell of which logged model, on which data set, a metric is. */
const Metric = z.object({
  key: required('key'),
  value: double,
  timestamp: int64,
  step: int64.default(0),
  model_id: z.string().optional(),
  dataset_name: z.string().optional(),
  dataset_digest: z.string().optional(),
})
export type LoggedMetric = z.infer<typeof Metric>

export const LogMetric = Metric.extend(run)
export const LogParameter = KeyValue.extend(run)
export const SetTag = KeyValue.extend(run)
export const DeleteTag = z.object({ ...run, key: required('key') })
export const LogBatch = z.object({
  ...run,
  metrics: z.array(Metric).default([]),
  params: z.array(KeyValue).default([]),
  tags: z.array(KeyValue).default([]),
})
export const LogModel = z.object({ ...run, model_json: required('model_json') })

const Dataset = z.object({
  name: required('name'),
  digest: required('digest'),
  source_type: required('source_type'),
  source: required('source'),
  schema: z.string().optional(),
  profile: z.string().optional(),
})
const DatasetInput = z.object({ tags: z.array(KeyValue).default([]), dataset: Dataset })
export type LoggedDataset = z.infer<typeof DatasetInput>

export const LogInputs = z.object({
  ...run,
  datasets: z.array(DatasetInput).default([]),
  models: z.array(z.object({ model_id: required('model_id') })).default([]),
})
export const LogOutputs = z.object({
  ...run,
  models: z.array(z.object({ model_id: required('model_id'), step: int64.default(0) })).default([]),
})

const ONE_HISTORY = 25_000
const page = {
  max_results: int64.default(ONE_HISTORY).pipe(z.number().min(1).max(ONE_HISTORY)),
  page_token: z.string().optional(),
}
export const MetricHistory = z.object({ ...run, metric_key: required('metric_key'), ...page })
export const BulkHistory = z.object({
  run_id: listOf(z.string()),
  metric_key: required('metric_key'),
  max_results: int64.default(ONE_HISTORY).pipe(z.number().min(1).max(ONE_HISTORY)),
})
export const BulkInterval = z.object({
  run_ids: listOf(z.string()),
  metric_key: required('metric_key'),
  start_step: int64.optional(),
  end_step: int64.optional(),
  max_results: int64.default(2500).pipe(z.number().min(1).max(2500)),
})

/** The run that a request names. Throws a Refusal where it names none, or two. */
export function runIdOf({ run_id, run_uuid }: { run_id?: string | undefined; run_uuid?: string | undefined }): string {
  const named = run_id ?? run_uuid ?? ''
  if (named === '') throw invalid(`Missing value for required parameter 'run_id'`)
  return named
}
