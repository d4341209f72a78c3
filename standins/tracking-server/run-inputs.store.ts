import type { Pool } from 'pg'
import type { Sql } from '#database/connection.client.ts'
import { inTransaction } from '#database/transaction.store.ts'
import type { LoggedDataset } from './run-requests.ts'
import { lockActiveRun } from './runs.store.ts'

export type Inputs = { readonly datasets: readonly LoggedDataset[]; readonly modelIds: readonly string[] }

/** Notes what a run was made from. What it has already stays as it is. A data set is the same one by name and digest within its experiment. */
export async function logInputs(pool: Pool, runId: string, { datasets, modelIds }: Inputs): Promise<void> {
  await inTransaction(pool, async (sql) => {
    const { run_no } = await lockActiveRun(sql, runId)
    await logModels(sql, run_no, { role: 'input', models: modelIds.map((model_id) => ({ model_id, step: 0 })) })
    await sql.query(
      `insert into mlflow.datasets (experiment_id, name, digest, source_type, source, schema, profile)
       select r.experiment_id, d.* from mlflow.runs r,
         unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[]) as d
       where r.run_no = $1 order by 2, 3 on conflict do nothing`,
      [run_no, ...datasetColumns(datasets)],
    )
    await sql.query(
      `insert into mlflow.inputs (run_no, dataset_no)
       select r.run_no, d.dataset_no from mlflow.runs r join mlflow.datasets d using (experiment_id)
       where r.run_no = $1 and (d.name, d.digest) in (select * from unnest($2::text[], $3::text[])) on conflict do nothing`,
      [run_no, ...datasetColumns(datasets).slice(0, 2)],
    )
    await tagInputs(sql, run_no, datasets)
  })
}

function datasetColumns(datasets: readonly LoggedDataset[]): (string | null)[][] {
  const sets = datasets.map(({ dataset }) => dataset)
  return [
    sets.map(({ name }) => name),
    sets.map(({ digest }) => digest),
    sets.map(({ source_type }) => source_type),
    sets.map(({ source }) => source),
    sets.map(({ schema }) => schema ?? null),
    sets.map(({ profile }) => profile ?? null),
  ]
}

async function tagInputs(sql: Sql, runNo: string, datasets: readonly LoggedDataset[]): Promise<void> {
  const tags = datasets.flatMap(({ dataset: { name, digest }, tags: own }) => own.map((tag) => ({ name, digest, ...tag })))
  await sql.query(
    `insert into mlflow.input_tags (run_no, dataset_no, key, value)
     select $1, d.dataset_no, t.key, t.value from unnest($2::text[], $3::text[], $4::text[], $5::text[]) as t (name, digest, key, value)
     join mlflow.runs r on r.run_no = $1
     join mlflow.datasets d on d.experiment_id = r.experiment_id and d.name = t.name and d.digest = t.digest on conflict do nothing`,
    [
      runNo,
      tags.map(({ name }) => name),
      tags.map(({ digest }) => digest),
      tags.map(({ key }) => key),
      tags.map(({ value }) => value),
    ],
  )
}

export type OutputModel = { readonly model_id: string; readonly step: number }

/** Notes the models that a run has made. One that it has already stays as it is. */
export async function logOutputs(pool: Pool, runId: string, models: readonly OutputModel[]): Promise<void> {
  await inTransaction(pool, async (sql) => {
    const { run_no } = await lockActiveRun(sql, runId)
    await logModels(sql, run_no, { role: 'output', models })
  })
}

async function logModels(
  sql: Sql,
  runNo: string,
  { role, models }: { role: 'input' | 'output'; models: readonly OutputModel[] },
): Promise<void> {
  await sql.query(
    `insert into mlflow.run_models (run_no, role, model_id, step) select $1, $2, * from unnest($3::text[], $4::bigint[]) on conflict do nothing`,
    [runNo, role, models.map(({ model_id }) => model_id), models.map(({ step }) => step)],
  )
}

export type DatasetSummary = {
  readonly experiment_id: string
  readonly name: string
  readonly digest: string
  readonly context?: string
}

const MOST_SUMMARIES = 1000

/** The data sets that the active runs of these experiments were made from, each with every context in which it was used. */
export async function datasetsOf(sql: Sql, experimentIds: readonly string[]): Promise<DatasetSummary[]> {
  const { rows } = await sql.query<DatasetSummary & { readonly context: string | null }>(
    `select distinct d.experiment_id::text, d.name, d.digest, t.value as context
     from mlflow.datasets d join mlflow.inputs i using (dataset_no) join mlflow.runs r on r.run_no = i.run_no and r.lifecycle_stage = 'active'
     left join mlflow.input_tags t on t.run_no = i.run_no and t.dataset_no = i.dataset_no and t.key = 'mlflow.data.context'
     where d.experiment_id::text = any($1) order by 1, 2, 3, 4 limit $2`,
    [experimentIds, MOST_SUMMARIES],
  )
  return rows.map(({ context, ...row }) => (context === null ? row : { ...row, context }))
}

const MODELS_TAG = 'mlflow.log-model.history'

/** Appends a model's description to the list that old clients keep in a tag of the run. `model` is JSON text of an object. */
export async function appendModel(pool: Pool, runId: string, model: string): Promise<void> {
  await inTransaction(pool, async (sql) => {
    const { run_no } = await lockActiveRun(sql, runId)
    await sql.query(
      `insert into mlflow.tags as t (run_no, key, value) values ($1, $2, jsonb_build_array($3::jsonb)::text)
       on conflict (run_no, key) do update set value = (t.value::jsonb || jsonb_build_array($3::jsonb))::text`,
      [run_no, MODELS_TAG, model],
    )
  })
}
