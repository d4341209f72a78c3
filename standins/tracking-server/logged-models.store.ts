import type { Pool } from 'pg'
import type { Sql } from '#database/connection.client.ts'
import { inTransaction } from '#database/transaction.store.ts'
import type { LoggedModel, LoggedModelStatus } from './logged-model.ts'
import type { Tag } from './model-version.ts'
import { invalid, Refusal } from './refusal.ts'
import { wireMetric } from './wire.ts'

type MetricRow = { key: string; value: number; is_nan: boolean; timestamp: string; step: string; run_id: string } & Dataset
type Dataset = { readonly dataset_name: string; readonly dataset_digest: string }

export type LoggedModelRow = Omit<LoggedModel['info'], 'creation_timestamp_ms' | 'last_updated_timestamp_ms'> & {
  readonly creation_timestamp_ms: string
  readonly last_updated_timestamp_ms: string
  readonly params: readonly Tag[]
  readonly metrics: readonly MetricRow[]
}

const keyValues = (table: string) =>
  `coalesce((select json_agg(json_build_object('key', key, 'value', value) order by key) from mlflow.${table} x where x.model_id = l.model_id), '[]')`

/** The beginning of every question for logged models; rows of `l` with all that belongs to them. */
export const LOGGED_MODEL = `select l.model_id, l.experiment_id::text, l.name, l.creation_timestamp_ms, l.last_updated_timestamp_ms, l.artifact_uri,
  l.status, l.model_type, l.source_run_id, ${keyValues('logged_model_tags')} as tags, ${keyValues('logged_model_params')} as params,
  coalesce((select json_agg(x order by key, timestamp, step) from mlflow.logged_model_metrics x where x.model_id = l.model_id), '[]') as metrics,
  coalesce((select json_agg(json_build_object('name', v.name, 'version', v.version::text) order by v.name, v.version)
            from mlflow.model_versions v where v.model_id = l.model_id), '[]') as registrations
  from mlflow.logged_models l`

/** A stored logged model as the protocol tells it; `LOGGED_MODEL` gives the row. */
export function loggedModelFrom({ params, metrics, ...row }: LoggedModelRow): LoggedModel {
  return {
    info: {
      ...row,
      creation_timestamp_ms: Number(row.creation_timestamp_ms),
      last_updated_timestamp_ms: Number(row.last_updated_timestamp_ms),
    },
    data: {
      params,
      metrics: metrics.map(({ dataset_name, dataset_digest, ...metric }) => ({
        ...wireMetric(metric),
        model_id: row.model_id,
        run_id: metric.run_id,
        ...(dataset_name === '' ? {} : { dataset_name, dataset_digest }),
      })),
    },
  }
}

/** What is answered for an id that no logged model has. */
export function noModel(modelId: string): Refusal {
  return new Refusal('RESOURCE_DOES_NOT_EXIST', `Logged model with ID '${modelId}' not found.`)
}

/** Throws a Refusal where there is none; a deleted one is none unless it is allowed. */
export async function loggedModelById(sql: Sql, modelId: string, { isDeletedAllowed = false } = {}): Promise<LoggedModel> {
  const { rows } = await sql.query<LoggedModelRow>(
    `${LOGGED_MODEL} where l.model_id = $1 and (l.lifecycle_stage = 'active' or $2)`,
    [modelId, isDeletedAllowed],
  )
  const [row] = rows
  if (row === undefined) throw noModel(modelId)
  return loggedModelFrom(row)
}

export type NewLoggedModel = {
  readonly modelId: string
  readonly experimentId: string
  readonly name: string
  readonly modelType: string
  readonly sourceRunId: string
  readonly params: readonly Tag[]
  readonly tags: readonly Tag[]
  readonly at: number
}

/** A logged model that waits for its artifacts, which belong below its experiment's. Throws a Refusal for an experiment that is not active. */
export async function createLoggedModel(pool: Pool, asked: NewLoggedModel): Promise<LoggedModel> {
  return inTransaction(pool, async (sql) => {
    const { modelId, experimentId, name, modelType, sourceRunId, at } = asked
    const location = await artifactsOfExperiment(sql, experimentId)
    await sql.query(
      `insert into mlflow.logged_models (model_id, experiment_id, name, artifact_uri, status, model_type, source_run_id,
         creation_timestamp_ms, last_updated_timestamp_ms) values ($1, $2, $3, $4, 'LOGGED_MODEL_PENDING', $5, $6, $7, $7)`,
      [modelId, experimentId, name, `${location.replace(/\/$/, '')}/models/${modelId}/artifacts`, modelType, sourceRunId, at],
    )
    await writeKeyValues(sql, 'logged_model_params', modelId, asked.params)
    await writeKeyValues(sql, 'logged_model_tags', modelId, asked.tags)
    return loggedModelById(sql, modelId)
  })
}

async function artifactsOfExperiment(sql: Sql, experimentId: string): Promise<string> {
  const { rows } = await sql.query<{ artifact_location: string; lifecycle_stage: string }>(
    `select artifact_location, lifecycle_stage from mlflow.experiments where experiment_id::text = $1`,
    [experimentId],
  )
  const [experiment] = rows
  if (experiment === undefined) throw new Refusal('RESOURCE_DOES_NOT_EXIST', `No Experiment with id=${experimentId} exists`)
  if (experiment.lifecycle_stage !== 'active') {
    throw invalid(`The experiment ${experimentId} must be in the 'active' state. Current state is ${experiment.lifecycle_stage}.`)
  }
  return experiment.artifact_location
}

/** Of two values for one key the later stands. */
async function writeKeyValues(
  sql: Sql,
  table: 'logged_model_params' | 'logged_model_tags',
  modelId: string,
  pairs: readonly Tag[],
) {
  const latest = new Map(pairs.map(({ key, value }) => [key, value]))
  await sql.query(
    `insert into mlflow.${table} (model_id, key, value) select $1, * from unnest($2::text[], $3::text[])
     on conflict (model_id, key) do update set value = excluded.value`,
    [modelId, [...latest.keys()], [...latest.values()]],
  )
}

/** Tells whether all of a model's artifacts are there. */
export async function finalizeLoggedModel(
  sql: Sql,
  modelId: string,
  { status, at }: { status: LoggedModelStatus; at: number },
): Promise<LoggedModel> {
  const { rowCount } = await sql.query(
    `update mlflow.logged_models set status = $2, last_updated_timestamp_ms = $3 where model_id = $1 and lifecycle_stage = 'active'`,
    [modelId, status, at],
  )
  if (rowCount === 0) throw noModel(modelId)
  return loggedModelById(sql, modelId)
}

/** Hides a model; its artifacts stay. */
export async function deleteLoggedModel(sql: Sql, modelId: string, at: number): Promise<void> {
  const { rowCount } = await sql.query(
    `update mlflow.logged_models set lifecycle_stage = 'deleted', last_updated_timestamp_ms = $2
     where model_id = $1 and lifecycle_stage = 'active'`,
    [modelId, at],
  )
  if (rowCount === 0) throw noModel(modelId)
}

export async function setLoggedModelTags(sql: Sql, modelId: string, tags: readonly Tag[]): Promise<LoggedModel> {
  await loggedModelById(sql, modelId)
  await writeKeyValues(sql, 'logged_model_tags', modelId, tags)
  return loggedModelById(sql, modelId)
}

export async function deleteLoggedModelTag(sql: Sql, modelId: string, key: string): Promise<void> {
  await loggedModelById(sql, modelId)
  const { rowCount } = await sql.query(`delete from mlflow.logged_model_tags where model_id = $1 and key = $2`, [modelId, key])
  if (rowCount === 0)
    throw new Refusal('RESOURCE_DOES_NOT_EXIST', `No tag with key '${key}' found for model with ID '${modelId}'.`)
}

export async function logLoggedModelParams(sql: Sql, modelId: string, params: readonly Tag[]): Promise<void> {
  await loggedModelById(sql, modelId)
  await writeKeyValues(sql, 'logged_model_params', modelId, params)
}

const VERSIONS_TAG = 'mlflow.modelVersions'

/** Writes into a logged model's tag of versions that it was registered as this one. */
export async function noteVersion(sql: Sql, modelId: string, version: { name: string; version: number }): Promise<void> {
  await sql.query(
    `insert into mlflow.logged_model_tags as noted (model_id, key, value) values ($1, $2, jsonb_build_array($3::jsonb)::text)
     on conflict (model_id, key) do update set value =
       case when noted.value::jsonb @> jsonb_build_array($3::jsonb) then noted.value else (noted.value::jsonb || $3::jsonb)::text end`,
    [modelId, VERSIONS_TAG, JSON.stringify(version)],
  )
}
