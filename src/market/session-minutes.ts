import { minutesOf, type Session } from '#domain/sessions.ts'
import { type EpochMs, epochMs, MINUTE_MS, type TimeColumn } from '#domain/units.ts'

/** The minutes in which the market trades, numbered from 0 through all of some sessions: nights and weekends take no number. */
export type SessionMinutes = {
  readonly total: number
  /** The number of the minute that opens exactly at `at`, or undefined. */
  readonly indexOf: (at: EpochMs) => number | undefined
  /** How many minutes open before `at`, which is the number of the first that does not. */
  readonly countBefore: (at: EpochMs) => number
  /** The number of the first minute of the session that minute `index` belongs to. */
  readonly sessionStartOf: (index: number) => number
  /** The openings of minutes [from, until). */
  readonly openings: (from: number, until: number) => TimeColumn
}

/** Numbers the minutes of `sessions`: ascending, not overlapping. */
export function sessionMinutes(sessions: readonly Session[]): SessionMinutes {
  const starts: number[] = []
  let total = 0
  for (const session of sessions) {
    starts.push(total)
    total += minutesOf(session)
  }
  const countBefore = (at: EpochMs): number => {
    const s = lastIndexWhere(sessions.length, (i) => sessions[i].opensAt < at)
    return s < 0 ? 0 : starts[s] + Math.min(minutesOf(sessions[s]), Math.ceil((at - sessions[s].opensAt) / MINUTE_MS))
  }
  const sessionOf = (index: number) => lastIndexWhere(starts.length, (i) => starts[i] <= index)
  const openingOf = (index: number): EpochMs => {
    const s = sessionOf(index)
    return epochMs(sessions[s].opensAt + (index - starts[s]) * MINUTE_MS)
  }
  const indexOf = (at: EpochMs): number | undefined => {
    const index = countBefore(at)
    return index < total && openingOf(index) === at ? index : undefined
  }
  return {
    total,
    indexOf,
    countBefore,
    sessionStartOf: (index) => starts[sessionOf(index)],
    openings: (from, until) =>
      Float64Array.from({ length: Math.max(0, until - from) }, (_, i) => openingOf(from + i)) as TimeColumn,
  }
}

/** The largest i in [0, length) for which `holds`, or −1; `holds` is true up to some i and false beyond. */
function lastIndexWhere(length: number, holds: (i: number) => boolean): number {
  let [low, high] = [0, length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (holds(middle)) low = middle + 1
    else high = middle
  }
  return low - 1
}
