import { dateInNewYork, newYorkInstant } from '#domain/calendar.ts'
import type { Session } from '#domain/sessions.ts'
import { type EpochMs, epochMs, MINUTE_MS } from '#domain/units.ts'

/** A bar size of Alpaca's: minutes, counted from full hours in UTC, or New York days. */
export type BarSize = { readonly kind: 'minutes'; readonly minutes: number } | { readonly kind: 'day' }

const MINUTES = /^([1-9]|[1-5]\d)(?:Min|T)$/
const HOURS = /^([1-9]|1\d|2[0-3])(?:Hour|H)$/

/** The bar size that `text` names, such as `5Min`, `1Hour`, `1Day`; undefined for others. Weeks and months are not offered. */
export function barSizeFrom(text: string): BarSize | undefined {
  if (/^1?(?:Day|D)$/.test(text)) return { kind: 'day' }
  const minutes = MINUTES.exec(text)
  if (minutes) return { kind: 'minutes', minutes: Number(minutes[1]) }
  const hours = HOURS.exec(text)
  return hours ? { kind: 'minutes', minutes: Number(hours[1]) * 60 } : undefined
}

/** Maps a minute's opening to the stamp of the bar that it belongs to: midnight in New York for daily bars. */
export function stamper(size: BarSize): (openedAt: number) => number {
  if (size.kind === 'minutes') {
    const step = size.minutes * MINUTE_MS
    return (openedAt) => openedAt - (openedAt % step)
  }
  const midnights = new Map<number, number>()
  return (openedAt) => {
    const hour = Math.floor(openedAt / (60 * MINUTE_MS))
    const known = midnights.get(hour)
    if (known !== undefined) return known
    const midnight = newYorkInstant(dateInNewYork(epochMs(openedAt)), '00:00')
    midnights.set(hour, midnight)
    return midnight
  }
}

/** Whether the bar stamped `stamp` has closed by `now`: a day with its session, or, without one, with the day. */
export function hasClosed(
  stamp: number,
  now: EpochMs,
  terms: { readonly size: BarSize; readonly sessions: readonly Session[] },
): boolean {
  if (terms.size.kind === 'minutes') return stamp + terms.size.minutes * MINUTE_MS <= now
  const date = dateInNewYork(epochMs(stamp))
  const session = terms.sessions.find((s) => s.date === date)
  return session ? session.closesAt <= now : date < dateInNewYork(now)
}
