import type { Bar, BarColumns } from '#domain/bars.ts'
import { Fault } from '#domain/fault.ts'
import type { Session } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { type EpochMs, epochMs, type PriceColumn, type TimeColumn } from '#domain/units.ts'
import { type SessionMinutes, sessionMinutes } from './session-minutes.ts'

/** Which rows of a window: the `count` session minutes that open last before `until`. */
export type WindowRange = { readonly until: EpochMs; readonly count: number }

/** A bar whose minute was known already, with another close. */
export type Correction = { readonly bar: Bar; readonly closeBefore: number }

/** What became of appended bars. */
export type Appended = {
  readonly added: number
  /** Said again with the same close: nothing changed. */
  readonly repeated: number
  /** Their minute now has the later close. */
  readonly corrected: readonly Correction[]
  /** Not kept: they open outside every session's minutes, or before the window's oldest minute. */
  readonly outside: readonly Bar[]
}

/**
 * The closes of many symbols over the last session minutes, to which a stream appends. Bars may come late, twice or in any
 * order. What it tells of a minute comes of bars that open in that minute or earlier, never later.
 */
export class BarWindow {
  readonly #minutes: SessionMinutes
  readonly #capacity: number
  // A ring: minute m of a symbol is in slot m mod capacity. Minutes [#head − capacity, #head) are kept, unobserved ones as NaN.
  readonly #closes = new Map<Symbol_, Float64Array>()
  readonly #lastBars = new Map<Symbol_, Bar>()
  #head = 0
  #clock: { readonly from: number; readonly until: number; readonly openings: TimeColumn } | undefined

  /**
   * `sessions` (ascending) are all whose minutes the window will ever see; `history` has an entry for every symbol, empty for
   * one without bars; `capacityMinutes` is how many session minutes are kept, the newest. Memory: 8 bytes a symbol and minute.
   */
  constructor(options: {
    readonly sessions: readonly Session[]
    readonly history: ReadonlyMap<Symbol_, BarColumns>
    readonly capacityMinutes: number
  }) {
    this.#minutes = sessionMinutes(options.sessions)
    this.#capacity = options.capacityMinutes
    for (const [symbol, bars] of options.history) {
      this.#closes.set(symbol, new Float64Array(this.#capacity).fill(Number.NaN))
      this.append(rowsOf(bars))
    }
  }

  /** Takes bars in; the answer says what was new, repeated, corrected or outside. */
  append(bars: Iterable<Bar>): Appended {
    const outside: Bar[] = []
    const corrected: Correction[] = []
    let [added, repeated] = [0, 0]
    for (const bar of bars) {
      const minute = this.#minutes.indexOf(bar.openedAt)
      if (minute === undefined || minute < this.#head - this.#capacity) {
        outside.push(bar)
        continue
      }
      const closeBefore = this.#write(minute, bar)
      if (Number.isNaN(closeBefore)) added++
      else if (closeBefore === bar.close) repeated++
      else corrected.push({ bar, closeBefore })
    }
    return { added, repeated, corrected, outside }
  }

  /** Closes of one symbol, NaN where it has no bar; at most `count` rows, fewer at the window's oldest end. */
  closesOf(symbol: Symbol_, range: WindowRange): { readonly clock: TimeColumn; readonly close: PriceColumn } {
    const rows = this.#rowsIn(range)
    return { clock: this.#openings(rows), close: this.#column(symbol, { ...rows, carryBars: 0 }) }
  }

  /**
   * Closes of two symbols on one clock of session minutes: at most `count` rows, fewer at the window's oldest end. A minute
   * without a bar takes the close of up to `carryBars` minutes before, within its session; beyond that it is NaN.
   */
  alignedPair(
    y: Symbol_,
    x: Symbol_,
    { carryBars, ...range }: WindowRange & { readonly carryBars: number },
  ): { readonly clock: TimeColumn; readonly y: PriceColumn; readonly x: PriceColumn } {
    const rows = { ...this.#rowsIn(range), carryBars }
    return { clock: this.#openings(rows), y: this.#column(y, rows), x: this.#column(x, rows) }
  }

  /** The newest bar of `symbol` by its opening, or undefined when it has none. */
  lastBarOf(symbol: Symbol_): Bar | undefined {
    return this.#lastBars.get(symbol)
  }

  /**
   * The minutes of `session` that open before `until` and are still kept, for which a symbol has no bar: only symbols that
   * lack one are in the answer. Throws WINDOW_SESSION_UNKNOWN for a session that the window was not made for.
   */
  missingIn(session: Session, until: EpochMs): ReadonlyMap<Symbol_, readonly EpochMs[]> {
    const first = this.#minutes.indexOf(session.opensAt)
    if (first === undefined) throw unknownSession(session)
    const from = Math.max(first, this.#head - this.#capacity)
    const rows = { from, until: this.#minutes.countBefore(epochMs(Math.min(until, session.closesAt))), carryBars: 0 }
    const clock = this.#minutes.openings(rows.from, rows.until)
    const missing = new Map<Symbol_, EpochMs[]>()
    for (const symbol of this.#closes.keys()) {
      const close = this.#column(symbol, rows)
      const lacked = Array.from(
        clock.filter((_, i) => Number.isNaN(close[i])),
        epochMs,
      )
      if (lacked.length > 0) missing.set(symbol, lacked)
    }
    return missing
  }

  /** Writes one bar into a kept minute; returns the close that stood there, NaN when none did. */
  #write(minute: number, bar: Bar): number {
    if (minute >= this.#head) this.#advanceTo(minute + 1)
    const closes = this.#closes.get(bar.symbol) ?? new Float64Array(this.#capacity).fill(Number.NaN)
    this.#closes.set(bar.symbol, closes)
    const slot = minute % this.#capacity
    const closeBefore = closes[slot]
    closes[slot] = bar.close
    const last = this.#lastBars.get(bar.symbol)
    if (last === undefined || bar.openedAt >= last.openedAt) this.#lastBars.set(bar.symbol, bar)
    return closeBefore
  }

  #advanceTo(head: number): void {
    const from = Math.max(this.#head, head - this.#capacity)
    for (const closes of this.#closes.values()) {
      for (let minute = from; minute < head; minute++) closes[minute % this.#capacity] = Number.NaN
    }
    this.#head = head
  }

  #rowsIn({ until, count }: WindowRange): { readonly from: number; readonly until: number } {
    const end = this.#minutes.countBefore(until)
    return { from: Math.min(end, Math.max(0, end - count, this.#head - this.#capacity)), until: end }
  }

  /** All symbols are asked for the same rows at a tick. */
  #openings({ from, until }: { readonly from: number; readonly until: number }): TimeColumn {
    if (this.#clock?.from !== from || this.#clock.until !== until)
      this.#clock = { from, until, openings: this.#minutes.openings(from, until) }
    return this.#clock.openings
  }

  #column(
    symbol: Symbol_,
    { from, until, carryBars }: { readonly from: number; readonly until: number; readonly carryBars: number },
  ): PriceColumn {
    const column = new Float64Array(Math.max(0, until - from)).fill(Number.NaN)
    const closes = this.#closes.get(symbol)
    if (!closes || column.length === 0) return column as PriceColumn
    const [capacity, head] = [this.#capacity, this.#head]
    const first = Math.max(0, head - capacity, from - carryBars)
    let [last, lastMinute] = [Number.NaN, Number.NEGATIVE_INFINITY]
    for (let minute = first; minute < until; minute++) {
      const close = minute < head ? closes[minute % capacity] : Number.NaN
      if (!Number.isNaN(close)) {
        last = close
        lastMinute = minute
        if (minute >= from) column[minute - from] = close
      } else if (minute >= from && minute - lastMinute <= carryBars && lastMinute >= this.#minutes.sessionStartOf(minute))
        column[minute - from] = last
    }
    return column as PriceColumn
  }
}

function* rowsOf(bars: BarColumns): Iterable<Bar> {
  const { symbol, openedAt, open, high, low, close, volumeShares } = bars
  for (let i = 0; i < openedAt.length; i++) {
    yield {
      symbol,
      openedAt: epochMs(openedAt[i]),
      open: open[i],
      high: high[i],
      low: low[i],
      close: close[i],
      volumeShares: volumeShares[i],
    }
  }
}

function unknownSession(session: Session): Fault {
  return new Fault(
    'WINDOW_SESSION_UNKNOWN',
    `The window of bars was asked for gaps in the session of ${session.date}, which it was not made for; make it with that session.`,
  )
}
