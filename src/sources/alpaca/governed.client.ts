import { errors } from '@alpacahq/alpaca-trade-api'
import { epochMs } from '#domain/units.ts'
import type { Asker } from './history.ts'
import type { RateGovernor, RateTold } from './rate-governor.ts'
import { passing, type Timer } from './timer.ts'

/** What requests of one account go through. `random` is uniform in [0, 1). */
export type Governed = { readonly governor: RateGovernor; readonly timer: Timer; readonly random: () => number }

/** An answer with the headers that tell of the account's limit. */
type Answer<T> = { readonly headers: Headers; readonly value: T }
type Ask<T> = () => Promise<Answer<T>>

export type GovernedCalls = {
  /** Asks once, in `caller`'s turn. */
  readonly once: <T>(caller: string, ask: Ask<T>) => Promise<T>
  /**
   * Asks again when too much had been asked or the exchange was away, each time in turn; the last failure is thrown. Given up,
   * whether it waits or asks, it throws the reason of the asker's signal at once.
   */
  readonly patiently: <T>(asker: Asker, ask: Ask<T>) => Promise<T>
}

/** How one of the vendor's clients keeps to its account's rate. */
export type GovernedClient = {
  /** Hears what every answer says of the limit. */
  readonly fetchApi: typeof fetch
  /** Asks in the caller's turn; the vendor's time limit begins when the turn has come. */
  readonly inTurn: <T>(ask: () => Promise<T>) => Promise<T>
}

const ATTEMPTS = 5
/** The pause after the first failure, about twice as long after each further one. */
const FIRST_PAUSE_MS = 500
/** The pause after the first refusal for asking too much that does not say how long to wait. */
const FIRST_REFUSAL_MS = 4_000
const LONGEST_PAUSE_MS = 60_000

export function governedCalls({ governor, timer, random }: Governed): GovernedCalls {
  /** Between 0.5 and 1 of a pause that doubles, so that those who failed together do not come back together. */
  const jittered = (first: number, failures: number) =>
    Math.min(LONGEST_PAUSE_MS, first * 2 ** (failures - 1)) * (0.5 + random() / 2)
  const attempt = async <T>({ caller, signal }: Asker, ask: Ask<T>, failures: number): Promise<T> => {
    await governor.turn(caller, signal)
    try {
      const { headers, value } = await ask()
      governor.heard(toldBy(headers))
      return value
    } catch (error) {
      if (error instanceof errors.ApiError) governor.heard(toldByRefusal(error, () => jittered(FIRST_REFUSAL_MS, failures + 1)))
      throw error
    }
  }
  return {
    once: (caller, ask) => attempt({ caller }, ask, 0),
    patiently: async (asker, ask) => {
      for (let failures = 0; ; ) {
        try {
          return await attempt(asker, ask, failures)
        } catch (error) {
          asker.signal?.throwIfAborted()
          failures++
          if (failures === ATTEMPTS || !mayPass(error)) throw error
          if (!isTooMuch(error)) await passing(timer, jittered(FIRST_PAUSE_MS, failures), asker.signal)
        }
      }
    },
  }
}

/** For requests that are not repeated: they take `caller`'s turns, and what is answered counts for all who ask. */
export function governedClient({ governor }: Governed, caller: string): GovernedClient {
  return {
    fetchApi: async (address, init) => {
      const answer = await fetch(address, init)
      governor.heard({
        ...toldBy(answer.headers),
        refusedForMs: answer.status === 429 ? refusedForMs(answer.headers) : undefined,
      })
      return answer
    },
    inTurn: async (ask) => {
      await governor.turn(caller)
      return ask()
    },
  }
}

function refusedForMs(headers: Headers): number {
  const seconds = Number(headers.get('retry-after') ?? Number.NaN)
  return Number.isFinite(seconds) ? seconds * 1000 : FIRST_REFUSAL_MS
}

function toldBy(headers: Headers): RateTold {
  const number = (name: string) => {
    const text = headers.get(name)
    return text === null || !Number.isFinite(Number(text)) ? undefined : Number(text)
  }
  const resetSeconds = number('x-ratelimit-reset')
  return {
    limit: number('x-ratelimit-limit'),
    remaining: number('x-ratelimit-remaining'),
    resetsAt: resetSeconds === undefined ? undefined : epochMs(resetSeconds * 1000),
    refusedForMs: undefined,
  }
}

function toldByRefusal(error: errors.ApiError, unsaid: () => number): RateTold {
  return { ...toldBy(error.response.headers), refusedForMs: isTooMuch(error) ? (error.retryAfterMs ?? unsaid()) : undefined }
}

function isTooMuch(error: unknown): boolean {
  return error instanceof errors.ApiError && error.status === 429
}

/** Whether the same question may be answered later. */
function mayPass(error: unknown): boolean {
  if (error instanceof errors.ApiError) return error.status === 429 || error.status === 408 || error.status >= 500
  return error instanceof errors.FetchError
}
