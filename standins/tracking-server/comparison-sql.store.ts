import type { Condition } from './search-words.ts'

/** The parameters of a statement that is put together: `bind` takes a value and answers its place, `$1` for the first. */
export type Bindings = { readonly bind: (value: unknown) => string; readonly values: unknown[] }

export function bindings(): Bindings {
  const values: unknown[] = []
  return { values, bind: (value) => `$${values.push(value)}` }
}

/**
 * SQL that holds where `column` compares as the condition says. What was asked enters as a bound value alone. In patterns only % and _
 * mean more than themselves.
 */
export function comparedSql(
  column: string,
  { operator, value }: Pick<Condition, 'operator' | 'value'>,
  { bind }: Bindings,
): string {
  switch (operator) {
    case 'IN':
      return `${column} = any(${bind(value)}::text[])`
    case 'NOT IN':
      return `${column} <> all(${bind(value)}::text[])`
    case 'LIKE':
    case 'ILIKE':
      return `${column} ${operator.toLowerCase()} ${bind(value)} escape ''`
    case '=':
    case '!=':
    case '>':
    case '>=':
    case '<':
    case '<=':
      return `${column} ${operator} ${bind(value)}::${typeof value === 'number' ? 'float8' : 'text'}`
    default:
      return operator satisfies never
  }
}
