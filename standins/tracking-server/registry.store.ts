import type { Pool } from 'pg'
import type { Sql } from '#database/connection.client.ts'
import { inTransaction } from '#database/transaction.store.ts'
import { invalid, missing, Refusal } from './refusal.ts'
import type { KeyValue } from './tracking.store.ts'

const STAGES = ['None', 'Staging', 'Production', 'Archived'] as const
export type Stage = (typeof STAGES)[number]

export type ModelVersion = {
  readonly name: string
  readonly version: string
  readonly creation_timestamp: number
  readonly last_updated_timestamp: number
  readonly current_stage: Stage
  readonly description: string
  readonly source: string
  readonly run_id?: string
  readonly status: 'READY'
  readonly tags: readonly KeyValue[]
}

export type RegisteredModel = {
  readonly name: string
  readonly creation_timestamp: number
  readonly last_updated_timestamp: number
  readonly description: string
  readonly latest_versions: readonly ModelVersion[]
}

type VersionRow = {
  name: string
  version: number
  creation_timestamp: string
  last_updated_timestamp: string
  current_stage: Stage
  description: string
  source: string
  run_id: string | null
  tags: KeyValue[]
}

const VERSION = `select v.name, v.version, v.creation_timestamp, v.last_updated_timestamp, v.current_stage, v.description, v.source, v.run_id,
  coalesce((select json_agg(json_build_object('key', key, 'value', value) order by key) from mlflow.model_version_tags t
            where t.name = v.name and t.version = v.version), '[]') as tags from mlflow.model_versions v`

function versionOf({ run_id, version, creation_timestamp, last_updated_timestamp, ...row }: VersionRow): ModelVersion {
  return {
    ...row,
    version: String(version),
    creation_timestamp: Number(creation_timestamp),
    last_updated_timestamp: Number(last_updated_timestamp),
    status: 'READY',
    ...(run_id === null ? {} : { run_id }),
  }
}

/** The stage that `text` names in any case. */
export function stageFrom(text: string): Stage {
  const stage = STAGES.find((name) => name.toLowerCase() === text.toLowerCase())
  if (stage === undefined) throw invalid(`Invalid Model Version stage: ${text}. Value must be one of ${STAGES.join(', ')}.`)
  return stage
}

export async function createModel(
  sql: Sql,
  { name, description, at }: { name: string; description: string; at: number },
): Promise<RegisteredModel> {
  const { rowCount } = await sql.query(
    `insert into mlflow.registered_models (name, description, creation_timestamp, last_updated_timestamp) values ($1, $2, $3, $3) on conflict do nothing`,
    [name, description, at],
  )
  if (rowCount === 0) throw new Refusal('RESOURCE_ALREADY_EXISTS', `Registered Model (name=${name}) already exists.`)
  return modelByName(sql, name)
}

type ModelRow = { name: string; description: string; creation_timestamp: string; last_updated_timestamp: string }

async function modelsWhere(sql: Sql, where: string, values: readonly string[]): Promise<RegisteredModel[]> {
  const { rows } = await sql.query<ModelRow>(
    `select name, description, creation_timestamp, last_updated_timestamp from mlflow.registered_models ${where} order by name`,
    [...values],
  )
  const latest = await sql.query<VersionRow>(
    `${VERSION} where (v.name, v.version) in (
       select name, max(version) from mlflow.model_versions where name = any($1) group by name, current_stage) order by v.version`,
    [rows.map(({ name }) => name)],
  )
  return rows.map((row) => ({
    ...row,
    creation_timestamp: Number(row.creation_timestamp),
    last_updated_timestamp: Number(row.last_updated_timestamp),
    latest_versions: latest.rows.filter(({ name }) => name === row.name).map(versionOf),
  }))
}

export async function modelByName(sql: Sql, name: string): Promise<RegisteredModel> {
  const [model] = await modelsWhere(sql, 'where name = $1', [name])
  if (model === undefined) throw missing('Registered Model with name', name)
  return model
}

export function models(sql: Sql): Promise<RegisteredModel[]> {
  return modelsWhere(sql, '', [])
}

export type NewVersion = {
  readonly name: string
  readonly source: string
  readonly runId: string | undefined
  readonly description: string
  readonly tags: readonly KeyValue[]
  readonly at: number
}

/** Versions count up from one; the model's row is locked, so that two requests get two numbers. */
export async function createVersion(
  pool: Pool,
  { name, source, runId, description, tags, at }: NewVersion,
): Promise<ModelVersion> {
  return inTransaction(pool, async (sql) => {
    const { rowCount } = await sql.query(`update mlflow.registered_models set last_updated_timestamp = $2 where name = $1`, [
      name,
      at,
    ])
    if (rowCount === 0) throw missing('Registered Model with name', name)
    const { rows } = await sql.query<{ version: number }>(
      `insert into mlflow.model_versions (name, version, source, run_id, description, creation_timestamp, last_updated_timestamp)
       select $1, coalesce(max(version), 0) + 1, $2, $3, $4, $5, $5 from mlflow.model_versions where name = $1 returning version`,
      [name, source, runId ?? null, description, at],
    )
    const version = rows[0]?.version ?? 0
    await sql.query(
      `insert into mlflow.model_version_tags (name, version, key, value) select $1, $2, * from unnest($3::text[], $4::text[])`,
      [name, version, tags.map(({ key }) => key), tags.map(({ value }) => value)],
    )
    return versionByNumber(sql, name, version)
  })
}

export async function versionByNumber(sql: Sql, name: string, version: number): Promise<ModelVersion> {
  const { rows } = await sql.query<VersionRow>(`${VERSION} where v.name = $1 and v.version = $2`, [name, version])
  const [row] = rows
  if (row === undefined) throw missing(`Model Version (name=${name}, version=${version})`, `${name}/${version}`)
  return versionOf(row)
}

export async function transition(
  pool: Pool,
  {
    name,
    version,
    stage,
    archivesOthers,
    at,
  }: { name: string; version: number; stage: Stage; archivesOthers: boolean; at: number },
): Promise<ModelVersion> {
  return inTransaction(pool, async (sql) => {
    await versionByNumber(sql, name, version)
    if (archivesOthers) {
      await sql.query(
        `update mlflow.model_versions set current_stage = 'Archived', last_updated_timestamp = $4 where name = $1 and version <> $2 and current_stage = $3`,
        [name, version, stage, at],
      )
    }
    await sql.query(
      `update mlflow.model_versions set current_stage = $3, last_updated_timestamp = $4 where name = $1 and version = $2`,
      [name, version, stage, at],
    )
    return versionByNumber(sql, name, version)
  })
}
