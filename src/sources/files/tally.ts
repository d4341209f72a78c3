import type { Session } from '#domain/sessions.ts'
import { DAY_MS } from '#domain/units.ts'

const MOST_EXAMPLES = 5
const JUMP = 1.4

/** Rows worth a look: how many, and the first few in words. */
type Remark = { count: number; readonly examples: string[] }

/** One symbol's rows: `sessions` counts the days that have one at least. */
export type SymbolTally = {
  readonly symbol: string
  readonly index: number
  rows: number
  sessions: number
  firstAt: number
  lastAt: number
  lastDay: number
  lastClose: number
}

/** Regular-hours bars of all symbols on one UTC day (that of the New York session), and how many symbols had one. */
export type DayTally = { readonly day: number; bars: number; symbols: number }

/** What was seen in the rows that a file's reading took. Grows with symbols and days, not with rows. */
export type Tally = {
  rows: number
  readonly symbols: SymbolTally[]
  readonly days: Map<number, DayTally>
  /** UTC days, counted from 1970, that have a row. */
  readonly utcDays: Set<number>
  /** Every row is later than all earlier ones of its symbol, so no two have the same key. */
  isAscending: boolean
  /** Rows come by symbol, then time: the order of the table's key. */
  isSorted: boolean
  outsideHours: number
  readonly zeroVolume: Remark
  /** Volume 0 although high and low differ. */
  readonly zeroVolumeMoved: Remark
  /** Close to close by +40 % or −29 % (a factor of 1.4) and more. */
  readonly jumps: Remark
}

export type TalliedBar = {
  readonly openedAt: number
  readonly high: number
  readonly low: number
  readonly close: number
  readonly volumeShares: number
}

export function emptyTally(): Tally {
  const remark = (): Remark => ({ count: 0, examples: [] })
  return {
    rows: 0,
    symbols: [],
    days: new Map(),
    utcDays: new Set(),
    isAscending: true,
    isSorted: true,
    outsideHours: 0,
    zeroVolume: remark(),
    zeroVolumeMoved: remark(),
    jumps: remark(),
  }
}

export function symbolTally(symbol: string, index: number): SymbolTally {
  return {
    symbol,
    index,
    rows: 0,
    sessions: 0,
    firstAt: Number.POSITIVE_INFINITY,
    lastAt: Number.NEGATIVE_INFINITY,
    lastDay: -1,
    lastClose: Number.NaN,
  }
}

/** Counts one row of `of`; `session` is the day's, `previous` the symbol of the row before. */
export function count(
  tally: Tally,
  bar: TalliedBar,
  { of, previous, session }: { of: SymbolTally; previous: SymbolTally | undefined; session: Session | undefined },
): void {
  const { openedAt, close, volumeShares } = bar
  tally.rows++
  of.rows++
  tally.utcDays.add(Math.floor(openedAt / DAY_MS))
  if (previous !== of && previous !== undefined && !(previous.symbol < of.symbol)) tally.isSorted = false
  if (openedAt <= of.lastAt) tally.isAscending = false
  else countStep(tally, bar, of)
  if (session && session.opensAt <= openedAt && openedAt < session.closesAt) countInSession(tally, openedAt, of)
  else tally.outsideHours++
  if (volumeShares === 0) countIdle(tally, bar, of)
  if (openedAt < of.firstAt) of.firstAt = openedAt
  if (openedAt >= of.lastAt) {
    of.lastAt = openedAt
    of.lastClose = close
  }
}

function countStep(tally: Tally, { openedAt, close }: TalliedBar, of: SymbolTally): void {
  const ratio = close / of.lastClose
  if (ratio >= JUMP || ratio <= 1 / JUMP) {
    remark(tally.jumps, () => `${of.symbol} ${iso(openedAt)} close ${of.lastClose} → ${close}`)
  }
}

function countInSession(tally: Tally, openedAt: number, of: SymbolTally): void {
  const day = Math.floor(openedAt / DAY_MS)
  let onDay = tally.days.get(day)
  if (!onDay) {
    onDay = { day, bars: 0, symbols: 0 }
    tally.days.set(day, onDay)
  }
  onDay.bars++
  if (of.lastDay === day) return
  of.lastDay = day
  of.sessions++
  onDay.symbols++
}

function countIdle(tally: Tally, { openedAt, high, low }: TalliedBar, of: SymbolTally): void {
  const text = () => `${of.symbol} ${iso(openedAt)}`
  remark(tally.zeroVolume, text)
  if (high > low) remark(tally.zeroVolumeMoved, text)
}

function remark(remark: Remark, text: () => string): void {
  remark.count++
  if (remark.examples.length < MOST_EXAMPLES) remark.examples.push(text())
}

function iso(at: number): string {
  return new Date(at).toISOString().slice(0, 16).concat('Z')
}
