import { wrongRequest } from '#domain/fault.ts'
import { nearestName } from './nearest-name.ts'

/** What a flow takes, as far as its JSON schema matters to words. */
type Takes = Readonly<Record<string, unknown>>

/**
 * The fields that words make (`pair=XOM-CVX`), each read as the flow's JSON schema says: numbers as numbers, lists split at
 * commas, all else as text, which the flow itself then checks. Throws FLOW_PARAMETER_UNKNOWN, which names the nearest field.
 */
export function fieldsFromWords(
  flow: string,
  words: readonly (readonly [string, string])[],
  takes: Takes,
): Record<string, unknown> {
  const properties = recordIn(takes.properties)
  return Object.fromEntries(
    words.map(([name, text]) => {
      const property = properties[name]
      if (property === undefined) throw unknownField(flow, name, Object.keys(properties))
      return [name, valueFrom(text, typesOf(property))]
    }),
  )
}

function unknownField(flow: string, name: string, known: readonly string[]) {
  const nearest = nearestName(name, known)
  const taken = known.length === 0 ? 'it takes none' : `it takes ${known.join(', ')}`
  return wrongRequest(
    'FLOW_PARAMETER_UNKNOWN',
    `The flow ${flow} has no parameter '${name}'; ${nearest === undefined ? taken : `did you mean ${nearest}`}${nearest === undefined ? '.' : '?'}`,
  )
}

function valueFrom(text: string, types: ReadonlySet<string>): unknown {
  if (types.has('array')) return text === '' ? [] : text.split(',').map((part) => part.trim())
  if ((types.has('number') || types.has('integer')) && text.trim() !== '' && Number.isFinite(Number(text))) return Number(text)
  if (types.has('boolean') && (text === 'true' || text === 'false')) return text === 'true'
  if (types.has('object')) return parsed(text)
  return text
}

/** The types that a property may have, those of its alternatives among them. */
function typesOf(property: unknown): Set<string> {
  const { type, anyOf } = recordIn(property)
  const own = typeof type === 'string' ? [type] : []
  const others = Array.isArray(anyOf) ? anyOf.flatMap((one) => [...typesOf(one)]) : []
  return new Set([...own, ...others])
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function recordIn(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
