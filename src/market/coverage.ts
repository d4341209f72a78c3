import { TIMEFRAME_MS, type Timeframe } from '#domain/bars.ts'
import { minutesOf, type Session } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { MINUTE_MS, type TimeColumn } from '#domain/units.ts'

/** How many bars of a session a symbol has and how many there could be. A minute without a trade has no bar, too. */
export type Coverage = { readonly symbol: Symbol_; readonly expected: number; readonly present: number; readonly missing: number }

/** Bars of `timeframe` that open within `session`: 390 minutes, 210 on a half day; a daily bar is one. */
export function expectedBars(session: Session, timeframe: Timeframe): number {
  return Math.ceil(Math.min(minutesOf(session), 1440) / (TIMEFRAME_MS[timeframe] / MINUTE_MS))
}

/** Coverage of one session by 1-minute bars. `openedAt` is ascending and unique; bars outside the session do not count. */
export function coverageOf(symbol: Symbol_, openedAt: TimeColumn, session: Session): Coverage {
  const expected = expectedBars(session, '1m')
  const present = openedAt.reduce((count, at) => count + (session.opensAt <= at && at < session.closesAt ? 1 : 0), 0)
  return { symbol, expected, present, missing: expected - present }
}

/** Bars missing over all symbols of a session. */
export function missingBars(coverages: readonly Coverage[]): number {
  return coverages.reduce((total, { missing }) => total + missing, 0)
}
