import { type EpochMs, epochMs } from '#domain/units.ts'

const FIRST_PAUSE_MS = 60_000
const LONGEST_PAUSE_MS = 3_600_000

/** Yahoo does not answer, or not us: 429, a page instead of data, no crumb, no connection. It is not asked again before `until`. */
export type Unavailable = { readonly kind: 'unavailable'; readonly until: EpochMs; readonly cause: string }

/** Whether a source may be asked, and how long it rests after the next failure. It is open while it may not. */
export type Circuit = { readonly until: EpochMs; readonly cause: string; readonly nextPauseMs: number }

/** The circuit of a source that answers. */
export const CLOSED_CIRCUIT: Circuit = { until: epochMs(0), cause: '', nextPauseMs: FIRST_PAUSE_MS }

/** Why nothing may be asked at `now`, or undefined when something may. */
export function refusalAt({ until, cause }: Circuit, now: EpochMs): Unavailable | undefined {
  return now < until ? { kind: 'unavailable', until, cause } : undefined
}

/**
 * The circuit after a failure at `now`: open for as long as the source itself says (`retryAfterMs`, undefined when it says
 * nothing), else for a minute, twice as long after each further failure, up to an hour.
 */
export function afterFailure(
  { nextPauseMs }: Circuit,
  failure: { readonly now: EpochMs; readonly cause: string; readonly retryAfterMs: number | undefined },
): Circuit {
  return {
    until: epochMs(failure.now + (failure.retryAfterMs ?? nextPauseMs)),
    cause: failure.cause,
    nextPauseMs: Math.min(2 * nextPauseMs, LONGEST_PAUSE_MS),
  }
}
