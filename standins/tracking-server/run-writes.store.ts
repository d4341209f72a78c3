import type { Pool } from 'pg'
import type { Sql } from '#database/connection.client.ts'
import { inTransaction } from '#database/transaction.store.ts'
import { assertActive } from './experiments.store.ts'
import type { SentBatch } from './limits.ts'
import { logModelMetrics } from './logged-model-metrics.store.ts'
import { invalid, Refusal } from './refusal.ts'
import type { LoggedMetric } from './run-requests.ts'
import { type LockedRun, noRun, RUN_NAME_TAG } from './runs.store.ts'
import { type KeyValue, storedValue } from './wire.ts'

/** What is logged to one run; its limits are held already. */
export type RunBatch = SentBatch & { readonly runId: string }

/** Among batches that share a transaction each run is there once. */
type Placed = RunBatch & { readonly runNo: string }

/**
 * Writes batches of different runs in one transaction. Each answer, in their order, is a refusal or undefined for a batch that is
 * written, which it is whole. The runs are locked in the order of their ids, so that two writers of the same runs never wait for each other.
 */
export async function writeBatches(pool: Pool, batches: readonly RunBatch[]): Promise<(Refusal | undefined)[]> {
  return inTransaction(pool, async (sql) => {
    const runs = await lockRuns(
      sql,
      batches.map(({ runId }) => runId),
    )
    const placed = batches.map((batch) => placedIn(batch, runs.get(batch.runId)))
    const present = placed.flatMap((one) => (one instanceof Refusal ? [] : [one]))
    const changed = await changedParams(sql, present)
    const verdicts = placed.map((one) => (one instanceof Refusal ? one : changed.get(one.runId)))
    const accepted = present.filter(({ runId }) => !changed.has(runId))
    await write(sql, accepted)
    for (const { runId, metrics } of accepted) {
      if (metrics.some(({ model_id }) => model_id !== undefined)) await logModelMetrics(sql, runId, metrics)
    }
    return verdicts
  })
}

async function lockRuns(sql: Sql, runIds: readonly string[]): Promise<Map<string, LockedRun>> {
  const { rows } = await sql.query<LockedRun>({
    name: 'mlflow-lock-runs',
    text: `select run_no, run_id, lifecycle_stage from mlflow.runs where run_id = any($1) order by run_id for no key update`,
    values: [runIds],
  })
  return new Map(rows.map((run) => [run.run_id, run]))
}

function placedIn(batch: RunBatch, run: LockedRun | undefined): Placed | Refusal {
  if (run === undefined) return noRun(batch.runId)
  try {
    assertActive('run', run.run_id, run.lifecycle_stage)
  } catch (cause) {
    if (cause instanceof Refusal) return cause
    throw cause
  }
  return { ...batch, runNo: run.run_no }
}

/** The first parameter of each run that was logged before with another value. */
async function changedParams(sql: Sql, batches: readonly Placed[]): Promise<Map<string, Refusal>> {
  const asked = batches.flatMap(({ runNo, runId, params }) => params.map((param) => ({ runNo, runId, ...param })))
  if (asked.length === 0) return new Map()
  const { rows } = await sql.query<{ at: string; value: string }>({
    name: 'mlflow-changed-params',
    text: `select a.at, p.value from unnest($1::bigint[], $2::text[], $3::text[]) with ordinality as a (run_no, key, value, at)
           join mlflow.params p using (run_no, key) where p.value <> a.value order by a.at desc`,
    values: [asked.map(({ runNo }) => runNo), asked.map(({ key }) => key), asked.map(({ value }) => value)],
  })
  return new Map(
    rows.flatMap(({ at, value }) => {
      const param = asked[Number(at) - 1]
      return param === undefined ? [] : [[param.runId, changing(param, value)] as const]
    }),
  )
}

function changing({ key, value, runId }: KeyValue & { runId: string }, stored: string): Refusal {
  return invalid(
    `Changing param values is not allowed. Param with key='${key}' was already logged with value='${stored}' for run ID='${runId}'. Attempted logging new value '${value}'.`,
  )
}

const WRITE = `with touched as (
    update mlflow.runs set revision = revision + 1 where run_no = any($1::bigint[])
  ), params as (
    insert into mlflow.params (run_no, key, value) select * from unnest($2::bigint[], $3::text[], $4::text[]) on conflict do nothing
  ), tags as (
    insert into mlflow.tags (run_no, key, value) select * from unnest($5::bigint[], $6::text[], $7::text[])
    on conflict (run_no, key) do update set value = excluded.value
  ), history as (
    insert into mlflow.metrics (run_no, key, timestamp, step, value, is_nan)
    select * from unnest($8::bigint[], $9::text[], $10::bigint[], $11::bigint[], $12::float8[], $13::bool[]) on conflict do nothing
  )
  insert into mlflow.latest_metrics as latest (run_no, key, timestamp, step, value, is_nan)
  select * from unnest($14::bigint[], $15::text[], $16::bigint[], $17::bigint[], $18::float8[], $19::bool[])
  on conflict (run_no, key) do update
    set timestamp = excluded.timestamp, step = excluded.step, value = excluded.value, is_nan = excluded.is_nan
    where (latest.step, latest.timestamp, latest.value) <= (excluded.step, excluded.timestamp, excluded.value)`

async function write(sql: Sql, batches: readonly Placed[]): Promise<void> {
  if (batches.length === 0) return
  await sql.query({
    name: 'mlflow-write-batches',
    text: WRITE,
    values: [
      batches.map(({ runNo }) => runNo),
      ...pairColumns(batches, ({ params }) => params),
      ...pairColumns(batches, ({ tags }) => latestByKey(tags, () => true)),
      ...metricColumns(batches, ({ metrics }) => metrics),
      ...metricColumns(batches, ({ metrics }) => latestByKey(metrics, isNotBefore)),
    ],
  })
  await renameRuns(sql, batches)
}

/** The name of a run and its tag are one thing. */
async function renameRuns(sql: Sql, batches: readonly Placed[]): Promise<void> {
  for (const { runNo, tags } of batches) {
    const name = tags.findLast(({ key }) => key === RUN_NAME_TAG)?.value
    if (name !== undefined) await sql.query(`update mlflow.runs set run_name = $2 where run_no = $1`, [runNo, name])
  }
}

function latestByKey<T extends { readonly key: string }>(rows: readonly T[], replaces: (one: T, other: T) => boolean): T[] {
  const latest = new Map<string, T>()
  for (const row of rows) {
    const held = latest.get(row.key)
    if (held === undefined || replaces(row, held)) latest.set(row.key, row)
  }
  return [...latest.values()]
}

/** The order in which one metric is later than another: by step, then time, then value, NaN counting as 0. */
function isNotBefore(one: LoggedMetric, other: LoggedMetric): boolean {
  const difference =
    one.step - other.step || one.timestamp - other.timestamp || storedValue(one.value).value - storedValue(other.value).value
  return difference >= 0
}

function pairColumns(batches: readonly Placed[], of: (batch: Placed) => readonly KeyValue[]): [string[], string[], string[]] {
  const [runs, keys, values]: [string[], string[], string[]] = [[], [], []]
  for (const batch of batches) {
    for (const { key, value } of of(batch)) {
      runs.push(batch.runNo)
      keys.push(key)
      values.push(value)
    }
  }
  return [runs, keys, values]
}

function metricColumns(batches: readonly Placed[], of: (batch: Placed) => readonly LoggedMetric[]): readonly unknown[][] {
  const rows = batches.flatMap((batch) =>
    of(batch).map((metric) => ({ ...metric, runNo: batch.runNo, stored: storedValue(metric.value) })),
  )
  return [
    rows.map(({ runNo }) => runNo),
    rows.map(({ key }) => key),
    rows.map(({ timestamp }) => timestamp),
    rows.map(({ step }) => step),
    rows.map(({ stored }) => stored.value),
    rows.map(({ stored }) => stored.isNan),
  ]
}
