import { minutesOf, type Session } from '#domain/sessions.ts'
import { MINUTE_MS } from '#domain/units.ts'

const [CLEAR, SET] = [48, 49]

/** One bit for each minute of a session, written as PostgreSQL reads a bit string: a character `0` or `1` a minute. */
export type MinuteBits = Buffer

/** No minute of `session`. */
export function noMinutes(session: Session): MinuteBits {
  return Buffer.alloc(minutesOf(session), CLEAR)
}

/** The minutes of `session` that open in [from, until), epoch ms. */
export function minutesWithin(session: Session, from: number, until: number): MinuteBits {
  return noMinutes(session).fill(SET, minutesBefore(session, from), minutesBefore(session, until))
}

/** How many minutes of `session` open before `at`: 0 before it, all of them after. */
export function minutesBefore(session: Session, at: number): number {
  return Math.min(minutesOf(session), Math.max(0, Math.ceil((at - session.opensAt) / MINUTE_MS)))
}

/** Sets the minute that opens at `openedAt`; one outside the session, or that opens within a minute, is passed over. */
export function setMinute(bits: MinuteBits, session: Session, openedAt: number): void {
  const minute = (openedAt - session.opensAt) / MINUTE_MS
  if (Number.isInteger(minute) && minute >= 0 && minute < bits.length) bits[minute] = SET
}

/** Whether minute `minute` is set. */
export function isSet(bits: MinuteBits, minute: number): boolean {
  return bits[minute] === SET
}
