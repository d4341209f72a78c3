import type { Sql } from '#database/connection.client.ts'
import { type Bindings, bindings, comparedSql } from './comparison-sql.store.ts'
import { parseOrder } from './filter-order.ts'
import { parseFilter } from './filter-syntax.ts'
import type { ModelVersion } from './model-version.ts'
import { VERSION, type VersionRow, versionFrom } from './model-versions.store.ts'
import { MODEL, type ModelRow, modelsFrom, type RegisteredModel } from './registered-models.store.ts'
import type { RegistrySearch } from './registry-requests.ts'
import { MODEL_FILTER, MODEL_ORDER, VERSION_FILTER, VERSION_ORDER } from './registry-words.ts'
import { type Condition, conditionsOf, orderOf, type Vocabulary } from './search-words.ts'

/** Clients ask every search for models to leave out prompts by this tag, and mean models without it too. */
const PROMPT_TAG = 'mlflow.prompt.is_prompt'

/** The models that a filter holds for, by name where nothing else is asked. Throws a Refusal for a filter or an order that is none. */
export async function searchModels(sql: Sql, { filter, orderBy, offset, limit }: RegistrySearch): Promise<RegisteredModel[]> {
  const bound = bindings()
  const clauses = conditionsOf(parseFilter(filter), MODEL_FILTER).map((condition) =>
    condition.on === 'tag' ? modelTagSql(condition, bound) : comparedSql(`m.${condition.key}`, condition, bound),
  )
  const order = orderSql(orderBy, { words: MODEL_ORDER, table: 'm', usual: [], last: ['m.name'] })
  const { rows } = await sql.query<ModelRow>(
    `${MODEL} ${whereSql(clauses)} order by ${order} limit ${bound.bind(limit)} offset ${bound.bind(offset)}`,
    bound.values,
  )
  return modelsFrom(sql, rows)
}

/** The versions that a filter holds for, the last changed first where nothing else is asked. Throws as `searchModels` does. */
export async function searchVersions(sql: Sql, { filter, orderBy, offset, limit }: RegistrySearch): Promise<ModelVersion[]> {
  const bound = bindings()
  const clauses = conditionsOf(parseFilter(filter), VERSION_FILTER).map((condition) =>
    condition.on === 'tag'
      ? tagSql(condition, bound, { table: 'model_version_tags', of: 't.name = v.name and t.version = v.version' })
      : comparedSql(`v.${condition.key}`, condition, bound),
  )
  const order = orderSql(orderBy, {
    words: VERSION_ORDER,
    table: 'v',
    usual: ['v.last_updated_timestamp desc'],
    last: ['v.name', 'v.version desc'],
  })
  const { rows } = await sql.query<VersionRow>(
    `${VERSION} ${whereSql(clauses)} order by ${order} limit ${bound.bind(limit)} offset ${bound.bind(offset)}`,
    bound.values,
  )
  return rows.map(versionFrom)
}

function modelTagSql(condition: Condition, bound: Bindings): string {
  const owned = { table: 'registered_model_tags', of: 't.name = m.name' }
  if (condition.key !== PROMPT_TAG || condition.operator !== '!=') return tagSql(condition, bound, owned)
  return `not ${tagSql({ ...condition, operator: '=' }, bound, owned)}`
}

function tagSql(condition: Condition, bound: Bindings, { table, of }: { table: string; of: string }): string {
  const key = bound.bind(condition.key)
  return `exists (select from mlflow.${table} t where ${of} and t.key = ${key} and ${comparedSql('t.value', condition, bound)})`
}

function whereSql(clauses: readonly string[]): string {
  return clauses.length === 0 ? '' : `where ${clauses.join(' and ')}`
}

type Ordering = {
  readonly words: Vocabulary
  readonly table: string
  /** Where nothing is asked. */
  readonly usual: readonly string[]
  /** Among rows that are equal in all that is asked. */
  readonly last: readonly string[]
}

function orderSql(orderBy: readonly string[], { words, table, usual, last }: Ordering): string {
  const asked = orderBy.map((clause) => {
    const { key, isAscending } = orderOf(parseOrder(clause), words)
    return `${table}.${key} ${isAscending ? 'asc' : 'desc'}`
  })
  return [...(asked.length === 0 ? usual : asked), ...last].join(', ')
}
