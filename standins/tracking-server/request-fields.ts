import type { z } from 'zod'
import { invalid, type Refusal } from './refusal.ts'

const MOST_SHOWN = 200

/** As much of an HTTP request as its fields are read from. */
export type Request = { readonly method: string; readonly query: unknown; readonly body?: unknown }

/**
 * The request's fields as `schema` has them: its query for GET, its body otherwise, none where there is no body. Old clients send the
 * body as JSON inside a JSON string. Throws a Refusal in the protocol's words: a required field that is not there or empty is missing,
 * another that does not fit is invalid.
 */
export function fieldsOf<T>(schema: z.ZodType<T>, request: Request): T {
  const sent = request.method === 'GET' ? request.query : (request.body ?? {})
  const read = schema.safeParse(typeof sent === 'string' ? parsed(sent) : sent, { reportInput: true })
  if (read.success) return read.data
  throw refusalFor(read.error.issues[0])
}

/** What a request says in its address, whatever its method, as `schema` has it. Throws as `fieldsOf` does. */
export function partsOf<T>(schema: z.ZodType<T>, said: unknown): T {
  return fieldsOf(schema, { method: 'GET', query: said })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw invalid('The request body is not JSON.')
  }
}

function refusalFor(issue: z.core.$ZodIssue | undefined): Refusal {
  if (issue === undefined) return invalid('The request does not fit the endpoint.')
  const name = issue.path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '')
  if (issue.input === undefined || issue.input === '') return invalid(`Missing value for required parameter '${name}'`)
  // Only limits and rules of our own have words of their own; the schema's words for a wrong form are not the protocol's.
  if (issue.code === 'custom' || (issue.code === 'too_big' && issue.origin === 'string')) return invalid(issue.message)
  const shown = JSON.stringify(issue.input) ?? String(issue.input)
  return invalid(`Invalid value ${shown.slice(0, MOST_SHOWN)} for parameter '${name}' supplied`)
}
