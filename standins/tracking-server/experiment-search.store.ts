import type { Sql } from '#database/connection.client.ts'
import { bindings, comparedSql } from './comparison-sql.store.ts'
import { EXPERIMENT, type Experiment, type ExperimentRow, experimentFrom } from './experiments.store.ts'
import { parseOrder } from './filter-order.ts'
import { parseFilter } from './filter-syntax.ts'
import { conditionsOf, orderOf } from './search-words.ts'
import { EXPERIMENT_FILTER, EXPERIMENT_ORDER } from './tracking-words.ts'

export type ExperimentSearch = {
  readonly stages: readonly ('active' | 'deleted')[]
  readonly filter: string | undefined
  readonly orderBy: readonly string[]
  readonly limit: number
  readonly offset: number
}

/** The experiments that a filter holds for, the last changed first where nothing else is asked. Throws a Refusal for a filter or an order that is none. */
export async function searchExperiments(
  sql: Sql,
  { stages, filter, orderBy, limit, offset }: ExperimentSearch,
): Promise<Experiment[]> {
  const bound = bindings()
  const clauses = conditionsOf(parseFilter(filter), EXPERIMENT_FILTER).map((condition) =>
    condition.on === 'tag'
      ? `exists (select from mlflow.experiment_tags t where t.experiment_id = e.experiment_id and t.key = ${bound.bind(condition.key)}
           and ${comparedSql('t.value', condition, bound)})`
      : comparedSql(`e.${condition.key}`, condition, bound),
  )
  const asked = orderBy.map((clause) => orderOf(parseOrder(clause), EXPERIMENT_ORDER))
  const order =
    asked.length === 0
      ? ['e.last_update_time desc']
      : asked.map(({ key, isAscending }) => `e.${key} ${isAscending ? 'asc' : 'desc'}`)
  const where = [`e.lifecycle_stage = any(${bound.bind(stages)})`, ...clauses]
  const { rows } = await sql.query<ExperimentRow>(
    `${EXPERIMENT} where ${where.join(' and ')} order by ${[...order, 'e.experiment_id desc'].join(', ')}
     limit ${bound.bind(limit)} offset ${bound.bind(offset)}`,
    bound.values,
  )
  return rows.map(experimentFrom)
}
