import type { Sql } from '#database/connection.client.ts'
import { noModel } from './logged-models.store.ts'
import { storedValue } from './wire.ts'

/** A metric of a batch; those that name no model belong to their run alone. */
export type ModelMetric = {
  readonly key: string
  readonly value: number
  readonly timestamp: number
  readonly step: number
  readonly model_id?: string | undefined
  readonly dataset_name?: string | undefined
  readonly dataset_digest?: string | undefined
}

/** Writes those of a run's metrics that name a logged model. Writing the same ones again changes nothing. Throws a Refusal for an unknown model. */
export async function logModelMetrics(sql: Sql, runId: string, metrics: readonly ModelMetric[]): Promise<void> {
  const ours = metrics.flatMap(({ model_id: modelId, ...metric }) => (modelId ? [{ ...metric, modelId }] : []))
  if (ours.length === 0) return
  await assertLoggedModels(sql, [...new Set(ours.map(({ modelId }) => modelId))])
  const values = ours.map(({ value }) => storedValue(value))
  await sql.query(
    `insert into mlflow.logged_model_metrics (run_id, model_id, key, timestamp, step, value, is_nan, dataset_name, dataset_digest)
     select $1, * from unnest($2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::float8[], $7::bool[], $8::text[], $9::text[])
     on conflict do nothing`,
    [
      runId,
      ours.map(({ modelId }) => modelId),
      ours.map(({ key }) => key),
      ours.map(({ timestamp }) => timestamp),
      ours.map(({ step }) => step),
      values.map(({ value }) => value),
      values.map(({ isNan }) => isNan),
      ours.map(({ dataset_name = '' }) => dataset_name),
      ours.map(({ dataset_digest = '' }) => dataset_digest),
    ],
  )
}

async function assertLoggedModels(sql: Sql, modelIds: readonly string[]): Promise<void> {
  const { rows } = await sql.query<{ model_id: string }>(`select model_id from mlflow.logged_models where model_id = any($1)`, [
    modelIds,
  ])
  const absent = modelIds.find((modelId) => !rows.some(({ model_id }) => model_id === modelId))
  if (absent !== undefined) throw noModel(absent)
}
