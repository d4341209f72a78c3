/** The grammar of filters: `comparison (AND comparison)*`, a comparison being `[entity.]key operator value`. */
import { type Token, tokensOf } from './filter-tokens.ts'
import { invalid } from './refusal.ts'

export type Operator = '=' | '!=' | '>' | '>=' | '<' | '<=' | 'LIKE' | 'ILIKE' | 'IN' | 'NOT IN'

/** A key as it was written: `metrics.loss` has the entity `metrics`, a bare key none. */
export type Name = { readonly entity: string | undefined; readonly key: string }

export type Value = number | string | readonly string[]

/** `written` is the value's own text, for messages. */
export type Comparison = { readonly name: Name; readonly operator: Operator; readonly value: Value; readonly written: string }

const MOST_COMPARISONS = 100
const SYMBOLS: Readonly<Record<string, Operator>> = {
  '=': '=',
  '!=': '!=',
  '<>': '!=',
  '>': '>',
  '>=': '>=',
  '<': '<',
  '<=': '<=',
}

type Read<T> = { readonly value: T; readonly next: number }

/** The comparisons of a filter, all of which must hold; none for no filter. Throws a Refusal that lists what is no comparison. */
export function parseFilter(filter: string | undefined): Comparison[] {
  const tokens = tokensOf(filter ?? '')
  const comparisons: Comparison[] = []
  const strangers: string[] = []
  for (let at = 0; at < tokens.length; ) {
    const found = comparisonAt(tokens, at)
    if (found === undefined) strangers.push(tokens[at]?.source ?? '')
    else comparisons.push(found.value)
    at = found?.next ?? at + 1
    // An AND must be followed by something; where it is not, it is itself what does not belong.
    if (found !== undefined && at < tokens.length - 1 && isWord(tokens[at], 'AND')) at++
    else if (found !== undefined && comparisonAt(tokens, at) !== undefined) strangers.push(tokens[at]?.source ?? '')
  }
  if (strangers.length > 0)
    throw invalid(`Invalid clause(s) in filter string: ${strangers.map((source) => `'${source}'`).join(', ')}`)
  if (comparisons.length > MOST_COMPARISONS) throw invalid(`A filter can hold at most ${MOST_COMPARISONS} comparisons.`)
  return comparisons
}

function comparisonAt(tokens: readonly Token[], at: number): Read<Comparison> | undefined {
  const name = nameFrom(tokens[at])
  const operator = operatorAt(tokens, at + 1)
  if (name === undefined || operator === undefined) return undefined
  const takesList = operator.value === 'IN' || operator.value === 'NOT IN'
  const value = takesList ? listAt(tokens, operator.next) : scalarAt(tokens, operator.next)
  if (value === undefined) return undefined
  const written = tokens.slice(operator.next, value.next).map(({ source }) => source)
  return { value: { name, operator: operator.value, value: value.value, written: written.join(' ') }, next: value.next }
}

/**
 * What a name's token says: its first part is the entity, the rest the key, which may hold dots and may be quoted as a whole. A single
 * part is a key. Undefined for other tokens, and for keys of which only a part is quoted.
 */
export function nameFrom(token: Token | undefined): Name | undefined {
  if (token?.kind !== 'name') return undefined
  const [first, ...rest] = token.parts
  if (first === undefined) return undefined
  if (rest.length === 0) return { entity: undefined, key: first.text }
  if (rest.length > 1 && rest.some(({ isQuoted }) => isQuoted)) return undefined
  return { entity: first.text, key: rest.map(({ text }) => text).join('.') }
}

function operatorAt(tokens: readonly Token[], at: number): Read<Operator> | undefined {
  const token = tokens[at]
  const symbol = token?.kind === 'operator' ? SYMBOLS[token.source] : undefined
  if (symbol !== undefined) return { value: symbol, next: at + 1 }
  for (const word of ['LIKE', 'ILIKE', 'IN'] as const) if (isWord(token, word)) return { value: word, next: at + 1 }
  return isWord(token, 'NOT') && isWord(tokens[at + 1], 'IN') ? { value: 'NOT IN', next: at + 2 } : undefined
}

/** A value in double quotes looks like a quoted key and is text here. */
function scalarAt(tokens: readonly Token[], at: number): Read<Value> | undefined {
  const token = tokens[at]
  if (token?.kind === 'number' || token?.kind === 'text') return { value: token.value, next: at + 1 }
  if (token?.kind !== 'name' || !token.source.startsWith('"') || token.parts.length !== 1) return undefined
  return { value: token.parts[0]?.text ?? '', next: at + 1 }
}

function listAt(tokens: readonly Token[], at: number): Read<Value> | undefined {
  if (tokens[at]?.source !== '(') return undefined
  const texts: string[] = []
  for (let next = at + 1; ; next += 2) {
    const element = scalarAt(tokens, next)
    if (typeof element?.value !== 'string') return undefined
    texts.push(element.value)
    const follows = tokens[next + 1]?.source
    if (follows === ')') return { value: texts, next: next + 2 }
    if (follows !== ',') return undefined
  }
}

/** Whether a token is this word in any case, not quoted. */
export function isWord(token: Token | undefined, word: string): boolean {
  return token?.kind === 'name' && token.source.toUpperCase() === word
}
