import { createHash } from 'node:crypto'
import type { Pool } from 'pg'
import type { BarColumns, BarRange } from '#domain/bars.ts'
import { sessionsBefore } from '#domain/calendar.ts'
import { wrongRequest } from '#domain/fault.ts'
import type { Session } from '#domain/sessions.ts'
import { bySymbol, type Symbol_ } from '#domain/symbol.ts'
import type { PriceColumn, TimeColumn } from '#domain/units.ts'
import { alignOnClock } from '#features/align.ts'
import { barsBetween } from '#market/bars.store.ts'
import { sessionMinutes } from '#market/session-minutes.ts'
import type { DayParameters } from './rehearsal.ts'

/** What a start of day reads: the sessions before it, as one clock of minutes. */
export type Lookback = { readonly sessions: readonly Session[]; readonly range: BarRange; readonly clock: TimeColumn }

/** The sessions that models of `day` may know: those before it, as many as the rules say. */
export function lookbackOf({ day, feed, rules }: DayParameters): Lookback {
  const sessions = sessionsBefore(day, rules.pairs.lookbackSessions)
  const [first, last] = [sessions.at(0), sessions.at(-1)]
  if (first === undefined || last === undefined)
    throw wrongRequest('LOOKBACK_EMPTY', 'pairs.lookback_sessions must be at least 1.')
  const minutes = sessionMinutes(sessions)
  return {
    sessions,
    range: { feed, timeframe: '1m', from: first.opensAt, until: last.closesAt },
    clock: minutes.openings(0, minutes.total),
  }
}

/** The bars that the screen of a day reads: symbols that have any, ascending. */
export type DayBars = { readonly symbols: readonly Symbol_[]; readonly bars: ReadonlyMap<Symbol_, BarColumns> }

export async function barsOfDay(sql: Pool, day: DayParameters): Promise<DayBars> {
  const bars = await barsBetween(sql, day.symbols, lookbackOf(day).range)
  return { symbols: [...bars.keys()].sort(bySymbol), bars }
}

/** Their closes on the clock of the look-back, a column a symbol; NaN where nothing was observed. */
export function closesOf({ symbols, bars }: DayBars, day: DayParameters): PriceColumn[] {
  const { clock } = lookbackOf(day)
  return symbols.map((symbol) => alignOnClock(columnsOf(bars, symbol), clock, { carryBars: day.rules.pairs.carryBars }))
}

/** sha256 over every value, in hexadecimal: the same bars have the same. */
export function hashOfBars({ symbols, bars }: DayBars): string {
  const hash = createHash('sha256')
  for (const symbol of symbols) {
    const { openedAt, open, high, low, close, volumeShares } = columnsOf(bars, symbol)
    hash.update(symbol)
    for (const column of [openedAt, open, high, low, close, volumeShares])
      hash.update(new Uint8Array(column.buffer, column.byteOffset, column.byteLength))
  }
  return hash.digest('hex')
}

function columnsOf(bars: ReadonlyMap<Symbol_, BarColumns>, symbol: Symbol_): BarColumns {
  const columns = bars.get(symbol)
  if (columns === undefined) throw new RangeError(`no bars of ${symbol} were loaded`)
  return columns
}
