import type { Session } from '#domain/sessions.ts'
import { type EpochMs, epochMs, MINUTE_MS } from '#domain/units.ts'

/** A minute's bars are sent when it has closed; this long after, a stream that has told none of it is looked into. */
export const GRACE_MS = 8_000
/** Late trades correct a bar half a minute after it closed: what may have been lost goes back by as much before a break. */
const CORRECTIONS_MS = 3 * MINUTE_MS

/** What is known of a stream's health. */
export type StreamHealth = {
  readonly isUp: boolean
  /** When it went down, or when it was first dialled. */
  readonly downSince: EpochMs
  /** The newest opening of a minute that it has told; undefined before the first. */
  readonly newest: EpochMs | undefined
}

/**
 * What to make of a stream at GRACE_MS after `minuteEnd`, the end of a session's minute. `well`: it told of that minute. `mute`:
 * it is up and did not, so that either nothing traded or it says nothing any more. `away`: it has been down for a minute.
 */
export function judgeStream(
  { isUp, downSince, newest }: StreamHealth,
  minuteEnd: EpochMs,
): 'well' | 'mute' | 'connecting' | 'away' {
  if (!isUp) return minuteEnd + GRACE_MS - downSince >= MINUTE_MS ? 'away' : 'connecting'
  return newest !== undefined && newest >= minuteEnd - MINUTE_MS ? 'well' : 'mute'
}

/**
 * The opening of the first minute of which something may be lost when a stream breaks: from the newest that it told back
 * over what it would still have corrected; the session's first when it told nothing.
 */
export function lostFrom(session: Session, newest: EpochMs | undefined): EpochMs {
  return epochMs(Math.max(session.opensAt, (newest ?? session.opensAt) - CORRECTIONS_MS))
}

/** The end of the first minute of `session` whose GRACE_MS is not over at `now`; undefined when all are. */
export function nextMinuteEnd(session: Session, now: EpochMs): EpochMs | undefined {
  const passed = Math.floor((now - GRACE_MS - session.opensAt) / MINUTE_MS)
  const end = session.opensAt + Math.max(1, passed + 1) * MINUTE_MS
  return end <= session.closesAt ? epochMs(end) : undefined
}

/** The opening of the first minute that has not closed at `now`, at most the session's end. */
export function closedUntil(session: Session, now: EpochMs): EpochMs {
  const minutes = Math.max(0, Math.floor((now - session.opensAt) / MINUTE_MS))
  return epochMs(Math.min(session.closesAt, session.opensAt + minutes * MINUTE_MS))
}
