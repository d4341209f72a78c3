import { type EpochMs, epochMs } from '#domain/units.ts'
import type { Timer } from './timer.ts'

/** A window of Alpaca's limits. */
const WINDOW_MS = 60_000
/** How much of a minute's requests may go out at once; refilling is slower by as much, so that no window holds more than the limit. */
const BURST = 0.05

/** What an answer said of the account's limit; undefined where it said nothing. */
export type RateTold = {
  /** Requests in a minute. */
  readonly limit: number | undefined
  readonly remaining: number | undefined
  /** When a window begins that has all of them again. */
  readonly resetsAt: EpochMs | undefined
  /** How long to ask nothing, when the answer was that too much had been asked. */
  readonly refusedForMs: number | undefined
}

/** Keeps an account's requests to one host within their limit, over all who ask in this process. */
export type RateGovernor = {
  /**
   * Resolves when `caller` may send one request. Callers that wait take turns, however many requests each of them has. Rejects
   * with the reason of `signal` when that aborts first, and the turn goes to the next.
   */
  readonly turn: (caller: string, signal?: AbortSignal) => Promise<void>
  readonly heard: (told: RateTold) => void
}

/**
 * A token bucket. `requestsPerMinute` is the limit, undefined when only the exchange's answers tell it: until then
 * nothing waits. A lower limit, an emptied window or a refusal that answers tell of is kept to at once.
 */
export function createRateGovernor(timer: Timer, requestsPerMinute: number | undefined): RateGovernor {
  const waiting = new Map<string, (() => void)[]>()
  let limit = requestsPerMinute
  let tokens = burstOf(limit)
  let refilledAt = timer.now()
  let closedUntil = epochMs(0)
  let callOff: (() => void) | undefined

  const refill = () => {
    const now = timer.now()
    const rate = ((limit ?? Number.POSITIVE_INFINITY) * (1 - BURST)) / WINDOW_MS
    tokens = limit === undefined ? 1 : Math.min(burstOf(limit), tokens + rate * (now - refilledAt))
    refilledAt = now
  }
  const waitMs = () => {
    refill()
    const closed = closedUntil - timer.now()
    if (closed > 0) return closed
    return tokens >= 1 || limit === undefined ? 0 : Math.ceil(((1 - tokens) * WINDOW_MS) / (limit * (1 - BURST)))
  }
  const next = (): (() => void) | undefined => {
    for (const [caller, turns] of waiting) {
      const go = turns.shift()
      // To the end of the round, where it has more to ask.
      waiting.delete(caller)
      if (turns.length > 0) waiting.set(caller, turns)
      if (go) return go
    }
    return undefined
  }
  const admit = () => {
    callOff?.()
    callOff = undefined
    while (waiting.size > 0) {
      const ms = waitMs()
      if (ms > 0) {
        callOff = timer.after(ms, admit)
        return
      }
      tokens -= 1
      next()?.()
    }
  }
  return {
    turn: (caller, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted === true) return reject(signal.reason)
        const go = () => {
          signal?.removeEventListener('abort', leave)
          resolve()
        }
        const leave = () => {
          const others = (waiting.get(caller) ?? []).filter((one) => one !== go)
          if (others.length > 0) waiting.set(caller, others)
          else waiting.delete(caller)
          reject(signal?.reason)
        }
        signal?.addEventListener('abort', leave, { once: true })
        const turns = waiting.get(caller)
        if (turns) turns.push(go)
        else waiting.set(caller, [go])
        admit()
      }),
    heard: (told) => {
      const now = timer.now()
      refill()
      limit = smallest(requestsPerMinute, told.limit)
      if (told.remaining !== undefined) tokens = Math.min(tokens, told.remaining)
      const isSpent = told.remaining !== undefined && told.remaining <= 0
      // A window is a minute: a reset further away is another clock's.
      if (isSpent && told.resetsAt !== undefined) closedUntil = later(closedUntil, Math.min(told.resetsAt, now + WINDOW_MS))
      if (told.refusedForMs !== undefined) closedUntil = later(closedUntil, now + told.refusedForMs)
      admit()
    },
  }
}

function burstOf(limit: number | undefined): number {
  return limit === undefined ? 1 : Math.max(1, limit * BURST)
}

function smallest(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b)
}

function later(a: number, b: number): EpochMs {
  return epochMs(Math.max(a, b))
}
