import type { Sql } from '#database/connection.client.ts'
import { type Bindings, bindings, comparedSql } from './comparison-sql.store.ts'
import { parseOrder } from './filter-order.ts'
import { parseFilter } from './filter-syntax.ts'
import type { FoundRun } from './run-documents.store.ts'
import { type Condition, conditionsOf, type Order, orderOf } from './search-words.ts'
import { statementNames } from './statement-names.ts'
import { RUN_WORDS } from './tracking-words.ts'

export type RunSearch = {
  /** Ids that are no whole numbers are of no experiment of ours. */
  readonly experimentIds: readonly string[]
  readonly stages: readonly ('active' | 'deleted')[]
  readonly filter: string | undefined
  readonly orderBy: readonly string[]
  readonly limit: number
  readonly offset: number
}

const LISTS = { metric: 'latest_metrics', param: 'params', tag: 'tags' } as const

/** Shapes of a search that are planned once for each connection; the values that are asked for do not count. */
const MOST_SHAPES = 100

/**
 * A search for the runs that a filter holds for, in the order that is asked for and then the newest first. Whatever the direction, runs
 * without the value come last. It throws a Refusal for a filter or an order that is none.
 */
export function openRunSearch(sql: Sql): (search: RunSearch) => Promise<FoundRun[]> {
  const nameOf = statementNames(MOST_SHAPES)
  return async (search) => {
    const { text, values } = statementFor(search)
    const name = nameOf(text)
    const { rows } = await sql.query<FoundRun>(name === undefined ? { text, values } : { name, text, values })
    return rows
  }
}

function statementFor(search: RunSearch): { readonly text: string; readonly values: unknown[] } {
  const bound = bindings()
  const experiments = search.experimentIds.filter((id) => /^\d{1,18}$/.test(id))
  const where = [
    among('r.experiment_id', 'bigint', experiments, bound),
    among('r.lifecycle_stage', 'text', search.stages, bound),
    ...conditionsOf(parseFilter(search.filter), RUN_WORDS).map((condition) => conditionSql(condition, bound)),
  ]
  const orders = search.orderBy.map((clause) => orderOf(parseOrder(clause), RUN_WORDS))
  const ordered = orders.map((order, at) => orderSql(order, `o${at}`, bound))
  const last = orders.some(({ on, key }) => on === 'attribute' && key === 'start_time')
    ? ['r.run_id']
    : ['r.start_time desc', 'r.run_id']
  const text = `select r.run_no, r.revision from mlflow.runs r ${ordered.map(({ join }) => join).join(' ')}
     where ${where.join(' and ')} order by ${[...ordered.flatMap(({ by }) => by), ...last].join(', ')}
     limit ${bound.bind(search.limit)} offset ${bound.bind(search.offset)}`
  return { text, values: bound.values }
}

/** One value is compared as such: a list of one takes longer with every row. */
function among(column: string, type: 'bigint' | 'text', values: readonly string[], { bind }: Bindings): string {
  return values.length === 1 ? `${column} = ${bind(values[0])}::${type}` : `${column} = any(${bind(values)}::${type}[])`
}

/** SQL that holds for a run with such a value: a run without the key never has one, whatever the operator. */
function conditionSql(condition: Condition, bound: Bindings): string {
  const { on, key } = condition
  if (on === 'attribute') return comparedSql(`r.${key}`, condition, bound)
  if (on === 'dataset') return datasetSql(condition, bound)
  const compared = on === 'metric' ? metricSql(condition, bound) : textSql(condition, bound)
  return `exists (select from mlflow.${LISTS[on]} v where v.run_no = r.run_no and v.key = ${bound.bind(key)} and ${compared})`
}

/** A value may be longer than an index takes, so that the index has its beginning, by which equal ones are found. */
function textSql(condition: Condition, bound: Bindings): string {
  const compared = comparedSql('v.value', condition, bound)
  return condition.operator === '='
    ? `left(v.value, 64) = left(${bound.bind(condition.value)}::text, 64) and ${compared}`
    : compared
}

/** NaN differs from every number and compares with none. */
function metricSql(condition: Condition, bound: Bindings): string {
  const compared = comparedSql('v.value', condition, bound)
  return condition.operator === '!=' ? `(v.is_nan or ${compared})` : `not v.is_nan and ${compared}`
}

const CONTEXT_TAG = 'mlflow.data.context'

function datasetSql(condition: Condition, bound: Bindings): string {
  if (condition.key !== 'context') {
    const compared = comparedSql(`d.${condition.key}`, condition, bound)
    return `exists (select from mlflow.inputs i join mlflow.datasets d using (dataset_no) where i.run_no = r.run_no and ${compared})`
  }
  const compared = comparedSql('t.value', condition, bound)
  return `exists (select from mlflow.input_tags t where t.run_no = r.run_no and t.key = ${bound.bind(CONTEXT_TAG)} and ${compared})`
}

type Ordered = { readonly join: string; readonly by: readonly string[] }

function orderSql({ on, key, isAscending }: Order, alias: string, bound: Bindings): Ordered {
  const direction = isAscending ? 'asc' : 'desc'
  if (on === 'attribute') return { join: '', by: [`r.${key} ${direction} nulls last`] }
  if (on === 'dataset') throw new RangeError('runs are not ordered by their data sets')
  const join = `left join mlflow.${LISTS[on]} ${alias} on ${alias}.run_no = r.run_no and ${alias}.key = ${bound.bind(key)}`
  // NaN after every number and before the runs that have no such metric.
  if (on === 'metric') return { join, by: [`coalesce(${alias}.is_nan::int, 2)`, `${alias}.value ${direction}`] }
  return { join, by: [`${alias}.value collate "C" ${direction} nulls last`] }
}
