import type { Symbol_ } from '#domain/symbol.ts'

/**
 * Day trades: positions opened and closed again on one day. Several executions that close what several opened count once,
 * until the position is opened anew, as FINRA counts them (Regulatory Notice 21-13).
 */
export type DayTrades = {
  /** Of the last five sessions at most, today last. */
  readonly counts: readonly number[]
  /** Symbols of which something was opened today that no counted day trade has closed yet. */
  readonly opened: ReadonlySet<Symbol_>
}

const SESSIONS_COUNTED = 5

export const NO_DAY_TRADES: DayTrades = { counts: [0], opened: new Set() }

/** Day trades of today and the four sessions before. */
export function dayTradeCount({ counts }: DayTrades): number {
  return counts.reduce((sum, count) => sum + count, 0)
}

/** A new session has begun. */
export function nextDay({ counts }: DayTrades): DayTrades {
  return { counts: [...counts, 0].slice(-SESSIONS_COUNTED), opened: new Set() }
}

/** Something of `symbol` has executed: `opens` when it added to a position, `closes` when it took away from one. */
export function noteTrade(trades: DayTrades, symbol: Symbol_, { opens, closes }: { opens: boolean; closes: boolean }): DayTrades {
  const isDayTrade = closes && trades.opened.has(symbol)
  const opened = new Set(trades.opened)
  if (isDayTrade) opened.delete(symbol)
  if (opens) opened.add(symbol)
  const counts = isDayTrade ? [...trades.counts.slice(0, -1), (trades.counts.at(-1) ?? 0) + 1] : trades.counts
  return { counts, opened }
}
