import { Fault } from '#domain/fault.ts'
import type { Problem } from './contract.ts'

const TITLES: Readonly<Record<number, string>> = {
  400: 'The request is wrong',
  403: 'The request is refused',
  404: 'There is no such thing',
  500: 'The program could not carry this out',
  503: 'The database does not answer',
}

/** A failure as the wire says it (RFC 9457), with the code that docs/errors.md explains. */
export function problemOf(status: number, code: string, detail: string): Problem {
  return { type: 'about:blank', title: TITLES[status] ?? 'The request failed', status, code, detail }
}

/** The problem that stands for whatever a route threw. Only a Fault's own sentence is told; anything else stays in the log. */
export function problemFrom(failure: unknown): Problem {
  if (failure instanceof Fault) return problemOf(statusOf(failure), failure.code, failure.message)
  if (isRefusedInput(failure))
    return problemOf(400, 'REQUEST_INVALID', `${failure.message}; see /docs for what this address takes.`)
  if (isUnreachable(failure)) {
    return problemOf(
      503,
      'DATABASE_UNREACHABLE',
      'The database did not answer; what is shown stays as it was. Ask again in a moment.',
    )
  }
  return problemOf(500, 'INTERNAL', 'Something failed that should not have; the log of the server says what.')
}

function statusOf({ code, exitCode }: Fault): number {
  if (code.endsWith('_UNKNOWN')) return 404
  return exitCode === 2 ? 400 : 500
}

function isRefusedInput(failure: unknown): failure is Error {
  return failure instanceof Error && 'statusCode' in failure && typeof failure.statusCode === 'number' && failure.statusCode < 500
}

/** Connection refused, reset or timed out, and PostgreSQL's own classes 08 (connection) and 57 (shutting down). */
function isUnreachable(failure: unknown): boolean {
  const code = failure instanceof Error && 'code' in failure ? failure.code : undefined
  return typeof code === 'string' && /^(ECONN|ETIMEDOUT|EPIPE|ENOENT|08|57P)/.test(code)
}
