import { dateInNewYork, newYorkInstant } from '#domain/calendar.ts'
import { type Session, sessionAt } from '#domain/sessions.ts'
import { DAY_MS, type EpochMs, epochMs, MINUTE_MS } from '#domain/units.ts'
import type { Moment } from '#matching/execution-price.ts'
import type { Instruction } from '#matching/instruction.ts'
import { timeInNewYork } from './new-york.ts'

/** The first session that opens after `at`. `sessions` are ascending. */
export function nextSessionAfter(sessions: readonly Session[], at: EpochMs): Session | undefined {
  return sessions.find((s) => s.opensAt > at)
}

/** When an order starts to work and when it ends by itself; undefined: when it is cancelled. */
export type OrderHours = { readonly worksFrom: EpochMs; readonly expiresAt: EpochMs | undefined }

/**
 * The hours of an order that arrives at `at`: in a session it works at once and ends with it, outside one with the next
 * session. Extended hours begin earlier and end later. One until cancelled lasts 90 days. After the last session an order
 * waits for ever.
 */
export function hoursOfOrder(
  sessions: readonly Session[],
  at: EpochMs,
  { timeInForce, isExtendedHours }: Pick<Instruction, 'timeInForce' | 'isExtendedHours'>,
): OrderHours {
  const isLasting = timeInForce === 'gtc'
  if (isExtendedHours) {
    const session = sessions.find((s) => extendedHours(s).until > at)
    const hours = session && extendedHours(session)
    return { worksFrom: hours && hours.from > at ? hours.from : at, expiresAt: isLasting ? lastInstant(at) : hours?.until }
  }
  const running = timeInForce === 'opg' ? undefined : runningSession(sessions, at, timeInForce)
  const session = running ?? nextSessionAfter(sessions, at)
  const worksFrom = running || !session ? at : session.opensAt
  if (isLasting) return { worksFrom, expiresAt: lastInstant(at) }
  // An opening order has its one minute.
  const isOpening = timeInForce === 'opg' && session !== undefined
  return { worksFrom, expiresAt: isOpening ? epochMs(session.opensAt + MINUTE_MS) : session?.closesAt }
}

function runningSession(sessions: readonly Session[], at: EpochMs, timeInForce: Instruction['timeInForce']): Session | undefined {
  const session = sessionAt(sessions, at)
  return session && timeInForce === 'cls' && at >= lastCall(session) ? undefined : session
}

/** Closing orders are taken until ten minutes before the close. */
function lastCall({ closesAt }: Session): EpochMs {
  return epochMs(closesAt - 10 * MINUTE_MS)
}

/** Alpaca ends an order after 90 days, a quarter of an hour after the close. */
const LASTING_DAYS = 90

function lastInstant(at: EpochMs): EpochMs {
  return newYorkInstant(dateInNewYork(epochMs(at + LASTING_DAYS * DAY_MS)), '16:15')
}

/** New York's trading day around a session: from 4:00 until 20:00, on a half day until 17:00. */
export function extendedHours({ date, isHalfDay }: Session): { readonly from: EpochMs; readonly until: EpochMs } {
  return { from: newYorkInstant(date, '04:00'), until: newYorkInstant(date, isHalfDay ? '17:00' : '20:00') }
}

/** Why an auction order may not come at `at`, as Alpaca says it, or undefined. */
export function auctionMissed(sessions: readonly Session[], at: EpochMs, timeInForce: string): string | undefined {
  const time = timeInNewYork(at)
  if (timeInForce === 'opg' && time >= '09:28' && time < '19:00')
    return 'opg orders are only accepted after 7:00pm and before 9:28am'
  if (timeInForce !== 'cls' || time >= '19:00') return undefined
  const session = sessionAt(sessions, at)
  const isLate = time >= '15:50' || (session !== undefined && at >= lastCall(session))
  return isLate ? 'cls orders are only accepted after 7:00pm and before 3:50pm' : undefined
}

/** Where the minute that opened at `openedAt` lies in its day. */
export function momentOf(sessions: readonly Session[], openedAt: EpochMs): Moment {
  const session = sessionAt(sessions, openedAt)
  if (session === undefined) return 'extended'
  if (openedAt < session.opensAt + MINUTE_MS) return 'opening'
  return openedAt + MINUTE_MS >= session.closesAt ? 'closing' : 'regular'
}

/** Calendar nights between a session and the next one; 1 after the last, of which nothing later is known. */
export function nightsAfter(sessions: readonly Session[], session: Session): number {
  const next = nextSessionAfter(sessions, session.opensAt)
  return next ? Math.round((next.opensAt - session.opensAt) / DAY_MS) : 1
}

/** `due`, or the close of the session that runs at `reached` when that comes first: nights are jumped, not kept pace with. */
export function beforeClose(sessions: readonly Session[], reached: EpochMs, due: EpochMs): EpochMs {
  return epochMs(Math.min(due, sessionAt(sessions, reached)?.closesAt ?? due))
}
