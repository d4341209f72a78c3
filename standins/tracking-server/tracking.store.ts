import { fileURLToPath } from 'node:url'
import type { Pool } from 'pg'
import type { Sql } from '#database/connection.client.ts'
import { applyMigrations, drizzle } from '#database/drizzle.client.ts'
import { inTransaction } from '#database/transaction.store.ts'
import { invalid, missing, Refusal } from './refusal.ts'
import { storedValue, type WireMetric, wireMetric } from './wire.ts'

export type KeyValue = { readonly key: string; readonly value: string }
export type MetricRow = { readonly key: string; readonly value: number; readonly timestamp: number; readonly step: number }
export type RunStatus = 'RUNNING' | 'SCHEDULED' | 'FINISHED' | 'FAILED' | 'KILLED'

const MIGRATIONS = fileURLToPath(new URL('./migrations', import.meta.url))

/** Brings the schema `mlflow` up to date; of several processes one does it and the others wait. */
export async function migrateTracking(pool: Pool): Promise<void> {
  const client = await pool.connect()
  try {
    await client.query(`select pg_advisory_lock(hashtext('mlflow migrations'))`)
    await applyMigrations(drizzle(client), {
      migrationsFolder: MIGRATIONS,
      migrationsSchema: 'mlflow',
      migrationsTable: 'migrations',
    })
  } finally {
    await client.query(`select pg_advisory_unlock(hashtext('mlflow migrations'))`)
    client.release()
  }
}

type ExperimentRow = {
  experiment_id: string
  name: string
  artifact_location: string
  lifecycle_stage: string
  creation_time: string
  last_update_time: string
  tags: KeyValue[]
}

const EXPERIMENT = `select e.experiment_id::text, name, artifact_location, lifecycle_stage, creation_time, last_update_time,
  coalesce((select json_agg(json_build_object('key', key, 'value', value) order by key) from mlflow.experiment_tags t
            where t.experiment_id = e.experiment_id), '[]') as tags from mlflow.experiments e`

export type Experiment = Omit<ExperimentRow, 'creation_time' | 'last_update_time'> & {
  creation_time: number
  last_update_time: number
}

function experimentOf(row: ExperimentRow): Experiment {
  return { ...row, creation_time: Number(row.creation_time), last_update_time: Number(row.last_update_time) }
}

export async function createExperiment(
  pool: Pool,
  {
    name,
    artifactLocation,
    tags,
    at,
  }: { name: string; artifactLocation: string | undefined; tags: readonly KeyValue[]; at: number },
): Promise<string> {
  return inTransaction(pool, async (sql) => {
    const { rows } = await sql.query<{ experiment_id: string }>(
      `insert into mlflow.experiments (name, artifact_location, creation_time, last_update_time)
       values ($1, coalesce($2, ''), $3, $3) on conflict (name) do nothing returning experiment_id::text`,
      [name, artifactLocation ?? null, at],
    )
    const id = rows[0]?.experiment_id
    if (id === undefined) throw new Refusal('RESOURCE_ALREADY_EXISTS', `Experiment '${name}' already exists.`)
    if (artifactLocation === undefined) {
      await sql.query(`update mlflow.experiments set artifact_location = $2 where experiment_id = $1`, [
        id,
        `mlflow-artifacts:/${id}`,
      ])
    }
    await sql.query(
      `insert into mlflow.experiment_tags (experiment_id, key, value) select $1, * from unnest($2::text[], $3::text[])`,
      [id, tags.map(({ key }) => key), tags.map(({ value }) => value)],
    )
    return id
  })
}

export async function experimentById(sql: Sql, id: string): Promise<Experiment> {
  if (!/^\d{1,18}$/.test(id)) throw missing('Experiment with id', id)
  const { rows } = await sql.query<ExperimentRow>(`${EXPERIMENT} where e.experiment_id = $1`, [id])
  const [row] = rows
  if (row === undefined) throw missing('Experiment with id', id)
  return experimentOf(row)
}

export async function experimentByName(sql: Sql, name: string): Promise<Experiment> {
  const { rows } = await sql.query<ExperimentRow>(`${EXPERIMENT} where name = $1`, [name])
  const [row] = rows
  if (row === undefined) throw missing('Experiment', name)
  return experimentOf(row)
}

export async function experiments(sql: Sql): Promise<Experiment[]> {
  const { rows } = await sql.query<ExperimentRow>(
    `${EXPERIMENT} where lifecycle_stage = 'active' order by last_update_time desc, e.experiment_id desc`,
  )
  return rows.map(experimentOf)
}

export type NewRun = {
  readonly runId: string
  readonly runName: string
  readonly experiment: Experiment
  readonly userId: string
  readonly startTime: number
  readonly tags: readonly KeyValue[]
}

export async function createRun(pool: Pool, { runId, runName, experiment, userId, startTime, tags }: NewRun): Promise<void> {
  await inTransaction(pool, async (sql) => {
    await sql.query(
      `insert into mlflow.runs (run_id, run_name, experiment_id, user_id, status, start_time, artifact_uri) values ($1, $2, $3, $4, 'RUNNING', $5, $6)`,
      [runId, runName, experiment.experiment_id, userId, startTime, `${experiment.artifact_location}/${runId}/artifacts`],
    )
    await setTags(sql, runId, [...tags.filter(({ key }) => key !== 'mlflow.runName'), { key: 'mlflow.runName', value: runName }])
  })
}

export type RunInfo = {
  readonly run_id: string
  readonly run_uuid: string
  readonly run_name: string
  readonly experiment_id: string
  readonly user_id: string
  readonly status: RunStatus
  readonly start_time: number
  readonly end_time?: number
  readonly artifact_uri: string
  readonly lifecycle_stage: string
}

export type Run = {
  readonly info: RunInfo
  readonly data: {
    readonly metrics: readonly WireMetric[]
    readonly params: readonly KeyValue[]
    readonly tags: readonly KeyValue[]
  }
}

type RunRow = Omit<RunInfo, 'run_uuid' | 'start_time' | 'end_time'> & {
  start_time: string
  end_time: string | null
  metrics: { key: string; value: number; is_nan: boolean; timestamp: string; step: string }[]
  params: KeyValue[]
  tags: KeyValue[]
}

const RUN = `select r.run_id, run_name, experiment_id::text, user_id, status, start_time, end_time, artifact_uri, lifecycle_stage,
  coalesce((select json_agg(m order by key) from mlflow.latest_metrics m where m.run_id = r.run_id), '[]') as metrics,
  coalesce((select json_agg(json_build_object('key', key, 'value', value) order by key) from mlflow.params p where p.run_id = r.run_id), '[]') as params,
  coalesce((select json_agg(json_build_object('key', key, 'value', value) order by key) from mlflow.tags t where t.run_id = r.run_id), '[]') as tags
  from mlflow.runs r`

function runOf({ metrics, params, tags, start_time, end_time, ...info }: RunRow): Run {
  return {
    info: {
      ...info,
      run_uuid: info.run_id,
      start_time: Number(start_time),
      ...(end_time === null ? {} : { end_time: Number(end_time) }),
    },
    data: { metrics: metrics.map(wireMetric), params, tags },
  }
}

export async function runById(sql: Sql, runId: string): Promise<Run> {
  const { rows } = await sql.query<RunRow>(`${RUN} where r.run_id = $1`, [runId])
  const [row] = rows
  if (row === undefined) throw missing('Run', runId)
  return runOf(row)
}

/** The newest runs of these experiments, `limit` at most from `offset`. */
export async function runsOf(
  sql: Sql,
  experimentIds: readonly string[],
  { limit, offset }: { limit: number; offset: number },
): Promise<Run[]> {
  const { rows } = await sql.query<RunRow>(
    `${RUN} where experiment_id::text = any($1) and lifecycle_stage = 'active' order by start_time desc, r.run_id limit $2 offset $3`,
    [experimentIds, limit, offset],
  )
  return rows.map(runOf)
}

export async function updateRun(
  pool: Pool,
  runId: string,
  { status, endTime, runName }: { status: RunStatus | undefined; endTime: number | undefined; runName: string | undefined },
): Promise<void> {
  await inTransaction(pool, async (sql) => {
    await lockRun(sql, runId)
    await sql.query(
      `update mlflow.runs set status = coalesce($2, status), end_time = coalesce($3, end_time), run_name = coalesce($4, run_name) where run_id = $1`,
      [runId, status ?? null, endTime ?? null, runName ?? null],
    )
    if (runName !== undefined) await setTags(sql, runId, [{ key: 'mlflow.runName', value: runName }])
  })
}

export type Batch = {
  readonly metrics: readonly MetricRow[]
  readonly params: readonly KeyValue[]
  readonly tags: readonly KeyValue[]
}

/** Writes a batch whole or not at all. The run's row is locked first, so that batches of one run come one after the other. */
export async function logBatch(pool: Pool, runId: string, { metrics, params, tags }: Batch): Promise<void> {
  await inTransaction(pool, async (sql) => {
    await lockRun(sql, runId)
    await logParams(sql, runId, params)
    await setTags(sql, runId, tags)
    await logMetrics(sql, runId, metrics)
  })
}

async function lockRun(sql: Sql, runId: string): Promise<void> {
  const { rows } = await sql.query<{ lifecycle_stage: string }>(
    `select lifecycle_stage from mlflow.runs where run_id = $1 for update`,
    [runId],
  )
  const [row] = rows
  if (row === undefined) throw missing('Run', runId)
  if (row.lifecycle_stage !== 'active')
    throw invalid(`The run ${runId} must be in the 'active' state. Current state is ${row.lifecycle_stage}.`)
}

async function logParams(sql: Sql, runId: string, params: readonly KeyValue[]): Promise<void> {
  if (params.length === 0) return
  const keys = params.map(({ key }) => key)
  if (new Set(keys).size < keys.length) throw invalid('Duplicate parameter keys have been submitted in one request.')
  await sql.query(
    `insert into mlflow.params (run_id, key, value) select $1, * from unnest($2::text[], $3::text[]) on conflict do nothing`,
    [runId, keys, params.map(({ value }) => value)],
  )
  const { rows } = await sql.query<KeyValue>(`select key, value from mlflow.params where run_id = $1 and key = any($2)`, [
    runId,
    keys,
  ])
  const stored = new Map(rows.map(({ key, value }) => [key, value]))
  const changed = params.find(({ key, value }) => stored.get(key) !== value)
  if (changed === undefined) return
  throw invalid(
    `Changing param values is not allowed. Param with key='${changed.key}' was already logged with value='${stored.get(changed.key)}' for run ID='${runId}'. Attempted logging new value '${changed.value}'.`,
  )
}

async function setTags(sql: Sql, runId: string, tags: readonly KeyValue[]): Promise<void> {
  if (tags.length === 0) return
  const latest = new Map(tags.map(({ key, value }) => [key, value]))
  await sql.query(
    `insert into mlflow.tags (run_id, key, value) select $1, * from unnest($2::text[], $3::text[])
     on conflict (run_id, key) do update set value = excluded.value`,
    [runId, [...latest.keys()], [...latest.values()]],
  )
}

async function logMetrics(sql: Sql, runId: string, metrics: readonly MetricRow[]): Promise<void> {
  if (metrics.length === 0) return
  const values = metrics.map(({ value }) => storedValue(value))
  await sql.query(
    `with logged as (
       select * from unnest($2::text[], $3::bigint[], $4::bigint[], $5::float8[], $6::bool[]) as m (key, timestamp, step, value, is_nan)
     ), kept as (
       insert into mlflow.metrics (run_id, key, timestamp, step, value, is_nan) select distinct $1, m.* from logged m on conflict do nothing
     )
     insert into mlflow.latest_metrics as latest (run_id, key, timestamp, step, value, is_nan)
     select distinct on (key) $1, m.* from logged m order by key, step desc, timestamp desc, value desc
     on conflict (run_id, key) do update
       set timestamp = excluded.timestamp, step = excluded.step, value = excluded.value, is_nan = excluded.is_nan
       where (latest.step, latest.timestamp, latest.value) <= (excluded.step, excluded.timestamp, excluded.value)`,
    [
      runId,
      metrics.map(({ key }) => key),
      metrics.map((m) => m.timestamp),
      metrics.map((m) => m.step),
      values.map((v) => v.value),
      values.map((v) => v.isNan),
    ],
  )
}

export async function metricHistory(sql: Sql, runId: string, key: string): Promise<WireMetric[]> {
  const { rows } = await sql.query<{ key: string; value: number; is_nan: boolean; timestamp: string; step: string }>(
    `select key, value, is_nan, timestamp, step from mlflow.metrics where run_id = $1 and key = $2 order by timestamp, step, value`,
    [runId, key],
  )
  return rows.map(wireMetric)
}
