import type { Pool } from 'pg'
import type { Sql } from '#database/connection.client.ts'
import { inTransaction } from '#database/transaction.store.ts'
import type { ModelVersion, Tag } from './model-version.ts'
import { VERSION, type VersionKey, type VersionRow, versionByNumber, versionFrom } from './model-versions.store.ts'
import { invalid, Refusal } from './refusal.ts'

export type RegisteredModel = {
  readonly name: string
  readonly creation_timestamp: number
  readonly last_updated_timestamp: number
  readonly description: string
  readonly latest_versions: readonly ModelVersion[]
  readonly tags: readonly Tag[]
  readonly aliases: readonly { readonly alias: string; readonly version: string }[]
}

export type ModelRow = Omit<RegisteredModel, 'creation_timestamp' | 'last_updated_timestamp' | 'latest_versions'> & {
  readonly creation_timestamp: string
  readonly last_updated_timestamp: string
}

/** The beginning of every question for models; rows of `m` with their tags and aliases. */
export const MODEL = `select m.name, m.description, m.creation_timestamp, m.last_updated_timestamp,
  coalesce((select json_agg(json_build_object('key', key, 'value', value) order by key) from mlflow.registered_model_tags t
            where t.name = m.name), '[]') as tags,
  coalesce((select json_agg(json_build_object('alias', alias, 'version', version::text) order by alias)
            from mlflow.registered_model_aliases a where a.name = m.name), '[]') as aliases
  from mlflow.registered_models m`

/** These models as the protocol tells them, each with the newest version of each stage. */
export async function modelsFrom(sql: Sql, rows: readonly ModelRow[]): Promise<RegisteredModel[]> {
  const latest = await sql.query<VersionRow>(
    `${VERSION} where (v.name, v.version) in (
       select name, max(version) from mlflow.model_versions where name = any($1) group by name, current_stage) order by v.version`,
    [rows.map(({ name }) => name)],
  )
  const versions = Map.groupBy(latest.rows, ({ name }) => name)
  return rows.map((row) => ({
    ...row,
    creation_timestamp: Number(row.creation_timestamp),
    last_updated_timestamp: Number(row.last_updated_timestamp),
    latest_versions: (versions.get(row.name) ?? []).map(versionFrom),
  }))
}

function noModel(name: string): Refusal {
  return new Refusal('RESOURCE_DOES_NOT_EXIST', `Registered Model with name=${name} not found`)
}

/** Throws a Refusal where there is none. */
export async function modelByName(sql: Sql, name: string): Promise<RegisteredModel> {
  const { rows } = await sql.query<ModelRow>(`${MODEL} where m.name = $1`, [name])
  const [model] = await modelsFrom(sql, rows)
  if (model === undefined) throw noModel(name)
  return model
}

export type NewModel = { readonly name: string; readonly description: string; readonly tags: readonly Tag[]; readonly at: number }

/** Throws a Refusal where there is a model of this name. */
export async function createModel(pool: Pool, { name, description, tags, at }: NewModel): Promise<RegisteredModel> {
  return inTransaction(pool, async (sql) => {
    const { rowCount } = await sql.query(
      `insert into mlflow.registered_models (name, description, creation_timestamp, last_updated_timestamp) values ($1, $2, $3, $3) on conflict do nothing`,
      [name, description, at],
    )
    if (rowCount === 0) throw taken(name)
    await writeTags(sql, name, tags)
    return modelByName(sql, name)
  })
}

function taken(name: string): Refusal {
  return new Refusal('RESOURCE_ALREADY_EXISTS', `Registered Model (name=${name}) already exists.`)
}

/** Renames a model; its versions, tags and aliases go with it. */
export async function renameModel(pool: Pool, name: string, { to, at }: { to: string; at: number }): Promise<RegisteredModel> {
  return inTransaction(pool, async (sql) => {
    const { rows } = await sql.query<{ name: string }>(
      `select name from mlflow.registered_models where name = any($1) order by name for update`,
      [[name, to]],
    )
    if (!rows.some((row) => row.name === name)) throw noModel(name)
    if (name !== to && rows.length > 1) throw taken(to)
    await sql.query(`update mlflow.registered_models set name = $2, last_updated_timestamp = $3 where name = $1`, [name, to, at])
    await sql.query(`update mlflow.model_versions set last_updated_timestamp = $2 where name = $1`, [to, at])
    return modelByName(sql, to)
  })
}

export async function describeModel(
  sql: Sql,
  name: string,
  { description, at }: { description: string; at: number },
): Promise<RegisteredModel> {
  const { rowCount } = await sql.query(
    `update mlflow.registered_models set description = $2, last_updated_timestamp = $3 where name = $1`,
    [name, description, at],
  )
  if (rowCount === 0) throw noModel(name)
  return modelByName(sql, name)
}

/** Deletes a model with its versions, tags and aliases. */
export async function deleteModel(sql: Sql, name: string): Promise<void> {
  const { rowCount } = await sql.query(`delete from mlflow.registered_models where name = $1`, [name])
  if (rowCount === 0) throw noModel(name)
}

export async function setModelTag(sql: Sql, name: string, tag: Tag): Promise<void> {
  await modelByName(sql, name)
  await writeTags(sql, name, [tag])
}

/** Of two values for one key the later stands. */
async function writeTags(sql: Sql, name: string, tags: readonly Tag[]): Promise<void> {
  const latest = new Map(tags.map(({ key, value }) => [key, value]))
  await sql.query(
    `insert into mlflow.registered_model_tags (name, key, value) select $1, * from unnest($2::text[], $3::text[])
     on conflict (name, key) do update set value = excluded.value`,
    [name, [...latest.keys()], [...latest.values()]],
  )
}

/** Deleting a tag that is not there changes nothing. */
export async function deleteModelTag(sql: Sql, name: string, key: string): Promise<void> {
  await modelByName(sql, name)
  await sql.query(`delete from mlflow.registered_model_tags where name = $1 and key = $2`, [name, key])
}

/** Gives a version an alias, taking it from the version that has it. */
export async function setAlias(sql: Sql, { name, version }: VersionKey, alias: string): Promise<void> {
  await versionByNumber(sql, { name, version })
  await sql.query(
    `insert into mlflow.registered_model_aliases (name, alias, version) values ($1, $2, $3)
     on conflict (name, alias) do update set version = excluded.version`,
    [name, alias, version],
  )
}

/** Deleting an alias that is not there changes nothing. */
export async function deleteAlias(sql: Sql, name: string, alias: string): Promise<void> {
  await modelByName(sql, name)
  await sql.query(`delete from mlflow.registered_model_aliases where name = $1 and alias = $2`, [name, alias])
}

/** The version that has an alias; `latest` is the newest one's, whatever its stage. */
export async function versionByAlias(sql: Sql, name: string, alias: string): Promise<ModelVersion> {
  await modelByName(sql, name)
  const isLatest = alias.toLowerCase() === 'latest'
  const { rows } = await sql.query<{ version: number | null }>(
    isLatest
      ? `select max(version) as version from mlflow.model_versions where name = $1`
      : `select version from mlflow.registered_model_aliases where name = $1 and alias = $2`,
    isLatest ? [name] : [name, alias],
  )
  const version = rows[0]?.version ?? undefined
  if (version !== undefined) return versionByNumber(sql, { name, version })
  if (isLatest) throw new Refusal('RESOURCE_DOES_NOT_EXIST', `Latest version not found for model ${name}.`)
  throw invalid(`Registered model alias ${alias} not found.`)
}
