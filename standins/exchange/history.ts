import type { Bar } from '#domain/bars.ts'
import { dateInNewYork, newYorkInstant, sessionDateFrom, sessionOn, sessionsBetween } from '#domain/calendar.ts'
import type { Session, SessionDate } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import type { Tape, TapeRows } from '#domain/tape.ts'
import { DAY_MS, type EpochMs, epochMs } from '#domain/units.ts'
import { type CountedBar, countedBar, joinedBars } from './derived-ticks.ts'
import { createKept } from './kept.ts'
import { barOfRow } from './latest-bars.ts'
import { rowsAt } from './picked-rows.ts'
import { type BarSize, hasClosed, stamper } from './timeframe.ts'

export type BarQuestion = {
  readonly symbol: Symbol_
  readonly size: BarSize
  /** Both compare with the bar's stamp and are included. */
  readonly from: EpochMs
  readonly until: EpochMs
  /** Nothing that closes later is shown. */
  readonly now: EpochMs
  /** What is done to every minute, or day of a longer bar, before it is added up. */
  readonly adjusted?: (bar: CountedBar) => CountedBar
}

/** Closed bars of one symbol, ascending. */
export type History = (question: BarQuestion) => Promise<CountedBar[]>

/** What is seen of a recorded minute in place of what was recorded: another bar, or none. */
export type Distortion = {
  readonly touches: (symbol: Symbol_) => boolean
  readonly seen: (bar: Bar) => Bar | undefined
}

/** Rows of one UTC day and one block of listings; those of the block's k-th listing are starts[k] … starts[k + 1] − 1, in time. */
type Block = { readonly rows: TapeRows; readonly starts: Uint32Array }

/** Most rows, and most daily bars, that are kept in memory. */
const KEPT_ROWS = 3_000_000
const KEPT_DAY_BARS = 500_000
/**
 * Listings that are read at a time. Answers go from symbol to symbol and through all days of each, so a month of one
 * block fits into what is kept, and no row is read twice, however many symbols the tape has.
 */
const BLOCK_LISTINGS = 256

/**
 * Answers questions about the past from the tape, by days and blocks of symbols, and keeps those last asked for. A daily bar
 * holds the minutes of its session; weeks and months are made of daily bars.
 */
export function createHistory(tape: Tape, distortion: Distortion): History {
  const indexOf = new Map(tape.listings.map(({ symbol }, i) => [symbol, i]))
  const blockOf = (s: number) => Math.floor(s / BLOCK_LISTINGS)
  const listedIn = (block: number) => {
    const begin = block * BLOCK_LISTINGS
    return { begin, end: Math.min(begin + BLOCK_LISTINGS, tape.listings.length) }
  }
  const blocks = createKept<string, Block>({
    limit: KEPT_ROWS,
    make: async (key) => {
      const [start, block] = key.split(' ').map(Number)
      const listed = listedIn(block)
      return byListing(await tape.rowsBetween(epochMs(start), epochMs(start + DAY_MS), listed), listed)
    },
    // An empty day is kept as well, and takes its room.
    sizeOf: ({ rows }) => rows.openedAt.length + 1,
  })
  const minutesOn = async (start: number, s: number): Promise<CountedBar[]> =>
    minutesOf(await blocks.of(`${start} ${blockOf(s)}`), s % BLOCK_LISTINGS, tape.listings[s].symbol)
  const dayBars = createKept<string, (CountedBar | undefined)[]>({
    limit: KEPT_DAY_BARS,
    make: (key) => {
      const [date, block] = key.split(' ')
      const session = sessionOn(sessionDateFrom(date) ?? FIRST_DATE)
      const { begin, end } = listedIn(Number(block))
      const bars = Array.from(
        { length: end - begin },
        async (_, k) => session && dayBarOf(await minutesOn(dayOf(session), begin + k), session),
      )
      return Promise.all(bars)
    },
    sizeOf: (bars) => bars.length,
  })
  const seenMinutes = async (s: number, symbol: Symbol_, start: number): Promise<CountedBar[]> => {
    const minutes = await minutesOn(start, s)
    if (!distortion.touches(symbol)) return minutes
    return minutes.flatMap((bar) => {
      const seen = distortion.seen(bar)
      return seen === undefined ? [] : seen === bar ? bar : countedBar(seen)
    })
  }
  const dayBar = async (s: number, symbol: Symbol_, session: Session) => {
    if (!distortion.touches(symbol)) return (await dayBars.of(`${session.date} ${blockOf(s)}`))[s % BLOCK_LISTINGS]
    return dayBarOf(await seenMinutes(s, symbol, dayOf(session)), session)
  }
  /** The bars that the question's bars are made of: minutes, or days for whatever is longer. */
  const partsOf = async (s: number, { symbol, size, from, until, now }: BarQuestion): Promise<CountedBar[]> => {
    const parts: CountedBar[] = []
    if (size.kind === 'minutes') {
      const last = Math.min(until + DAY_MS, now)
      for (let start = from - (from % DAY_MS); start <= last; start += DAY_MS) {
        if (!isWeekend(start)) parts.push(...(await seenMinutes(s, symbol, start)))
      }
      return parts
    }
    for (const session of sessionsOver(from, Math.min(until + LONGEST_MS, now))) {
      const bar = await dayBar(s, symbol, session)
      if (bar) parts.push(bar)
    }
    return parts
  }
  return async (question) => {
    const { symbol, size, from, until, now, adjusted = (bar: CountedBar) => bar } = question
    const s = indexOf.get(symbol)
    if (s === undefined) return []
    const stampOf = stamper(size)
    const bars: CountedBar[] = []
    for (const part of await partsOf(s, question)) {
      const stamp = stampOf(part.openedAt)
      if (stamp >= from && stamp <= until) append(bars, adjusted(part), epochMs(stamp))
    }
    // Only the last bars can be open still.
    while (bars.length > 0 && !hasClosed(bars[bars.length - 1].openedAt, now, size)) bars.pop()
    return bars
  }
}

/** A year's bar is the longest. */
const LONGEST_MS = 366 * DAY_MS

/** Puts a part into the last bar, or begins the next one. */
function append(bars: CountedBar[], part: CountedBar, stamp: EpochMs): void {
  const open = bars.at(-1)
  if (open?.openedAt === stamp) bars[bars.length - 1] = joinedBars(open, part)
  else bars.push(part.openedAt === stamp ? part : { ...part, openedAt: stamp })
}

function minutesOf({ rows, starts }: Block, k: number, symbol: Symbol_): CountedBar[] {
  const minutes: CountedBar[] = []
  for (let at = starts[k]; at < starts[k + 1]; at++) minutes.push(countedBar(barOfRow(rows, at, symbol)))
  return minutes
}

function dayBarOf(minutes: readonly CountedBar[], { date, opensAt, closesAt }: Session): CountedBar | undefined {
  const bars: CountedBar[] = []
  const midnight = newYorkInstant(date, '00:00')
  for (const minute of minutes) if (minute.openedAt >= opensAt && minute.openedAt < closesAt) append(bars, minute, midnight)
  return bars[0]
}

const FIRST_DATE = sessionDateFrom('2007-01-01') as SessionDate

function sessionsOver(from: number, until: number): Session[] {
  const [first, last] = [dateInNewYork(epochMs(from)), dateInNewYork(epochMs(until))]
  return sessionsBetween(first < FIRST_DATE ? FIRST_DATE : first, last)
}

function isWeekend(utcDay: number): boolean {
  // 1970-01-01 was a Thursday. Saturday in UTC begins with Friday evening's last hours.
  const weekday = (utcDay / DAY_MS + 4) % 7
  return weekday === 0
}

/** The UTC day in which a session lies. */
function dayOf({ opensAt }: Session): number {
  return opensAt - (opensAt % DAY_MS)
}

/** A counting sort of the rows of listings [begin, end), copied; those of others are left out. */
function byListing(rows: TapeRows, { begin, end }: { readonly begin: number; readonly end: number }): Block {
  const starts = new Uint32Array(end - begin + 1)
  for (const s of rows.symbolIndex) if (s >= begin && s < end) starts[s - begin + 1]++
  for (let k = 0; k < end - begin; k++) starts[k + 1] += starts[k]
  const next = starts.slice()
  const order = new Uint32Array(starts[end - begin])
  for (let i = 0; i < rows.symbolIndex.length; i++) {
    const k = rows.symbolIndex[i] - begin
    if (k >= 0 && k < end - begin) order[next[k]++] = i
  }
  return { rows: rowsAt(rows, order), starts }
}
