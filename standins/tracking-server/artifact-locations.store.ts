import type { Sql } from '#database/connection.client.ts'
import { Refusal } from './refusal.ts'

/** Where a run keeps its artifacts; undefined for an unknown run. */
export async function artifactsOfRun(sql: Sql, runId: string): Promise<string | undefined> {
  const { rows } = await sql.query<{ artifact_uri: string }>(`select artifact_uri from mlflow.runs where run_id = $1`, [runId])
  return rows[0]?.artifact_uri
}

/** Where a run keeps its artifacts. Throws a Refusal for an unknown run. */
export async function artifactRootOf(sql: Sql, runId: string): Promise<string> {
  const root = await artifactsOfRun(sql, runId)
  if (root === undefined) throw new Refusal('RESOURCE_DOES_NOT_EXIST', `Run with id=${runId} not found`)
  return root
}
