import type { Sql } from '#database/connection.client.ts'
import { noRun } from './runs.store.ts'

/** A run as a search finds it: its number and how often it has been written. */
export type FoundRun = { readonly run_no: string; readonly revision: string }

/**
 * Whole runs as JSON text, ready for the wire. Those read before are kept while their revision is the one stored, up to a number of
 * letters in all, the least lately asked for leaving first: most of the work of a search is to put together runs that have not changed.
 */
export type RunDocuments = {
  /** The documents of these runs in their order. A run that was written since it was found may be newer. */
  readonly of: (found: readonly FoundRun[]) => Promise<string[]>
  /** Throws RESOURCE_DOES_NOT_EXIST. */
  readonly byId: (runId: string) => Promise<string>
}

/** `mostLetters` is a number of UTF-16 units. */
export function openRunDocuments(sql: Sql, mostLetters: number): RunDocuments {
  const kept = new Map<string, { readonly revision: string; readonly text: string }>()
  let letters = 0
  const drop = (runNo: string) => {
    letters -= kept.get(runNo)?.text.length ?? 0
    kept.delete(runNo)
  }
  const keep = ({ run_no, revision, text }: DocumentRow) => {
    drop(run_no)
    kept.set(run_no, { revision, text })
    letters += text.length
    for (const oldest of kept.keys()) {
      if (letters <= mostLetters) break
      drop(oldest)
    }
  }
  const of = async (found: readonly FoundRun[]) => {
    const isKept = ({ run_no, revision }: FoundRun) => kept.get(run_no)?.revision === revision
    const unknown = found.filter((run) => !isKept(run))
    // Whatever is kept may be dropped when the others come, so it is taken first.
    const texts = new Map(found.flatMap((run) => (isKept(run) ? [[run.run_no, kept.get(run.run_no)?.text ?? '']] : [])))
    for (const row of await documents(sql, unknown)) {
      texts.set(row.run_no, row.text)
      keep(row)
    }
    return found.map(({ run_no }) => texts.get(run_no)).filter((text) => text !== undefined)
  }
  const byId = async (runId: string) => {
    const { rows } = await sql.query<FoundRun>({
      name: 'mlflow-run-revision',
      text: `select run_no, revision from mlflow.runs where run_id = $1`,
      values: [runId],
    })
    const [text] = await of(rows)
    if (text === undefined) throw noRun(runId)
    return text
  }
  return { of, byId }
}

type DocumentRow = FoundRun & { readonly text: string }

/** Each table is read once for all of the runs, in the order of its key, instead of once for each run. */
const DOCUMENTS = `with metrics as (
    select run_no, json_agg(json_build_object('key', key, 'value', case when is_nan then '"NaN"'::json else to_json(value) end,
      'timestamp', timestamp, 'step', step)) as list
    from (select * from mlflow.latest_metrics where run_no = any($1::bigint[]) order by run_no, key) as m group by run_no
  ), params as (
    select run_no, json_agg(json_build_object('key', key, 'value', value)) as list
    from (select * from mlflow.params where run_no = any($1::bigint[]) order by run_no, key) as p group by run_no
  ), tags as (
    select run_no, json_agg(json_build_object('key', key, 'value', value)) as list
    from (select * from mlflow.tags where run_no = any($1::bigint[]) order by run_no, key) as t group by run_no
  ), datasets as (
    select run_no, json_agg(json_build_object(
      'tags', (select json_agg(json_build_object('key', t.key, 'value', t.value) order by t.key) from mlflow.input_tags t
               where t.run_no = i.run_no and t.dataset_no = i.dataset_no),
      'dataset', json_build_object('name', d.name, 'digest', d.digest, 'source_type', d.source_type, 'source', d.source,
                                   'schema', d.schema, 'profile', d.profile)) order by dataset_no) as list
    from mlflow.inputs i join mlflow.datasets d using (dataset_no) where run_no = any($1::bigint[]) group by run_no
  ), models as (
    select run_no, json_agg(json_build_object('model_id', model_id) order by model_id) filter (where role = 'input') as inputs,
      json_agg(json_build_object('model_id', model_id, 'step', step) order by step, model_id) filter (where role = 'output') as outputs
    from mlflow.run_models where run_no = any($1::bigint[]) group by run_no
  )
  select r.run_no, r.revision, json_strip_nulls(json_build_object(
    'info', json_build_object('run_id', r.run_id, 'run_uuid', r.run_id, 'run_name', r.run_name, 'experiment_id', r.experiment_id::text,
      'user_id', r.user_id, 'status', r.status, 'start_time', r.start_time, 'end_time', r.end_time, 'artifact_uri', r.artifact_uri,
      'lifecycle_stage', r.lifecycle_stage),
    'data', json_build_object('metrics', metrics.list, 'params', params.list, 'tags', tags.list),
    'inputs', json_build_object('dataset_inputs', datasets.list, 'model_inputs', models.inputs),
    'outputs', case when models.outputs is not null then json_build_object('model_outputs', models.outputs) end))::text as text
  from mlflow.runs r left join metrics using (run_no) left join params using (run_no) left join tags using (run_no)
    left join datasets using (run_no) left join models using (run_no)
  where r.run_no = any($1::bigint[])`

async function documents(sql: Sql, found: readonly FoundRun[]): Promise<DocumentRow[]> {
  if (found.length === 0) return []
  const { rows } = await sql.query<DocumentRow>({
    name: 'mlflow-run-documents',
    text: DOCUMENTS,
    values: [found.map(({ run_no }) => run_no)],
  })
  return rows
}
