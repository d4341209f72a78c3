import type { SessionView } from '../../../src/api/contract.ts'
import { duration } from './figures.ts'
import { minuteTime, weekdayText } from './times.ts'

/** What the market is doing at an instant, and what happens next. */
export type MarketState = {
  readonly isOpen: boolean
  readonly name: 'Open' | 'Closed'
  /** `closes in 2 h 14 m`, `opens Mon 09:30` */
  readonly next: string
  /** Of the session that is trading, in [0, 1]; undefined outside one. */
  readonly progress: number | undefined
}

const SOON_MS = 24 * 3_600_000

/** The state at `at`, or undefined when `sessions` (ascending) do not reach that far. */
export function marketStateAt(sessions: readonly SessionView[], at: number): MarketState | undefined {
  const trading = sessions.find((session) => session.opensAt <= at && at < session.closesAt)
  if (trading) {
    const { opensAt, closesAt, isHalfDay } = trading
    const early = isHalfDay ? ' (half day)' : ''
    return {
      isOpen: true,
      name: 'Open',
      next: `closes in ${duration(closesAt - at)}${early}`,
      progress: (at - opensAt) / (closesAt - opensAt),
    }
  }
  const next = sessions.find((session) => session.opensAt > at)
  return next && { isOpen: false, name: 'Closed', next: opening(next, at), progress: undefined }
}

function opening({ opensAt, isProjected }: SessionView, at: number): string {
  if (isProjected) return `opens ${weekdayText(opensAt)} ${minuteTime(opensAt)} (projected)`
  return opensAt - at < SOON_MS ? `opens in ${duration(opensAt - at)}` : `opens ${weekdayText(opensAt)} ${minuteTime(opensAt)}`
}
