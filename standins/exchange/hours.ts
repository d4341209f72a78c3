import type { TimeInForce } from '#domain/order.ts'
import { type Session, sessionAt } from '#domain/sessions.ts'
import { DAY_MS, type EpochMs } from '#domain/units.ts'

/** The first session that opens after `at`. `sessions` are ascending. */
export function nextSessionAfter(sessions: readonly Session[], at: EpochMs): Session | undefined {
  return sessions.find((s) => s.opensAt > at)
}

/**
 * When an order that arrives at `at` starts to work, and when it ends by itself: in a session at once and with it,
 * outside one with the next session. An order after the last session waits for ever.
 */
export function hoursOfOrder(
  sessions: readonly Session[],
  at: EpochMs,
  timeInForce: TimeInForce,
): { readonly worksFrom: EpochMs; readonly expiresAt: EpochMs | undefined } {
  const running = sessionAt(sessions, at)
  const session = running ?? nextSessionAfter(sessions, at)
  return {
    worksFrom: running || !session ? at : session.opensAt,
    expiresAt: timeInForce === 'gtc' ? undefined : session?.closesAt,
  }
}

/** Calendar nights between a session and the next one; 1 after the last, of which nothing later is known. */
export function nightsAfter(sessions: readonly Session[], session: Session): number {
  const next = nextSessionAfter(sessions, session.opensAt)
  return next ? Math.round((next.opensAt - session.opensAt) / DAY_MS) : 1
}
