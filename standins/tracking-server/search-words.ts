/** What the names of a filter mean: which entities and attributes can be searched, and what each can be compared with. */
import type { OrderTerm } from './filter-order.ts'
import type { Comparison, Name, Operator, Value } from './filter-syntax.ts'
import { invalid } from './refusal.ts'

export type Entity = 'attribute' | 'metric' | 'param' | 'tag' | 'dataset'
export type AttributeKind = 'text' | 'listed-text' | 'number'

/** An attribute by the name that the store has for it. */
export type Attribute = { readonly name: string; readonly kind: AttributeKind }

/** The words of one search. A bare key is an attribute. `datasetKeys` are those that `dataset.` takes. */
export type Vocabulary = {
  readonly entities: ReadonlyMap<string, Entity>
  readonly attributes: ReadonlyMap<string, Attribute>
  readonly orderable?: ReadonlySet<string>
  readonly datasetKeys?: ReadonlySet<string>
}

export type Condition = {
  readonly on: Entity
  readonly key: string
  readonly operator: Operator
  readonly value: Value
}

export type Order = { readonly on: Entity; readonly key: string; readonly isAscending: boolean }

const NUMBERS: readonly Operator[] = ['=', '!=', '>', '>=', '<', '<=']
const TEXTS: readonly Operator[] = ['=', '!=', 'LIKE', 'ILIKE']
const LISTED: readonly Operator[] = [...TEXTS, 'IN', 'NOT IN']
const OPERATORS: Readonly<Record<AttributeKind, readonly Operator[]>> = { number: NUMBERS, text: TEXTS, 'listed-text': LISTED }

/** What each comparison asks of the store. Throws a Refusal for an unknown name, an operator or a value that does not fit. */
export function conditionsOf(comparisons: readonly Comparison[], words: Vocabulary): Condition[] {
  return comparisons.map((comparison) => {
    const { on, key, kind } = meaningOf(comparison.name, words)
    const { operator, value } = comparison
    if (!OPERATORS[kind].includes(operator)) throw wrongOperator({ on, key, kind }, operator)
    if ((kind === 'number') !== (typeof value === 'number')) throw wrongValue({ on, key, kind }, comparison.written)
    return { on, key, operator, value }
  })
}

/** What a clause of order_by asks of the store. Throws a Refusal for an unknown name. */
export function orderOf({ name, isAscending, written }: OrderTerm, words: Vocabulary): Order {
  const { on, key } = meaningOf(name, words)
  const isOrderable = on !== 'attribute' || (words.orderable?.has(key) ?? true)
  if (on === 'dataset' || !isOrderable) throw invalid(`Invalid order_by clause '${written}'`)
  return { on, key, isAscending }
}

type Meaning = { readonly on: Entity; readonly key: string; readonly kind: AttributeKind }

function meaningOf({ entity, key }: Name, words: Vocabulary): Meaning {
  const on = entity === undefined ? 'attribute' : words.entities.get(entity)
  if (on === undefined)
    throw invalid(`Invalid entity type '${entity}'. Valid values are ${listed(new Set(words.entities.values()))}`)
  if (on === 'metric') return { on, key, kind: 'number' }
  if (on === 'param' || on === 'tag') return { on, key, kind: 'text' }
  if (on === 'attribute') return { on, ...attributeOf(key, words.attributes) }
  if (words.datasetKeys?.has(key) !== true)
    throw invalid(`Invalid dataset key '${key}' specified. Valid keys are ${listed(words.datasetKeys ?? [])}`)
  return { on, key, kind: 'listed-text' }
}

function attributeOf(key: string, attributes: Vocabulary['attributes']): { key: string; kind: AttributeKind } {
  const attribute = attributes.get(key)
  if (attribute === undefined)
    throw invalid(`Invalid attribute key '${key}' specified. Valid keys are ${listed(attributes.keys())}`)
  return { key: attribute.name, kind: attribute.kind }
}

function wrongOperator({ on, key, kind }: Meaning, operator: Operator) {
  if (operator === 'IN' || operator === 'NOT IN')
    return invalid(
      `Only the 'run_id' attribute supports comparison with a list of quoted string values. Invalid comparator '${operator}' for ${on} '${key}'.`,
    )
  return invalid(`Invalid comparator '${operator}' not one of ${listed(OPERATORS[kind])}`)
}

function wrongValue({ on, key, kind }: Meaning, written: string) {
  if (kind !== 'number')
    return invalid(
      `Expected a quoted string value for ${on === 'param' ? 'parameter' : on} (e.g. 'my-value'). Got value ${written}`,
    )
  if (on === 'metric') return invalid(`Expected numeric value type for metric. Found ${written}`)
  return invalid(`Expected numeric value type for numeric attribute: ${key}. Found ${written}`)
}

function listed(words: Iterable<string>): string {
  return `[${[...words].map((word) => `'${word}'`).join(', ')}]`
}
