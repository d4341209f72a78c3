import type { Pool } from 'pg'
import type { Sql } from '#database/connection.client.ts'
import { inTransaction } from '#database/transaction.store.ts'
import { assertActive, experimentById } from './experiments.store.ts'
import { Refusal } from './refusal.ts'
import type { NewlyMadeRun, RunInfo } from './run-info.ts'
import type { RunStatus } from './run-requests.ts'
import type { KeyValue } from './wire.ts'

export const RUN_NAME_TAG = 'mlflow.runName'

export type NewRun = {
  readonly runId: string
  readonly runName: string
  /** Whole-number text. */
  readonly experimentId: string
  readonly userId: string
  readonly startTime: number
  /** Each key once; the run's name among them. */
  readonly tags: readonly KeyValue[]
}

const CREATE = `with asked as (
    select * from unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::bigint[]) as a (run_id, run_name, experiment_id, user_id, start_time)
  ), made as (
    insert into mlflow.runs (run_id, run_name, experiment_id, user_id, status, start_time, artifact_uri)
    select a.run_id, a.run_name, a.experiment_id, a.user_id, 'RUNNING', a.start_time, e.artifact_location || '/' || a.run_id || '/artifacts'
    from asked a join mlflow.experiments e on e.experiment_id = a.experiment_id and e.lifecycle_stage = 'active'
    returning run_id, run_no, artifact_uri
  ), tagged as (
    insert into mlflow.tags (run_no, key, value)
    select made.run_no, t.key, t.value from unnest($6::text[], $7::text[], $8::text[]) as t (run_id, key, value) join made using (run_id)
  )
  select run_id, artifact_uri from made`

/**
 * Creates these runs in one statement. Each answer, in their order, is the run or a refusal: of an experiment that is not there
 * or is deleted.
 */
export async function createRuns(sql: Sql, runs: readonly NewRun[]): Promise<(NewlyMadeRun | Refusal)[]> {
  const tags = runs.flatMap(({ runId, tags: own }) => own.map(({ key, value }) => ({ runId, key, value })))
  const { rows } = await sql.query<{ run_id: string; artifact_uri: string }>({
    name: 'mlflow-create-runs',
    text: CREATE,
    values: [
      runs.map(({ runId }) => runId),
      runs.map(({ runName }) => runName),
      runs.map(({ experimentId }) => experimentId),
      runs.map(({ userId }) => userId),
      runs.map(({ startTime }) => startTime),
      tags.map(({ runId }) => runId),
      tags.map(({ key }) => key),
      tags.map(({ value }) => value),
    ],
  })
  const placed = new Map(rows.map(({ run_id, artifact_uri }) => [run_id, artifact_uri]))
  return Promise.all(
    runs.map((run) => {
      const artifactUri = placed.get(run.runId)
      return artifactUri === undefined ? whyNotIn(sql, run.experimentId) : newlyMade(run, artifactUri)
    }),
  )
}

async function whyNotIn(sql: Sql, experimentId: string): Promise<Refusal> {
  try {
    assertActive('experiment', experimentId, (await experimentById(sql, experimentId)).lifecycle_stage)
  } catch (cause) {
    if (cause instanceof Refusal) return cause
    throw cause
  }
  return new Refusal('ABORTED', `The experiment ${experimentId} was being restored. Ask again.`)
}

function newlyMade({ runId, runName, experimentId, userId, startTime, tags }: NewRun, artifactUri: string): NewlyMadeRun {
  return {
    info: {
      run_uuid: runId,
      experiment_id: experimentId,
      run_name: runName,
      user_id: userId,
      status: 'RUNNING',
      start_time: startTime,
      artifact_uri: artifactUri,
      lifecycle_stage: 'active',
      run_id: runId,
    },
    data: { tags },
    inputs: {},
  }
}

export type LockedRun = { readonly run_no: string; readonly run_id: string; readonly lifecycle_stage: string }

/** Locks a run until the transaction ends. Throws RESOURCE_DOES_NOT_EXIST, and INVALID_PARAMETER_VALUE for a deleted one. */
export async function lockActiveRun(sql: Sql, runId: string): Promise<LockedRun> {
  const { rows } = await sql.query<LockedRun>(
    `update mlflow.runs set revision = revision + 1 where run_id = $1 returning run_no, run_id, lifecycle_stage`,
    [runId],
  )
  const [run] = rows
  if (run === undefined) throw noRun(runId)
  assertActive('run', runId, run.lifecycle_stage)
  return run
}

export function noRun(runId: string): Refusal {
  return new Refusal('RESOURCE_DOES_NOT_EXIST', `Run with id=${runId} not found`)
}

export type RunUpdate = {
  readonly status: RunStatus | undefined
  readonly endTime: number | undefined
  /** An empty name leaves the name as it is. */
  readonly runName: string | undefined
}

type InfoRow = Omit<RunInfo, 'run_uuid' | 'start_time' | 'end_time'> & { start_time: string; end_time: string | null }

/** Changes what is told of an active run and answers its facts. The name is kept in its tag too. */
export async function updateRun(pool: Pool, runId: string, { status, endTime, runName = '' }: RunUpdate): Promise<RunInfo> {
  return inTransaction(pool, async (sql) => {
    const { run_no } = await lockActiveRun(sql, runId)
    if (runName !== '') {
      await sql.query(
        `insert into mlflow.tags (run_no, key, value) values ($1, $2, $3) on conflict (run_no, key) do update set value = excluded.value`,
        [run_no, RUN_NAME_TAG, runName],
      )
    }
    const { rows } = await sql.query<InfoRow>(
      `update mlflow.runs set status = coalesce($2, status), end_time = coalesce($3, end_time), run_name = coalesce(nullif($4, ''), run_name)
       where run_no = $1
       returning run_id, run_name, experiment_id::text, user_id, status, start_time, end_time, artifact_uri, lifecycle_stage`,
      [run_no, status ?? null, endTime ?? null, runName],
    )
    const [row] = rows
    if (row === undefined) throw noRun(runId)
    const { start_time, end_time, ...info } = row
    const ended = end_time === null ? {} : { end_time: Number(end_time) }
    return { ...info, run_uuid: info.run_id, start_time: Number(start_time), ...ended }
  })
}

/** Deletes or restores a run; one that is so already stays so. Throws RESOURCE_DOES_NOT_EXIST. */
export async function moveRun(sql: Sql, runId: string, to: 'active' | 'deleted'): Promise<void> {
  const { rowCount } = await sql.query(`update mlflow.runs set lifecycle_stage = $2, revision = revision + 1 where run_id = $1`, [
    runId,
    to,
  ])
  if (rowCount === 0) throw noRun(runId)
}

/** Removes a tag of an active run. Throws RESOURCE_DOES_NOT_EXIST where it has none of this key. */
export async function untagRun(pool: Pool, runId: string, key: string): Promise<void> {
  await inTransaction(pool, async (sql) => {
    const { run_no } = await lockActiveRun(sql, runId)
    const { rowCount } = await sql.query(`delete from mlflow.tags where run_no = $1 and key = $2`, [run_no, key])
    if (rowCount === 0) throw new Refusal('RESOURCE_DOES_NOT_EXIST', `No tag with name: ${key} in run with id ${runId}`)
  })
}
