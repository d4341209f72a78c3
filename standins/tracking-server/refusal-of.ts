import { invalid, Refusal } from './refusal.ts'

/** What PostgreSQL calls text that it cannot hold (a NUL) and numbers beyond a column's range. */
const UNSTORABLE = new Set(['22021', '22003', '22P05'])

/** What the protocol answers to a request that failed with `cause`: its own refusals as they are, faults of a request's form as 400. */
export function refusalOf(cause: unknown): Refusal {
  if (cause instanceof Refusal) return cause
  if (!(cause instanceof Error)) return new Refusal('INTERNAL_ERROR', String(cause))
  if ('code' in cause && typeof cause.code === 'string' && UNSTORABLE.has(cause.code)) return invalid(cause.message)
  const isTheirs = 'statusCode' in cause && typeof cause.statusCode === 'number' && cause.statusCode < 500
  return isTheirs ? invalid(cause.message) : new Refusal('INTERNAL_ERROR', cause.message)
}
