import { Fault } from '#domain/fault.ts'

const [WRONG_PASSWORD, NOT_AUTHORISED, NO_SUCH_DATABASE] = ['28P01', '28000', '3D000']

/** What a person is told when the PostgreSQL of DATABASE_URL did not take the connection. The password is not repeated. */
export function connectionFault(url: string, cause: unknown): Fault {
  const { host, pathname, username } = new URL(url)
  if (isLoginRefused(cause)) {
    const sentence = `PostgreSQL at ${host} refused the user "${username}"; check the name and password in DATABASE_URL.`
    return new Fault('DATABASE_LOGIN_REFUSED', sentence, { cause })
  }
  if (codeOf(cause) === NO_SUCH_DATABASE) {
    const sentence = `PostgreSQL at ${host} has no database "${pathname.slice(1)}"; create it, or change DATABASE_URL.`
    return new Fault('DATABASE_ABSENT', sentence, { cause })
  }
  const sentence = `PostgreSQL at ${host} cannot be reached (${reasonOf(cause)}); check DATABASE_URL and that the server runs.`
  return new Fault('DATABASE_UNREACHABLE', sentence, { cause })
}

/** True when the server was there and did not believe who we are. */
export function isLoginRefused(cause: unknown): boolean {
  const code = codeOf(cause)
  return code === WRONG_PASSWORD || code === NOT_AUTHORISED
}

function codeOf(cause: unknown): unknown {
  return cause instanceof Error && 'code' in cause ? cause.code : undefined
}

/** An attempt at several addresses of one host fails with a message for each and none of its own. */
function reasonOf(cause: unknown): string {
  if (cause instanceof AggregateError) return cause.errors.map(reasonOf).join(', ')
  return cause instanceof Error ? cause.message : String(cause)
}
