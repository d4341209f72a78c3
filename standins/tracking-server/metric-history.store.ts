import type { Sql } from '#database/connection.client.ts'
import { type StoredMetric, type WireMetric, wireMetric } from './wire.ts'

type Page = { readonly limit: number; readonly offset: number }

const COLUMNS = 'm.key, m.value, m.is_nan, m.timestamp, m.step'

/** What was logged of one metric, by time, step and value; nothing for an unknown key or run. */
export async function metricHistory(
  sql: Sql,
  { runId, key, limit, offset }: { readonly runId: string; readonly key: string } & Page,
): Promise<WireMetric[]> {
  const { rows } = await sql.query<StoredMetric>(
    `select ${COLUMNS} from mlflow.metrics m join mlflow.runs r using (run_no)
     where r.run_id = $1 and m.key = $2 order by m.timestamp, m.step, m.value limit $3 offset $4`,
    [runId, key, limit, offset],
  )
  return rows.map(wireMetric)
}

export type MetricOfRun = WireMetric & { readonly run_id: string }
type RowOfRun = StoredMetric & { readonly run_id: string }

/** What was logged of one metric to several runs, run by run, `limit` rows at most in all. */
export async function histories(
  sql: Sql,
  { runIds, key, limit }: { readonly runIds: readonly string[]; readonly key: string; readonly limit: number },
): Promise<MetricOfRun[]> {
  const { rows } = await sql.query<RowOfRun>(
    `select r.run_id, ${COLUMNS} from mlflow.metrics m join mlflow.runs r using (run_no)
     where r.run_id = any($1) and m.key = $2 order by r.run_id, m.timestamp, m.step, m.value limit $3`,
    [runIds, key, limit],
  )
  return rows.map((row) => ({ ...wireMetric(row), run_id: row.run_id }))
}

export type Interval = {
  readonly runIds: readonly string[]
  readonly key: string
  /** Both included; undefined for no bound. */
  readonly fromStep: number | undefined
  readonly untilStep: number | undefined
  readonly limit: number
}

/**
 * The values of one metric at evenly spaced steps of all that the runs have between two steps, about `limit` of them, and at the first and
 * the last step of each run whatever the spacing, so that no curve loses its ends.
 */
export async function sampledHistories(sql: Sql, { runIds, key, fromStep, untilStep, limit }: Interval): Promise<MetricOfRun[]> {
  const { rows } = await sql.query<RowOfRun>(
    `with found as (
       select r.run_id, ${COLUMNS} from mlflow.metrics m join mlflow.runs r using (run_no)
       where r.run_id = any($1) and m.key = $2 and m.step between coalesce($3::bigint, m.step) and coalesce($4::bigint, m.step)
     ), counted as (
       select step, row_number() over (order by step) - 1 as at, count(*) over () as steps from (select distinct step from found) as distinct_steps
     ), sampled as (
       select step from counted where at % ceil(steps / $5::float8)::bigint = 0
       union select min(step) from found group by run_id
       union select max(step) from found group by run_id
     )
     select * from found where step in (select step from sampled) order by run_id, step, timestamp, value`,
    [runIds, key, fromStep ?? null, untilStep ?? null, limit],
  )
  return rows.map((row) => ({ ...wireMetric(row), run_id: row.run_id }))
}
