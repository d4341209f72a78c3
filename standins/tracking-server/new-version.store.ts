import type { Pool } from 'pg'
import type { Sql } from '#database/connection.client.ts'
import { inTransaction } from '#database/transaction.store.ts'
import { artifactsOfRun } from './artifact-locations.store.ts'
import { loggedModelById, noteVersion } from './logged-models.store.ts'
import { assertSafeSource, loggedModelOf, type ModelVersion, type Tag, versionOf } from './model-version.ts'
import { locationOf, setVersionTags, touchModel, versionByNumber } from './model-versions.store.ts'

export type NewVersion = {
  readonly name: string
  readonly source: string
  /** Empty: the run that the logged model comes from, where there is one. */
  readonly runId: string
  /** Empty: the logged model that the source names, if it names one. */
  readonly modelId: string
  readonly runLink: string
  readonly description: string
  readonly tags: readonly Tag[]
  readonly at: number
}

/**
 * Versions count up from the highest that there is. The model's row is locked, so that two requests get two numbers. Throws a Refusal
 * for an unknown model and for a source that is not safe or names nothing.
 */
export async function createVersion(pool: Pool, asked: NewVersion): Promise<ModelVersion> {
  return inTransaction(pool, async (sql) => {
    const { name, source, at } = asked
    const origin = await originOf(sql, asked)
    await touchModel(sql, name, at)
    const { rows } = await sql.query<{ version: number }>(
      `insert into mlflow.model_versions
         (name, version, source, storage_location, run_id, run_link, model_id, description, creation_timestamp, last_updated_timestamp)
       select $1, coalesce(max(version), 0) + 1, $2, $3, nullif($4, ''), $5, $6, $7, $8, $8 from mlflow.model_versions where name = $1
       returning version`,
      [name, source, origin.location, origin.runId, asked.runLink, origin.modelId ?? null, asked.description, at],
    )
    const [{ version } = { version: 0 }] = rows
    await setVersionTags(sql, { name, version }, asked.tags)
    if (origin.modelId !== undefined) await noteVersion(sql, origin.modelId, { name, version })
    return versionByNumber(sql, { name, version })
  })
}

type Origin = { readonly location: string; readonly runId: string; readonly modelId: string | undefined }

/** Where the artifacts of a new version are, and which run and logged model it comes from. */
async function originOf(sql: Sql, { source, runId, modelId }: NewVersion): Promise<Origin> {
  assertSafeSource(source, runId === '' ? undefined : await artifactsOfRun(sql, runId))
  const modelAsked = loggedModelOf(source) ?? (modelId === '' ? undefined : modelId)
  const model = modelAsked === undefined ? undefined : await loggedModelById(sql, modelAsked)
  const copied = versionOf(source)
  const location = copied === undefined ? source : await locationOf(sql, copied)
  return {
    location: loggedModelOf(source) === undefined ? location : (model?.info.artifact_uri ?? location),
    runId: runId === '' ? (model?.info.source_run_id ?? '') : runId,
    modelId: modelAsked,
  }
}
