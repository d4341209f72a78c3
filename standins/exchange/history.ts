import type { Bar } from '#domain/bars.ts'
import { dateInNewYork, newYorkInstant, sessionDateFrom, sessionsBetween } from '#domain/calendar.ts'
import type { Session, SessionDate } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import type { Tape, TapeRows } from '#domain/tape.ts'
import { DAY_MS, type EpochMs, epochMs } from '#domain/units.ts'
import { type CountedBar, countedBar, joinedBars } from './derived-ticks.ts'
import { createKept } from './kept.ts'
import { barOfRow } from './latest-bars.ts'
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

/** Rows of one UTC day, and for every listing where its own are. */
type Day = { readonly rows: TapeRows; readonly order: Uint32Array; readonly starts: Uint32Array }

/** Most rows, and most daily bars, that are kept in memory. */
const KEPT_ROWS = 3_000_000
const KEPT_DAY_BARS = 500_000

/**
 * Answers questions about the past from the tape, day by day, and keeps the days last asked for. A daily bar holds the
 * minutes of its session; weeks and months are made of daily bars.
 */
export function createHistory(tape: Tape, distortion: Distortion): History {
  const indexOf = new Map(tape.listings.map(({ symbol }, i) => [symbol, i]))
  const days = createKept<number, Day>({
    limit: KEPT_ROWS,
    make: async (start) => bySymbol(await tape.rowsBetween(epochMs(start), epochMs(start + DAY_MS)), tape.listings.length),
    sizeOf: ({ order }) => order.length,
  })
  const dayBars = createKept<Session, (CountedBar | undefined)[]>({
    limit: KEPT_DAY_BARS,
    make: async (session) => {
      const day = await days.of(session.opensAt - (session.opensAt % DAY_MS))
      return tape.listings.map(({ symbol }, s) => dayBarOf(minutesOf(day, s, symbol), session))
    },
    sizeOf: (bars) => bars.length,
  })
  const seenMinutes = async (s: number, symbol: Symbol_, start: number): Promise<CountedBar[]> => {
    const minutes = minutesOf(await days.of(start), s, symbol)
    if (!distortion.touches(symbol)) return minutes
    return minutes.flatMap((bar) => {
      const seen = distortion.seen(bar)
      return seen === undefined ? [] : seen === bar ? bar : countedBar(seen)
    })
  }
  const dayBar = async (s: number, symbol: Symbol_, session: Session) => {
    if (!distortion.touches(symbol)) return (await dayBars.of(session))[s]
    return dayBarOf(await seenMinutes(s, symbol, session.opensAt - (session.opensAt % DAY_MS)), session)
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

function minutesOf({ rows, order, starts }: Day, s: number, symbol: Symbol_): CountedBar[] {
  const minutes: CountedBar[] = []
  for (let k = starts[s]; k < starts[s + 1]; k++) minutes.push(countedBar(barOfRow(rows, order[k], symbol)))
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

/** A counting sort: rows of listing s are order[starts[s]] … order[starts[s + 1] − 1], in time. */
function bySymbol(rows: TapeRows, listings: number): Day {
  const starts = new Uint32Array(listings + 1)
  for (const s of rows.symbolIndex) starts[s + 1]++
  for (let s = 0; s < listings; s++) starts[s + 1] += starts[s]
  const next = starts.slice()
  const order = new Uint32Array(rows.symbolIndex.length)
  for (let i = 0; i < order.length; i++) order[next[rows.symbolIndex[i]]++] = i
  return { rows, order, starts }
}
