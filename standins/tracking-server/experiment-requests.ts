/** Requests about experiments. */
import { z } from 'zod'
import { int64, KeyValue, listOf, required, viewType } from './wire.ts'

export const CreateExperiment = z.object({
  name: required('name'),
  artifact_location: z.string().optional(),
  tags: z.array(KeyValue).default([]),
})
export const ExperimentNamed = z.object({ experiment_id: required('experiment_id') })
export const GetExperimentByName = z.object({ experiment_name: required('experiment_name') })
export const UpdateExperiment = z.object({ experiment_id: required('experiment_id'), new_name: z.string().optional() })
export const SetExperimentTag = KeyValue.extend({ experiment_id: required('experiment_id') })
export const DeleteExperimentTag = z.object({ experiment_id: required('experiment_id'), key: required('key') })
export const SearchExperiments = z.object({
  view_type: viewType,
  max_results: int64.default(1000).pipe(z.number().min(1).max(50_000)),
  filter: z.string().optional(),
  order_by: listOf(z.string()),
  page_token: z.string().optional(),
})
export const SearchDatasets = z.object({ experiment_ids: listOf(z.string()) })
