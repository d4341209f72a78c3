import { DAY_MS } from '#domain/units.ts'

/**
 * What a timestamp says. `date`: a day alone. `instant`: a moment, by `Z`, an offset, or a count of seconds or milliseconds
 * since 1970. `naive`: clock time without a zone. `ambiguous`: a clock time that the zone's clocks show twice or never.
 */
type StampForm = 'date' | 'instant' | 'naive' | 'ambiguous' | 'unparsable'

/** `at`: epoch ms, of midnight UTC for a date and as if UTC for a naive time. `day`: days since 1970 of the date as written. */
export type Stamp = { form: StampForm; at: number; day: number }

/** Reads a stamp from bytes [start, end) into one record that every call overwrites. */
export type StampReader = (bytes: Buffer, start: number, end: number) => Stamp

const ZERO = 48
const NINE = 57
const MINUS = 45
const PLUS = 43
const COLON = 58
const SPACE = 32
const T = 84
const Z = 90
const POINT = 46

/**
 * A reader of `YYYY-MM-DD`, `YYYY-MM-DD[T ]HH:MM[:SS[.fraction]]` with `Z`, `±HH:MM`, `±HHMM` or `±HH`, and epoch seconds
 * (9 or 10 digits) or milliseconds (12 or 13). Naive times are told by the clocks of `zone`; without one they stay `naive`.
 */
export function stampReader(zone: string | undefined): StampReader {
  const stamp: Stamp = { form: 'unparsable', at: Number.NaN, day: Number.NaN }
  const toInstant = zone === undefined ? undefined : zonedClock(zone)
  return (bytes, start, end) => {
    readStamp(bytes, { start, end }, stamp)
    if (stamp.form === 'naive' && toInstant) {
      const at = toInstant(stamp.day, stamp.at)
      stamp.form = Number.isNaN(at) ? 'ambiguous' : 'instant'
      stamp.at = at
    }
    return stamp
  }
}

/** The date of `day` days since 1970 as `YYYY-MM-DD`. */
export function dateOfDay(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10)
}

type Span = { readonly start: number; readonly end: number }

function readStamp(bytes: Buffer, { start, end }: Span, stamp: Stamp): void {
  stamp.form = 'unparsable'
  const length = end - start
  if (length < 10 || bytes[start + 4] !== MINUS) {
    readCount(bytes, { start, end }, stamp)
    return
  }
  const day = dayAt(bytes, start)
  if (Number.isNaN(day)) return
  stamp.day = day
  stamp.at = day * DAY_MS
  if (length === 10) stamp.form = 'date'
  else readClock(bytes, { start: start + 10, end }, stamp)
}

function readCount(bytes: Buffer, { start, end }: Span, stamp: Stamp): void {
  let count = 0
  for (let i = start; i < end; i++) {
    if (bytes[i] < ZERO || bytes[i] > NINE) return
    count = count * 10 + (bytes[i] - ZERO)
  }
  const digits = end - start
  if (digits !== 9 && digits !== 10 && digits !== 12 && digits !== 13) return
  stamp.form = 'instant'
  stamp.at = digits <= 10 ? count * 1000 : count
  stamp.day = Math.floor(stamp.at / DAY_MS)
}

/** Everything after the date: separator, clock time, zone. */
function readClock(bytes: Buffer, { start, end }: Span, stamp: Stamp): void {
  const hour = twoDigits(bytes, start + 1)
  const minute = twoDigits(bytes, start + 4)
  if ((bytes[start] !== T && bytes[start] !== SPACE) || bytes[start + 3] !== COLON || start + 6 > end) return
  if (!(hour <= 23 && minute <= 59)) return
  stamp.at += hour * 3_600_000 + minute * 60_000
  let i = start + 6
  if (i < end && bytes[i] === COLON) {
    const second = twoDigits(bytes, i + 1)
    if (i + 3 > end || !(second <= 59)) return
    stamp.at += second * 1000
    i += 3
    if (i < end && bytes[i] === POINT) {
      const after = fractionEnd(bytes, { start: i + 1, end })
      if (after === i + 1) return
      stamp.at += Math.floor(Number(`0.${bytes.toString('latin1', i + 1, after)}`) * 1000)
      i = after
    }
  }
  readZone(bytes, { start: i, end }, stamp)
}

function readZone(bytes: Buffer, { start, end }: Span, stamp: Stamp): void {
  if (start === end) {
    stamp.form = 'naive'
  } else if (bytes[start] === Z && start + 1 === end) {
    stamp.form = 'instant'
  } else if (bytes[start] === PLUS || bytes[start] === MINUS) {
    const hasColon = bytes[start + 3] === COLON && end - start > 3
    const minutesAt = start + (hasColon ? 4 : 3)
    const minutes = end === start + 3 ? 0 : minutesAt + 2 === end ? twoDigits(bytes, minutesAt) : Number.NaN
    const hours = end >= start + 3 ? twoDigits(bytes, start + 1) : Number.NaN
    if (!(hours <= 23 && minutes <= 59)) return
    stamp.form = 'instant'
    stamp.at -= (bytes[start] === PLUS ? 1 : -1) * (hours * 3_600_000 + minutes * 60_000)
  }
}

function fractionEnd(bytes: Buffer, { start, end }: Span): number {
  let i = start
  while (i < end && bytes[i] >= ZERO && bytes[i] <= NINE) i++
  return i
}

function twoDigits(bytes: Buffer, at: number): number {
  const tens = bytes[at] - ZERO
  const ones = bytes[at + 1] - ZERO
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN
}

/** Days since 1970 of the `YYYY-MM-DD` at `at`, NaN when there is no such day. */
function dayAt(bytes: Buffer, at: number): number {
  const year = twoDigits(bytes, at) * 100 + twoDigits(bytes, at + 2)
  const month = twoDigits(bytes, at + 5)
  const day = twoDigits(bytes, at + 8)
  if (bytes[at + 7] !== MINUS || !(year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month)))
    return Number.NaN
  return daysFromCivil(year, month, day)
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

/** Source: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil. */
function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year
  const era = Math.floor(y / 400)
  const yearOfEra = y - era * 400
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  return era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468
}

/** Clock time (as if UTC) on a day → instant, NaN where the zone's clocks show it twice or never. */
function zonedClock(zone: string): (day: number, clock: number) => number {
  let known = Number.NaN
  let offset = Number.NaN
  return (day, clock) => {
    if (day !== known) {
      known = day
      offset = offsetOf(zone, day)
    }
    return Number.isNaN(offset) ? slowInstant(zone, clock) : clock - offset
  }
}

/** Offset of `zone` in ms on `day`, NaN when its clocks are changed that day. */
function offsetOf(zone: string, day: number): number {
  const date = Temporal.PlainDate.from(dateOfDay(day))
  const [first, last] = [date, date.add({ days: 1 })].map((d) => d.toZonedDateTime(zone).offsetNanoseconds / 1e6)
  return first === last ? first : Number.NaN
}

function slowInstant(zone: string, clock: number): number {
  const [text] = new Date(clock).toISOString().split('Z')
  try {
    return Temporal.PlainDateTime.from(text).toZonedDateTime(zone, { disambiguation: 'reject' }).epochMilliseconds
  } catch {
    return Number.NaN
  }
}
