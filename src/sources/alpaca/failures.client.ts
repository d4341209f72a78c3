import { errors } from '@alpacahq/alpaca-trade-api'
import type { BrokerUnavailable, SubmitRefused } from '#domain/broker.ts'
import { Fault } from '#domain/fault.ts'
import { undecodable } from './wire.ts'

/** Alpaca's limits count by the minute, so that much is waited where it does not say. */
const RATE_WINDOW_MS = 60_000

/** Failures before anything was sent: the exchange cannot have seen the request. */
const NOT_SENT: ReadonlySet<string> = new Set([
  ...['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ENETUNREACH', 'EHOSTUNREACH', 'UND_ERR_CONNECT_TIMEOUT'],
])

/**
 * Why a question was not answered, from what the vendor's client threw. Throws ALPACA_REQUEST_REFUSED when the exchange
 * calls the question itself wrong, and ALPACA_ANSWER_UNDECODABLE when its answer cannot be read.
 */
export function unavailableFrom(error: unknown, what: string): BrokerUnavailable {
  if (error instanceof Fault) throw error
  if (error instanceof errors.FetchError) return { kind: 'unreachable', cause: causesOf(error.cause) }
  if (!(error instanceof errors.ApiError)) throw undecodable(what, causesOf(error), error)
  if (error.status === 401 || error.status === 403) return { kind: 'unauthorised', message: error.message }
  if (error.status === 429) return { kind: 'rate-limited', retryAfterMs: error.retryAfterMs ?? RATE_WINDOW_MS }
  if (error.status >= 500 || error.status === 408) return { kind: 'unreachable', cause: `HTTP ${error.status}: ${error.message}` }
  throw new Fault(
    'ALPACA_REQUEST_REFUSED',
    `The exchange refused a request for ${what} with HTTP ${error.status} (${error.message}); check the symbols and dates asked for.`,
    { cause: error },
  )
}

/**
 * Why an order is not known to be working, from what the vendor's client threw. Whatever leaves it open whether the exchange
 * took the order, an answer that cannot be read included, is `answer-lost`.
 */
export function submitRefusedFrom(error: unknown): SubmitRefused {
  if (error instanceof errors.FetchError) {
    const cause = causesOf(error.cause)
    return { kind: isNotSent(error.cause) ? 'unreachable' : 'answer-lost', cause }
  }
  if (!(error instanceof errors.ApiError)) return { kind: 'answer-lost', cause: causesOf(error) }
  if (error.status === 401) return { kind: 'unauthorised', message: error.message }
  if (error.status === 429) return { kind: 'rate-limited', retryAfterMs: error.retryAfterMs ?? RATE_WINDOW_MS }
  if (error.status >= 500 || error.status === 408) return { kind: 'answer-lost', cause: `HTTP ${error.status}: ${error.message}` }
  return { kind: 'refused', code: String(error.code ?? error.status), reason: error.message }
}

/** Whether the exchange has an order with this client id already. */
export function isDuplicate(error: unknown): boolean {
  return error instanceof errors.ApiError && error.status === 422 && /client_order_id must be unique/i.test(error.message)
}

/** Whether the exchange knows nothing of what was asked for. */
export function isUnknown(error: unknown): boolean {
  return error instanceof errors.NotFoundError
}

/** Whether the exchange says that an order can no longer be cancelled. */
export function isNotCancellable(error: unknown): boolean {
  return error instanceof errors.ApiError && error.status === 422
}

function isNotSent(error: unknown): boolean {
  return chainOf(error).some((cause) => 'code' in cause && typeof cause.code === 'string' && NOT_SENT.has(cause.code))
}

/** The messages of an error and its causes, outermost first: `fetch failed: connect ECONNREFUSED 127.0.0.1:9`. */
function causesOf(error: unknown): string {
  return chainOf(error)
    .map((cause) => cause.message)
    .filter((message) => message !== '')
    .join(': ')
}

function chainOf(error: unknown): Error[] {
  return error instanceof Error ? [error, ...chainOf(error.cause)] : []
}
