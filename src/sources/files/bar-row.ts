import type { Timeframe } from '#domain/bars.ts'
import { sessionOn } from '#domain/calendar.ts'
import { FIRST_YEAR, LAST_YEAR } from '#domain/calendar-rules.ts'
import type { Session, SessionDate } from '#domain/sessions.ts'
import { DAY_MS, MINUTE_MS } from '#domain/units.ts'
import type { FieldSpans } from './csv-record.ts'
import { decimalAt } from './decimal.ts'
import type { BarColumnsAt } from './header.ts'
import type { RejectReason } from './reject-reason.ts'
import { dateOfDay, type Stamp } from './stamp.ts'

/** One row being read; every call overwrites it. `session` is that of the bar's UTC day, if there is one. */
export type BarRow = {
  openedAt: number
  session: Session | undefined
  open: number
  high: number
  low: number
  close: number
  volumeShares: number
  vwap: number
  trades: number
}

export function barRow(): BarRow {
  const [openedAt, open, high, low, close, volumeShares, vwap, trades] = Array(8).fill(Number.NaN)
  return { openedAt, session: undefined, open, high, low, close, volumeShares, vwap, trades }
}

/** Session of a day since 1970. The day must be within the calendar. */
export type SessionOfDay = (day: number) => Session | undefined

/** Looks each day up once. */
export function sessionsByDay(): SessionOfDay {
  const known = new Map<number, Session | undefined>()
  let lastDay = Number.NaN
  let last: Session | undefined
  return (day) => {
    if (day === lastDay) return last
    if (!known.has(day)) known.set(day, sessionOn(dateOfDay(day) as SessionDate))
    lastDay = day
    last = known.get(day)
    return last
  }
}

const FIRST_DAY = Date.UTC(FIRST_YEAR, 0, 1) / DAY_MS
const AFTER_LAST_DAY = Date.UTC(LAST_YEAR + 1, 0, 1) / DAY_MS

/** Puts the bar's opening into `row`, or says which rule the stamp breaks. A daily bar opens when its session does. */
export function placeInTime(
  row: BarRow,
  stamp: Stamp,
  { timeframe, isSessionOnly, sessionOf }: { timeframe: Timeframe; isSessionOnly: boolean; sessionOf: SessionOfDay },
): RejectReason | undefined {
  if (stamp.form === 'unparsable') return 'stamp-unparsable'
  if (timeframe === '1d') return placeDaily(row, stamp.day, sessionOf)
  if (stamp.form === 'date') return 'stamp-without-time'
  if (stamp.form === 'naive') return 'stamp-without-zone'
  if (stamp.form === 'ambiguous') return 'stamp-ambiguous'
  if (stamp.at % MINUTE_MS !== 0) return 'stamp-off-minute'
  const day = Math.floor(stamp.at / DAY_MS)
  if (!(day >= FIRST_DAY && day < AFTER_LAST_DAY)) return 'outside-calendar'
  row.openedAt = stamp.at
  row.session = sessionOf(day)
  return isSessionOnly && !isWithin(row.session, stamp.at) ? 'outside-session' : undefined
}

// Whatever hour or zone a daily stamp carries, the date it writes is the trading date that its source means.
function placeDaily(row: BarRow, day: number, sessionOf: SessionOfDay): RejectReason | undefined {
  if (!(day >= FIRST_DAY && day < AFTER_LAST_DAY)) return 'outside-calendar'
  row.session = sessionOf(day)
  if (!row.session) return 'no-session'
  row.openedAt = row.session.opensAt
  return undefined
}

function isWithin(session: Session | undefined, at: number): boolean {
  return session !== undefined && session.opensAt <= at && at < session.closesAt
}

/** Reads prices and volume into `row`, or says which rule they break. */
export function readValues(
  row: BarRow,
  bytes: Buffer,
  { spans, at }: { spans: FieldSpans; at: BarColumnsAt },
): RejectReason | undefined {
  const { starts, ends } = spans
  row.open = decimalAt(bytes, starts[at.open], ends[at.open])
  row.high = decimalAt(bytes, starts[at.high], ends[at.high])
  row.low = decimalAt(bytes, starts[at.low], ends[at.low])
  row.close = decimalAt(bytes, starts[at.close], ends[at.close])
  row.volumeShares = decimalAt(bytes, starts[at.volume], ends[at.volume])
  const { open, high, low, close, volumeShares } = row
  if (Number.isNaN(open + high + low + close)) return unreadPrice(bytes, spans, at)
  if (!(open > 0 && high > 0 && low > 0 && close > 0)) return 'price-not-positive'
  if (high < low) return 'high-below-low'
  if (open < low || open > high) return 'open-outside-range'
  if (close < low || close > high) return 'close-outside-range'
  if (Number.isNaN(volumeShares)) return isMissing(bytes, spans, at.volume) ? 'volume-missing' : 'volume-unparsable'
  return volumeShares < 0 ? 'volume-negative' : readExtras(row, bytes, { spans, at })
}

function readExtras(
  row: BarRow,
  bytes: Buffer,
  { spans, at }: { spans: FieldSpans; at: BarColumnsAt },
): RejectReason | undefined {
  row.vwap = at.vwap === undefined ? Number.NaN : decimalAt(bytes, spans.starts[at.vwap], spans.ends[at.vwap])
  row.trades = at.trades === undefined ? Number.NaN : decimalAt(bytes, spans.starts[at.trades], spans.ends[at.trades])
  if (at.vwap !== undefined && !(row.vwap > 0) && !isMissing(bytes, spans, at.vwap)) return 'vwap-unparsable'
  if (at.trades !== undefined && !isCount(row.trades) && !isMissing(bytes, spans, at.trades)) return 'trades-unparsable'
  return undefined
}

function isCount(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < 2 ** 31
}

function unreadPrice(bytes: Buffer, spans: FieldSpans, at: BarColumnsAt): RejectReason {
  const isAnyMissing = [at.open, at.high, at.low, at.close].some((column) => isMissing(bytes, spans, column))
  return isAnyMissing ? 'price-missing' : 'price-unparsable'
}

const MISSING = new Set(['', 'na', 'n/a', 'nan', 'null', 'none', '-'])

function isMissing(bytes: Buffer, { starts, ends }: FieldSpans, column: number): boolean {
  return ends[column] - starts[column] <= 4 && MISSING.has(bytes.toString('latin1', starts[column], ends[column]).toLowerCase())
}
