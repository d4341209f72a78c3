import { dateInNewYork, newYorkInstant, nextSession, sessionsBefore } from '#domain/calendar.ts'
import type { Session } from '#domain/sessions.ts'
import type { Tape, TapeRows } from '#domain/tape.ts'
import { type EpochMs, epochMs } from '#domain/units.ts'

/** A shown session, the recorded one whose bars it has, and which time round it is, from 1. */
export type LaidSession = { readonly shown: Session; readonly recorded: Session; readonly pass: number }

/**
 * Lays recorded sessions out in the order of the calendar, beginning on `first`: `passes` times round, or as often as the
 * calendar's years hold. So every bar is shown on a day on which the exchange is open, at a time at which it is.
 */
export function laidOut(
  recorded: readonly Session[],
  { first, passes }: { readonly first: Session; readonly passes: number },
): LaidSession[] {
  const laid: LaidSession[] = []
  const count = Math.min(passes * recorded.length, sessionsLeft(first))
  let shown = first
  for (let i = 0; i < count; i++) {
    laid.push({ shown, recorded: recorded[i % recorded.length], pass: Math.floor(i / recorded.length) + 1 })
    if (i + 1 < count) shown = nextSession(shown.closesAt)
  }
  return laid
}

/** The calendar ends with 2037; a year is given away so that whoever looks ahead still finds a session. */
const LAST_SHOWN_YEAR = 2036

function sessionsLeft(first: Session): number {
  let count = 0
  for (let s = first; s.date < `${LAST_SHOWN_YEAR + 1}`; s = nextSession(s.closesAt)) count++
  return count
}

/** `laid` behind the `lookBack` sessions before its first one, which show as many sessions before the first recorded one. */
export function withSessionsBefore(laid: readonly LaidSession[], lookBack: number): LaidSession[] {
  const [first] = laid
  if (first === undefined) return []
  const recorded = sessionsBefore(first.recorded.date, lookBack)
  const before = sessionsBefore(first.shown.date, lookBack).map((shown, i) => ({ shown, recorded: recorded[i], pass: 1 }))
  return [...before, ...laid]
}

/**
 * `tape` with the bars of each recorded session on the day that shows it. Minutes keep their distance to the opening; those
 * after the close their distance to the close; a half day has no place for a full one's afternoon.
 */
export function relaidTape(tape: Tape, laid: readonly LaidSession[]): Tape {
  const stretches = laid.flatMap(stretchesOf)
  return {
    feed: tape.feed,
    listings: tape.listings,
    rowsBetween: async (from, until, listed) => {
      const begin = firstEndingAfter(stretches, from)
      const parts: TapeRows[] = []
      for (let i = begin; i < stretches.length && stretches[i].from < until; i++) {
        const { from: opens, until: ends, shift } = stretches[i]
        const [start, end] = [Math.max(from, opens) - shift, Math.min(until, ends) - shift]
        if (start < end) parts.push(shifted(await tape.rowsBetween(epochMs(start), epochMs(end), listed), shift))
      }
      return joined(parts)
    },
  }
}

/** Shown instants [from, until) hold what was recorded `shift` ms earlier. */
type Stretch = { readonly from: number; readonly until: number; readonly shift: number }

function stretchesOf({ shown, recorded }: LaidSession): Stretch[] {
  const shift = shown.opensAt - recorded.opensAt
  const afterShift = shown.closesAt - recorded.closesAt
  const length = Math.min(shown.closesAt - shown.opensAt, recorded.closesAt - recorded.opensAt)
  const day = tradingDayOf(recorded)
  return [
    { from: day.from + shift, until: shown.opensAt, shift },
    { from: shown.opensAt, until: shown.opensAt + length, shift },
    { from: shown.closesAt, until: day.until + afterShift, shift: afterShift },
  ]
}

/** The hours from 4:00 until 20:00 around a session. */
function tradingDayOf({ date }: Session): { readonly from: EpochMs; readonly until: EpochMs } {
  return { from: newYorkInstant(date, '04:00'), until: newYorkInstant(date, '20:00') }
}

/** The place of the first of `ascending` that ends after `at`; their number when none does. */
export function firstEndingAfter(ascending: readonly { readonly until: number }[], at: number): number {
  let [low, high] = [0, ascending.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (ascending[middle].until > at) high = middle
    else low = middle + 1
  }
  return low
}

function shifted(rows: TapeRows, shift: number): TapeRows {
  return { ...rows, openedAt: rows.openedAt.map((at) => at + shift) }
}

function joined(parts: readonly TapeRows[]): TapeRows {
  const [only] = parts
  if (only !== undefined && parts.length === 1) return only
  const length = parts.reduce((sum, { openedAt }) => sum + openedAt.length, 0)
  const filled = <Column extends Float64Array | Uint16Array>(column: Column, part: (rows: TapeRows) => Column): Column => {
    let at = 0
    for (const rows of parts) {
      column.set(part(rows), at)
      at += part(rows).length
    }
    return column
  }
  const doubles = (name: Exclude<keyof TapeRows, 'symbolIndex'>) => filled(new Float64Array(length), (rows) => rows[name])
  return {
    openedAt: doubles('openedAt'),
    symbolIndex: filled(new Uint16Array(length), (rows) => rows.symbolIndex),
    open: doubles('open'),
    high: doubles('high'),
    low: doubles('low'),
    close: doubles('close'),
    volumeShares: doubles('volumeShares'),
  }
}

/** The laid session that is shown at `at`, or undefined outside sessions. */
export function laidSessionAt(laid: readonly LaidSession[], at: EpochMs): LaidSession | undefined {
  const date = dateInNewYork(at)
  return laid.find(({ shown }) => shown.date === date)
}
