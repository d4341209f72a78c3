import type { Pool } from 'pg'
import type { Sql } from '#database/connection.client.ts'
import { inTransaction } from '#database/transaction.store.ts'
import { invalid, Refusal } from './refusal.ts'
import type { KeyValue } from './wire.ts'

export type Experiment = {
  readonly experiment_id: string
  readonly name: string
  readonly artifact_location: string
  readonly lifecycle_stage: 'active' | 'deleted'
  readonly creation_time: number
  readonly last_update_time: number
  readonly tags?: readonly KeyValue[]
}

export type ExperimentRow = Omit<Experiment, 'creation_time' | 'last_update_time' | 'tags'> & {
  readonly creation_time: string
  readonly last_update_time: string
  readonly tags: readonly KeyValue[] | null
}

/** Experiments with their tags, as `experimentFrom` reads them. */
export const EXPERIMENT = `select e.experiment_id::text, e.name, e.artifact_location, e.lifecycle_stage, e.creation_time, e.last_update_time,
  (select json_agg(json_build_object('key', key, 'value', value) order by key) from mlflow.experiment_tags t
    where t.experiment_id = e.experiment_id) as tags from mlflow.experiments e`

/** An experiment as the wire has it: without tags where it has none. */
export function experimentFrom({ tags, creation_time, last_update_time, ...row }: ExperimentRow): Experiment {
  const times = { creation_time: Number(creation_time), last_update_time: Number(last_update_time) }
  return { ...row, ...times, ...(tags === null ? {} : { tags }) }
}

export type NewExperiment = {
  readonly name: string
  readonly artifactLocation: string | undefined
  readonly tags: readonly KeyValue[]
  readonly at: number
}

/** Creates an experiment and answers its id. Throws RESOURCE_ALREADY_EXISTS for a name taken before, also by a deleted one. */
export async function createExperiment(sql: Sql, { name, artifactLocation, tags, at }: NewExperiment): Promise<string> {
  const { rows } = await sql.query<{ experiment_id: string }>(
    `with made as (
       insert into mlflow.experiments (experiment_id, name, artifact_location, creation_time, last_update_time)
       select id, $1, coalesce($2, 'mlflow-artifacts:/' || id), $3, $3
       from (select nextval(pg_get_serial_sequence('mlflow.experiments', 'experiment_id')) as id) as next
       on conflict (name) do nothing returning experiment_id
     ), tagged as (
       insert into mlflow.experiment_tags (experiment_id, key, value)
       select experiment_id, t.key, t.value from made, unnest($4::text[], $5::text[]) as t (key, value)
     )
     select experiment_id::text from made`,
    [name, artifactLocation ?? null, at, ...latestByKey(tags)],
  )
  const id = rows[0]?.experiment_id
  if (id === undefined) throw new Refusal('RESOURCE_ALREADY_EXISTS', `Experiment(name=${name}) already exists.`)
  return id
}

function latestByKey(tags: readonly KeyValue[]): [string[], string[]] {
  const latest = new Map(tags.map(({ key, value }) => [key, value]))
  return [[...latest.keys()], [...latest.values()]]
}

/** The experiment of this id, deleted or not. Throws RESOURCE_DOES_NOT_EXIST. */
export async function experimentById(sql: Sql, id: string): Promise<Experiment> {
  const { rows } = await sql.query<ExperimentRow>(`${EXPERIMENT} where e.experiment_id = $1`, [numberOf(id)])
  const [row] = rows
  if (row === undefined) throw noExperiment(id)
  return experimentFrom(row)
}

/** The experiment of this name, deleted or not. Throws RESOURCE_DOES_NOT_EXIST. */
export async function experimentByName(sql: Sql, name: string): Promise<Experiment> {
  const { rows } = await sql.query<ExperimentRow>(`${EXPERIMENT} where e.name = $1`, [name])
  const [row] = rows
  if (row === undefined) throw new Refusal('RESOURCE_DOES_NOT_EXIST', `Could not find experiment with name '${name}'`)
  return experimentFrom(row)
}

/** Our ids are whole numbers; another text is the id of no experiment. */
export function numberOf(id: string): string {
  if (!/^\d{1,18}$/.test(id)) throw noExperiment(id)
  return id
}

function noExperiment(id: string): Refusal {
  return new Refusal('RESOURCE_DOES_NOT_EXIST', `No Experiment with id=${id} exists`)
}

/** Refuses writes to what is not active, in the protocol's words. */
export function assertActive(kind: 'experiment' | 'run', id: string, stage: string): void {
  if (stage !== 'active') throw invalid(`The ${kind} ${id} must be in the 'active' state. Current state is ${stage}.`)
}

/** Renames an active experiment. Throws RESOURCE_ALREADY_EXISTS for a name taken before. */
export async function renameExperiment(sql: Sql, id: string, { name, at }: { name: string; at: number }): Promise<void> {
  const { lifecycle_stage } = await experimentById(sql, id)
  if (lifecycle_stage !== 'active') throw invalid('Cannot rename a non-active experiment.')
  const { rowCount } = await sql.query(
    `update mlflow.experiments e set name = $2, last_update_time = $3 where experiment_id = $1
       and not exists (select from mlflow.experiments other where other.name = $2 and other.experiment_id <> $1)`,
    [id, name, at],
  )
  if (rowCount === 0) throw new Refusal('RESOURCE_ALREADY_EXISTS', `Experiment(name=${name}) already exists.`)
}

/** Deletes or restores an experiment and all of its runs. Throws RESOURCE_DOES_NOT_EXIST for one that is so already. */
export async function moveExperiment(
  pool: Pool,
  id: string,
  { to, at }: { to: 'active' | 'deleted'; at: number },
): Promise<void> {
  await inTransaction(pool, async (sql) => {
    const { rowCount } = await sql.query(
      `update mlflow.experiments set lifecycle_stage = $2, last_update_time = $3 where experiment_id = $1 and lifecycle_stage <> $2`,
      [numberOf(id), to, at],
    )
    if (rowCount === 0) throw noExperiment(id)
    await sql.query(
      `update mlflow.runs set lifecycle_stage = $2, revision = revision + 1 where experiment_id = $1 and lifecycle_stage <> $2`,
      [id, to],
    )
  })
}

/** Sets a tag of an active experiment. */
export async function tagExperiment(sql: Sql, id: string, { key, value }: KeyValue): Promise<void> {
  assertActive('experiment', id, (await experimentById(sql, id)).lifecycle_stage)
  await sql.query(
    `insert into mlflow.experiment_tags (experiment_id, key, value) values ($1, $2, $3)
     on conflict (experiment_id, key) do update set value = excluded.value`,
    [id, key, value],
  )
}

/** Removes a tag of an active experiment. Throws RESOURCE_DOES_NOT_EXIST where it has none of this key. */
export async function untagExperiment(sql: Sql, id: string, key: string): Promise<void> {
  assertActive('experiment', id, (await experimentById(sql, id)).lifecycle_stage)
  const { rowCount } = await sql.query(`delete from mlflow.experiment_tags where experiment_id = $1 and key = $2`, [id, key])
  if (rowCount === 0) throw new Refusal('RESOURCE_DOES_NOT_EXIST', `No tag with name: ${key} in experiment with id ${id}`)
}
