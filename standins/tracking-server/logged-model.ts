/** A logged model as the protocol tells it, and the requests for it. */
import { z } from 'zod'
import type { Tag } from './model-version.ts'
import { int64, KeyValue, required, type WireMetric } from './wire.ts'

const STATUSES = ['LOGGED_MODEL_PENDING', 'LOGGED_MODEL_READY', 'LOGGED_MODEL_UPLOAD_FAILED'] as const
const MOST_PARAMS = 100
const MODELS_A_PAGE = 100
const MOST_MODELS_A_PAGE = 50_000

export type LoggedModelStatus = (typeof STATUSES)[number]

export type LoggedMetric = WireMetric & {
  readonly model_id: string
  readonly run_id: string
  readonly dataset_name?: string
  readonly dataset_digest?: string
}

export type LoggedModel = {
  readonly info: {
    readonly model_id: string
    readonly experiment_id: string
    readonly name: string
    readonly creation_timestamp_ms: number
    readonly last_updated_timestamp_ms: number
    readonly artifact_uri: string
    readonly status: LoggedModelStatus
    readonly model_type: string
    readonly source_run_id: string
    readonly tags: readonly Tag[]
    readonly registrations: readonly { readonly name: string; readonly version: string }[]
  }
  readonly data: { readonly params: readonly Tag[]; readonly metrics: readonly LoggedMetric[] }
}

const name = z.string().refine((text) => !/[/:.%"']/.test(text), {
  error: ({ input }) =>
    `Invalid model name ('${input}') provided. Model name must be a non-empty string and cannot contain the following characters: ('/', ':', '.', '%', '"', "'")`,
})
const params = z.array(KeyValue).max(MOST_PARAMS, `A request can hold at most ${MOST_PARAMS} params.`).default([])
const tags = z.array(KeyValue).default([])

export const CreateLoggedModel = z.object({
  experiment_id: required('experiment_id'),
  name: name.default(''),
  model_type: z.string().default(''),
  source_run_id: z.string().default(''),
  params,
  tags,
})

/** A status comes by its name or by its number. */
const status = z.union([
  z.enum(STATUSES),
  int64.pipe(z.number().min(1).max(STATUSES.length)).transform((number) => STATUSES[number - 1] ?? STATUSES[0]),
])

export const LoggedModelNamed = z.object({ model_id: required('model_id') })
export const LoggedModelTagNamed = LoggedModelNamed.extend({ tag_key: required('tag_key') })
export const GetLoggedModel = z.object({ allow_deleted: z.string().default('false') })
export const FinalizeLoggedModel = z.object({ status })
export const SetLoggedModelTags = z.object({ tags })
export const LogLoggedModelParams = z.object({ params })

const Dataset = z.object({
  dataset_name: required('dataset_name'),
  dataset_digest: z.string().optional(),
})
const Order = z.object({
  field_name: required('field_name'),
  ascending: z.boolean().default(true),
  dataset_name: z.string().optional(),
  dataset_digest: z.string().optional(),
})
export const SearchLoggedModels = z.object({
  experiment_ids: z
    .array(z.coerce.string(), "Missing value for required parameter 'experiment_ids'")
    .refine((ids) => ids.length > 0, "Missing value for required parameter 'experiment_ids'"),
  filter: z.string().default(''),
  datasets: z.array(Dataset).default([]),
  order_by: z.array(Order).default([]),
  max_results: int64.default(MODELS_A_PAGE).pipe(z.number().min(1).max(MOST_MODELS_A_PAGE)),
  page_token: z.string().optional(),
})
export type LoggedModelSearch = Pick<
  z.output<typeof SearchLoggedModels>,
  'experiment_ids' | 'filter' | 'datasets' | 'order_by'
> & {
  readonly offset: number
  readonly limit: number
}
