import type { Sql } from '#database/connection.client.ts'
import { type Bindings, bindings, comparedSql } from './comparison-sql.store.ts'
import { parseFilter } from './filter-syntax.ts'
import type { LoggedModel, LoggedModelSearch } from './logged-model.ts'
import { LOGGED_MODEL, type LoggedModelRow, loggedModelFrom } from './logged-models.store.ts'
import { invalid } from './refusal.ts'
import { type Attribute, type Condition, conditionsOf, type Entity, type Vocabulary } from './search-words.ts'

const STATUS = `replace(l.status, 'LOGGED_MODEL_', '')`
const TIMESTAMPS: readonly (readonly [string, Attribute])[] = ['creation', 'last_updated'].flatMap((word) => {
  const attribute = { name: `l.${word}_timestamp_ms`, kind: 'number' } as const
  return [`${word}_timestamp_ms`, `${word}_timestamp`, `${word}_time`].map((name) => [name, attribute] as const)
})

/** What the search for logged models can be asked for. A key of an attribute is its SQL. */
const WORDS: Vocabulary = {
  entities: new Map<string, Entity>([
    ...['attributes', 'attribute'].map((word) => [word, 'attribute'] as const),
    ...['metrics', 'metric'].map((word) => [word, 'metric'] as const),
    ...['params', 'param'].map((word) => [word, 'param'] as const),
    ...['tags', 'tag'].map((word) => [word, 'tag'] as const),
  ]),
  attributes: new Map<string, Attribute>([
    ...['name', 'model_id', 'model_type', 'source_run_id'].map(
      (word) => [word, { name: `l.${word}`, kind: 'listed-text' }] as const,
    ),
    ['status', { name: STATUS, kind: 'listed-text' }],
    ['experiment_id', { name: 'l.experiment_id::text', kind: 'listed-text' }],
    ...TIMESTAMPS,
  ]),
}

/** The logged models that a filter holds for, the last made first where nothing else is asked. Throws a Refusal for a wrong filter or order. */
export async function searchLoggedModels(sql: Sql, search: LoggedModelSearch): Promise<LoggedModel[]> {
  const bound = bindings()
  const conditions = conditionsOf(parseFilter(search.filter), WORDS)
  const clauses = [
    `l.lifecycle_stage = 'active'`,
    `l.experiment_id::text = any(${bound.bind(search.experiment_ids)}::text[])`,
    ...conditions.map((condition) => conditionSql(condition, search.datasets, bound)),
    ...(search.datasets.length === 0 || conditions.some(({ on }) => on === 'metric')
      ? []
      : [
          `exists (select from mlflow.logged_model_metrics x where x.model_id = l.model_id and ${onDatasets(search.datasets, bound)})`,
        ]),
  ]
  const order = [...search.order_by.map((term) => orderSql(term, bound)), 'l.creation_timestamp_ms desc', 'l.model_id desc']
  const { rows } = await sql.query<LoggedModelRow>(
    `${LOGGED_MODEL} where ${clauses.join(' and ')} order by ${order.join(', ')} limit ${bound.bind(search.limit)} offset ${bound.bind(search.offset)}`,
    bound.values,
  )
  return rows.map(loggedModelFrom)
}

function conditionSql(condition: Condition, datasets: LoggedModelSearch['datasets'], bound: Bindings): string {
  switch (condition.on) {
    case 'attribute':
      return comparedSql(condition.key, condition.key === STATUS ? withShortStatus(condition) : condition, bound)
    case 'metric':
      return ownedSql('metrics', condition, bound, `not x.is_nan and ${onDatasets(datasets, bound)}`)
    case 'param':
    case 'tag':
      return ownedSql(`${condition.on}s`, condition, bound, 'true')
    case 'dataset':
      throw invalid(`Invalid entity type: 'datasets'. Expected one of ['attributes', 'metrics', 'params', 'tags'].`)
    default:
      return condition.on satisfies never
  }
}

/** A status can be written with or without its prefix. */
function withShortStatus(condition: Condition): Condition {
  const short = (text: string) => text.replace('LOGGED_MODEL_', '')
  const { value } = condition
  if (typeof value === 'number') return condition
  return { ...condition, value: typeof value === 'string' ? short(value) : value.map(short) }
}

function ownedSql(table: string, condition: Condition, bound: Bindings, extra: string): string {
  const key = bound.bind(condition.key)
  const compared = comparedSql('x.value', condition, bound)
  return `exists (select from mlflow.logged_model_${table} x where x.model_id = l.model_id and x.key = ${key} and ${compared} and ${extra})`
}

type DatasetAsked = { readonly dataset_name?: string | undefined; readonly dataset_digest?: string | undefined }

function onDatasets(datasets: readonly DatasetAsked[], bound: Bindings): string {
  return datasets.length === 0 ? 'true' : `(${datasets.map((dataset) => onDataset(dataset, bound)).join(' or ')})`
}

/** What is empty is not asked. */
function onDataset({ dataset_name = '', dataset_digest = '' }: DatasetAsked, { bind }: Bindings): string {
  const name = dataset_name === '' ? [] : [`x.dataset_name = ${bind(dataset_name)}`]
  const digest = dataset_digest === '' ? [] : [`x.dataset_digest = ${bind(dataset_digest)}`]
  return ['true', ...name, ...digest].join(' and ')
}

function orderSql(term: LoggedModelSearch['order_by'][number], bound: Bindings): string {
  const direction = term.ascending ? 'asc nulls last' : 'desc nulls last'
  const { field_name: field } = term
  const attribute = WORDS.attributes.get(field)
  if (attribute !== undefined) return `${attribute.name} ${direction}`
  const [, metric] = /^metrics\.(.+)$/s.exec(field) ?? []
  if (metric === undefined) throw invalid(`Invalid order by field name: ${field}. Only metrics are supported.`)
  const key = bound.bind(metric.replace(/^`(.*)`$/s, '$1'))
  const latest = `select case when x.is_nan then null else x.value end from mlflow.logged_model_metrics x
    where x.model_id = l.model_id and x.key = ${key} and ${onDataset(term, bound)} order by x.timestamp desc, x.step desc limit 1`
  return `(${latest}) ${direction}`
}
