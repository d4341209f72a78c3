import type { Bar } from '#domain/bars.ts'
import type { Session } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import type { Tape, TapeRows } from '#domain/tape.ts'
import { DAY_MS, type EpochMs, epochMs } from '#domain/units.ts'
import { barOfRow } from './latest-bars.ts'
import { type BarSize, hasClosed, stamper } from './timeframe.ts'

type BarQuestion = {
  readonly symbol: Symbol_
  readonly size: BarSize
  /** Both compare with the bar's stamp and are included. */
  readonly from: EpochMs
  readonly until: EpochMs
  /** Nothing that closes later is shown. */
  readonly now: EpochMs
}

/** Closed bars of one symbol, ascending. */
export type History = (question: BarQuestion) => Promise<Bar[]>

/** Rows of one UTC day, and for every listing where its own are. */
type Day = { readonly rows: TapeRows; readonly order: Uint32Array; readonly starts: Uint32Array }

/** Most rows kept in memory over all days. */
const KEPT_ROWS = 3_000_000

/** Answers questions about the past from the tape, day by day, and keeps the days last asked for. */
export function createHistory(tape: Tape, sessions: readonly Session[]): History {
  const indexOf = new Map(tape.listings.map(({ symbol }, i) => [symbol, i]))
  const days = new Map<number, Day>()

  const dayAt = async (start: number): Promise<Day> => {
    const day = days.get(start) ?? bySymbol(await tape.rowsBetween(epochMs(start), epochMs(start + DAY_MS)), tape.listings.length)
    days.delete(start)
    days.set(start, day)
    let kept = [...days.values()].reduce((sum, { order }) => sum + order.length, 0)
    for (const [oldest, { order }] of days) {
      if (kept <= KEPT_ROWS || oldest === start) break
      days.delete(oldest)
      kept -= order.length
    }
    return day
  }
  return async ({ symbol, size, from, until, now }) => {
    const s = indexOf.get(symbol)
    if (s === undefined) return []
    const stampOf = stamper(size)
    const bars: Bar[] = []
    const last = Math.min(until + DAY_MS, now)
    for (let start = from - (from % DAY_MS); start <= last; start += DAY_MS) {
      const { rows, order, starts } = await dayAt(start)
      for (let k = starts[s]; k < starts[s + 1]; k++) {
        const stamp = stampOf(rows.openedAt[order[k]])
        if (stamp >= from && stamp <= until) addMinute(bars, barOfRow(rows, order[k], symbol), epochMs(stamp))
      }
    }
    return bars.filter((bar) => hasClosed(bar.openedAt, now, { size, sessions }))
  }
}

/** Puts a minute into the last bar, or begins the next one. */
function addMinute(bars: Bar[], minute: Bar, stamp: EpochMs): void {
  const open = bars.at(-1)
  if (open?.openedAt !== stamp) {
    bars.push({ ...minute, openedAt: stamp })
    return
  }
  bars[bars.length - 1] = {
    ...open,
    high: Math.max(open.high, minute.high),
    low: Math.min(open.low, minute.low),
    close: minute.close,
    volumeShares: open.volumeShares + minute.volumeShares,
  }
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
