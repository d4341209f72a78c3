import type { EpochMs, Measured } from './units.ts'

/** A New York trading date, `YYYY-MM-DD`. It is a name, not midnight somewhere. */
export type SessionDate = Measured<'session-date', string>

/** One regular trading session of the New York Stock Exchange: [opensAt, closesAt). */
export type Session = {
  readonly date: SessionDate
  readonly opensAt: EpochMs
  readonly closesAt: EpochMs
  /** Closes at 13:00 instead of 16:00. */
  readonly isHalfDay: boolean
}

/** The session trading at `at`, or undefined outside trading hours. `sessions` are ascending and do not overlap. */
export function sessionAt(sessions: readonly Session[], at: EpochMs): Session | undefined {
  return sessions.find((s) => s.opensAt <= at && at < s.closesAt)
}

/** Minutes of trading in a session: 390, or 210 on a half day. */
export function minutesOf(session: Session): number {
  return (session.closesAt - session.opensAt) / 60_000
}

/** Every `everyMinutes` after the open up to and including the close: the instants at which signals are made. */
export function ticksOf(session: Session, everyMinutes: number): EpochMs[] {
  const step = everyMinutes * 60_000
  const count = Math.floor((session.closesAt - session.opensAt) / step)
  return Array.from({ length: count }, (_, i) => (session.opensAt + (i + 1) * step) as EpochMs)
}
