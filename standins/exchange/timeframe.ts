import { dateInNewYork, newYorkInstant, sessionsBetween } from '#domain/calendar.ts'
import type { SessionDate } from '#domain/sessions.ts'
import { type EpochMs, epochMs, MINUTE_MS } from '#domain/units.ts'

/** A bar size of Alpaca's: minutes counted from midnight in New York, or New York days, weeks from Monday, or months of a year. */
export type BarSize =
  | { readonly kind: 'minutes'; readonly minutes: number }
  | { readonly kind: 'day' | 'week' }
  | { readonly kind: 'months'; readonly months: number }

/** What `timeframe` may be, in words. */
export const TIMEFRAMES = '[1-59]Min, [1-23]Hour, 1Day, 1Week or [1,2,3,4,6,12]Month'

const MINUTES = /^([1-9]|[1-5]\d)(?:Min|T)$/
const HOURS = /^([1-9]|1\d|2[0-3])(?:Hour|H)$/
const MONTHS = /^(1|2|3|4|6|12)(?:Month|M)$/

/** The bar size that `text` names, such as `5Min`, `1Hour`, `1Day`, `3Month`; undefined for others. */
export function barSizeFrom(text: string): BarSize | undefined {
  if (/^1(?:Day|D)$/.test(text)) return { kind: 'day' }
  if (/^1(?:Week|W)$/.test(text)) return { kind: 'week' }
  const minutes = MINUTES.exec(text)
  if (minutes) return { kind: 'minutes', minutes: Number(minutes[1]) }
  const hours = HOURS.exec(text)
  if (hours) return { kind: 'minutes', minutes: Number(hours[1]) * 60 }
  const months = MONTHS.exec(text)
  return months ? { kind: 'months', months: Number(months[1]) } : undefined
}

/** Maps instants to the stamp of the bar that they belong to: its first instant, midnight in New York for days and longer. */
export function stamper(size: BarSize): (at: number) => number {
  const midnightOf = midnights()
  if (size.kind === 'minutes') {
    const step = size.minutes * MINUTE_MS
    return (at) => {
      const midnight = midnightOf(at)
      return midnight + Math.floor((at - midnight) / step) * step
    }
  }
  if (size.kind === 'day') return midnightOf
  return remembered((midnight) => newYorkInstant(firstDateOf(size, dateInNewYork(epochMs(midnight))), '00:00'), midnightOf)
}

/** Midnights in New York, remembered by the hour, since asking the time zone costs more than all the rest. */
function midnights(): (at: number) => number {
  const hourOf = (at: number) => Math.floor(at / (60 * MINUTE_MS))
  return remembered((hour) => newYorkInstant(dateInNewYork(epochMs(hour * 60 * MINUTE_MS)), '00:00'), hourOf)
}

function remembered(make: (key: number) => number, keyOf: (at: number) => number): (at: number) => number {
  const known = new Map<number, number>()
  return (at) => {
    const key = keyOf(at)
    const value = known.get(key) ?? make(key)
    known.set(key, value)
    return value
  }
}

type LongSize = Exclude<BarSize, { readonly kind: 'minutes' }>

/** The first date of the day, week or months that `date` lies in. */
function firstDateOf(size: LongSize, date: SessionDate): SessionDate {
  const day = Temporal.PlainDate.from(date)
  switch (size.kind) {
    case 'day':
      return date
    case 'week':
      return dateOf(day.subtract({ days: day.dayOfWeek - 1 }))
    case 'months':
      return dateOf(day.with({ day: 1 }).subtract({ months: (day.month - 1) % size.months }))
    default:
      return size satisfies never
  }
}

function dateOf(day: Temporal.PlainDate): SessionDate {
  return dateInNewYork(epochMs(day.toZonedDateTime({ timeZone: 'America/New_York', plainTime: '12:00' }).epochMilliseconds))
}

function lengthOf(size: LongSize): Temporal.DurationLike {
  if (size.kind === 'months') return { months: size.months }
  return { days: size.kind === 'week' ? 7 : 1 }
}

/** Whether the bar stamped `stamp` has closed by `now`: minutes when they are over, longer bars with the close of their last session. */
export function hasClosed(stamp: number, now: EpochMs, size: BarSize): boolean {
  if (size.kind === 'minutes') return stamp + size.minutes * MINUTE_MS <= now
  const first = dateInNewYork(epochMs(stamp))
  const through = dateOf(Temporal.PlainDate.from(first).add(lengthOf(size)).subtract({ days: 1 }))
  if (through < dateInNewYork(now)) return true
  const last = sessionsBetween(first, through).at(-1)
  return last !== undefined && last.closesAt <= now
}
