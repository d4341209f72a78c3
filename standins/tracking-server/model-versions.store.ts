import type { Pool } from 'pg'
import type { Sql } from '#database/connection.client.ts'
import { inTransaction } from '#database/transaction.store.ts'
import type { ModelVersion, Stage, Tag } from './model-version.ts'
import { Refusal } from './refusal.ts'

export type VersionRow = Omit<
  ModelVersion,
  'version' | 'creation_timestamp' | 'last_updated_timestamp' | 'model_id' | 'status'
> & {
  readonly version: number
  readonly creation_timestamp: string
  readonly last_updated_timestamp: string
  readonly model_id: string | null
}

/** The beginning of every question for versions; rows of `v` with their tags and aliases. */
export const VERSION = `select v.name, v.version, v.creation_timestamp, v.last_updated_timestamp, v.current_stage, v.description, v.source,
  coalesce(v.run_id, '') as run_id, v.run_link, v.model_id,
  coalesce((select json_agg(json_build_object('key', key, 'value', value) order by key) from mlflow.model_version_tags t
            where t.name = v.name and t.version = v.version), '[]') as tags,
  coalesce((select json_agg(alias order by alias) from mlflow.registered_model_aliases a
            where a.name = v.name and a.version = v.version), '[]') as aliases
  from mlflow.model_versions v`

/** A stored version as the protocol tells it; `VERSION` gives the row. */
export function versionFrom({ version, creation_timestamp, last_updated_timestamp, model_id, ...row }: VersionRow): ModelVersion {
  return {
    ...row,
    version: String(version),
    creation_timestamp: Number(creation_timestamp),
    last_updated_timestamp: Number(last_updated_timestamp),
    status: 'READY',
    ...(model_id === null ? {} : { model_id }),
  }
}

export type VersionKey = { readonly name: string; readonly version: number }

function noVersion({ name, version }: VersionKey): Refusal {
  return new Refusal('RESOURCE_DOES_NOT_EXIST', `Model Version (name=${name}, version=${version}) not found`)
}

/** Throws a Refusal where there is none. */
export async function versionByNumber(sql: Sql, { name, version }: VersionKey): Promise<ModelVersion> {
  const { rows } = await sql.query<VersionRow>(`${VERSION} where v.name = $1 and v.version = $2`, [name, version])
  const [row] = rows
  if (row === undefined) throw noVersion({ name, version })
  return versionFrom(row)
}

/** Where the artifacts of a version are: its source, or what that stood for when the version was made. */
export async function locationOf(sql: Sql, { name, version }: VersionKey): Promise<string> {
  const { rows } = await sql.query<{ storage_location: string }>(
    `select storage_location from mlflow.model_versions where name = $1 and version = $2`,
    [name, version],
  )
  const [row] = rows
  if (row === undefined) throw noVersion({ name, version })
  return row.storage_location
}

/** The newest version of each of these stages that has one, in the order of their numbers. */
export async function latestVersions(sql: Sql, name: string, stages: readonly Stage[]): Promise<ModelVersion[]> {
  const { rows } = await sql.query<VersionRow>(
    `${VERSION} where v.name = $1 and v.version in (
       select max(version) from mlflow.model_versions where name = $1 and current_stage = any($2) group by current_stage) order by v.version`,
    [name, stages],
  )
  return rows.map(versionFrom)
}

export async function describeVersion(
  pool: Pool,
  key: VersionKey,
  { description, at }: { description: string; at: number },
): Promise<ModelVersion> {
  return changeVersion(pool, key, at, async (sql) => {
    await sql.query(`update mlflow.model_versions set description = $3 where name = $1 and version = $2`, [
      key.name,
      key.version,
      description,
    ])
  })
}

export type Transition = { readonly stage: Stage; readonly archivesOthers: boolean; readonly at: number }

/** Moves a version to a stage; `archivesOthers` archives those that are in it. */
export async function transition(pool: Pool, key: VersionKey, { stage, archivesOthers, at }: Transition): Promise<ModelVersion> {
  return changeVersion(pool, key, at, async (sql) => {
    if (archivesOthers) {
      await sql.query(
        `update mlflow.model_versions set current_stage = 'Archived', last_updated_timestamp = $4
         where name = $1 and version <> $2 and current_stage = $3`,
        [key.name, key.version, stage, at],
      )
    }
    await sql.query(`update mlflow.model_versions set current_stage = $3 where name = $1 and version = $2`, [
      key.name,
      key.version,
      stage,
    ])
  })
}

async function changeVersion(
  pool: Pool,
  key: VersionKey,
  at: number,
  change: (sql: Sql) => Promise<void>,
): Promise<ModelVersion> {
  return inTransaction(pool, async (sql) => {
    // The model before its versions, as in createVersion: two changes of one model wait for each other rather than lock up.
    await touchModel(sql, key.name, at, noVersion(key))
    const { rowCount } = await sql.query(
      `update mlflow.model_versions set last_updated_timestamp = $3 where name = $1 and version = $2`,
      [key.name, key.version, at],
    )
    if (rowCount === 0) throw noVersion(key)
    await change(sql)
    return versionByNumber(sql, key)
  })
}

/** Deletes a version with its tags and aliases. */
export async function deleteVersion(pool: Pool, key: VersionKey, at: number): Promise<void> {
  await inTransaction(pool, async (sql) => {
    await touchModel(sql, key.name, at, noVersion(key))
    const { rowCount } = await sql.query(`delete from mlflow.model_versions where name = $1 and version = $2`, [
      key.name,
      key.version,
    ])
    if (rowCount === 0) throw noVersion(key)
  })
}

/** Marks a model as changed, and locks its row for the rest of the transaction. Throws `absent` where there is no such model. */
export async function touchModel(
  sql: Sql,
  name: string,
  at: number,
  absent = new Refusal('RESOURCE_DOES_NOT_EXIST', `Registered Model with name=${name} not found`),
): Promise<void> {
  const { rowCount } = await sql.query(`update mlflow.registered_models set last_updated_timestamp = $2 where name = $1`, [
    name,
    at,
  ])
  if (rowCount === 0) throw absent
}

/** Of two values for one key the later stands. */
export async function setVersionTags(sql: Sql, key: VersionKey, tags: readonly Tag[]): Promise<void> {
  await versionByNumber(sql, key)
  const latest = new Map(tags.map((tag) => [tag.key, tag.value]))
  await sql.query(
    `insert into mlflow.model_version_tags (name, version, key, value) select $1, $2, * from unnest($3::text[], $4::text[])
     on conflict (name, version, key) do update set value = excluded.value`,
    [key.name, key.version, [...latest.keys()], [...latest.values()]],
  )
}

/** Deleting a tag that is not there changes nothing. */
export async function deleteVersionTag(sql: Sql, key: VersionKey, tag: string): Promise<void> {
  await versionByNumber(sql, key)
  await sql.query(`delete from mlflow.model_version_tags where name = $1 and version = $2 and key = $3`, [
    key.name,
    key.version,
    tag,
  ])
}
