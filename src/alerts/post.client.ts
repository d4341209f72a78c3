import { type Outcome, ok, refuse } from '#domain/outcome.ts'
import { type NotTaken, withoutSecrets } from './channel.ts'

/** What is posted where. */
export type Post = {
  readonly url: string
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
  /** Until no answer counts as one. */
  readonly timeoutMs: number
  /** What must stand in no sentence. */
  readonly secrets: readonly string[]
}

/** So much of an answer is read, bytes; the rest is not waited for. */
const READ_OF_ANSWER = 300
/** Answers below 500 that say: not now. */
const NOT_NOW = new Set([408, 425, 429])

/** Posts JSON once. Redirects are not followed: the address holds a secret, and so may the body. */
export async function postJson(
  { url, body, headers, timeoutMs, secrets }: Post,
  signal: AbortSignal,
): Promise<Outcome<string, NotTaken>> {
  try {
    const response = await fetch(url, {
      ...{ method: 'POST', body, redirect: 'manual', headers: { 'content-type': 'application/json', ...headers } },
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    })
    const said = withoutSecrets(`${response.status} ${await beginningOf(response)}`.trim(), secrets)
    if (response.ok) return ok(said)
    const cause = `It answered ${said}.`
    if (response.status < 500 && !NOT_NOW.has(response.status)) return refuse({ kind: 'refused', cause })
    return refuse({ kind: 'unreachable', cause, askedMs: askedMs(response.headers.get('retry-after')) })
  } catch (failure) {
    return refuse({ kind: 'unreachable', cause: withoutSecrets(causeOf(failure, timeoutMs), secrets), askedMs: 0 })
  }
}

async function beginningOf({ body }: Response): Promise<string> {
  const reader = body?.pipeThrough(new TextDecoderStream()).getReader()
  if (reader === undefined) return ''
  let text = ''
  for (let part = await reader.read(); !part.done && text.length < READ_OF_ANSWER; part = await reader.read()) text += part.value
  await reader.cancel()
  return text.slice(0, READ_OF_ANSWER)
}

/** `Retry-After` in seconds; the form with a date counts as nothing asked. */
function askedMs(header: string | null): number {
  return header !== null && /^\d{1,6}$/.test(header) ? Number(header) * 1000 : 0
}

/** What Node says of a failed request stands in its cause: the error itself says only `fetch failed`. */
function causeOf(failure: unknown, timeoutMs: number): string {
  if (!(failure instanceof Error)) return String(failure)
  if (failure.name === 'TimeoutError') return `It did not answer within ${timeoutMs} ms.`
  if (failure.name === 'AbortError') return 'This process was stopping.'
  const { cause } = failure
  const code = cause instanceof Error && 'code' in cause ? ` (${cause.code})` : ''
  return `No connection: ${cause instanceof Error && cause.message !== '' ? cause.message : failure.message}${code}.`
}
