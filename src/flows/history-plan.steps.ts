import type { Pool } from 'pg'
import { z } from 'zod'
import { SIMULATED, type Timeframe } from '#domain/bars.ts'
import { lastSessionClosedBy, sessionDateFrom, sessionsBefore, sessionsBetween } from '#domain/calendar.ts'
import { wrongRequest } from '#domain/fault.ts'
import type { SessionDate } from '#domain/sessions.ts'
import { tickerFrom } from '#domain/symbol.ts'
import type { EpochMs } from '#domain/units.ts'
import { collectedSymbols } from '#market/universe.store.ts'
import type { Settings } from '#settings/schema.ts'
import type { HistoryParameters } from './load-history.flow.ts'

const HISTORY_FEEDS = ['iex', 'sip', 'yahoo', SIMULATED] as const

/** What a person asks for; what is left out comes from the settings and the keys. Dates are `YYYY-MM-DD`, both included. */
export type HistoryRequest = {
  readonly symbols: readonly string[]
  readonly from: string | undefined
  readonly until: string | undefined
  readonly timeframe: Timeframe
  readonly feed: (typeof HISTORY_FEEDS)[number] | undefined
}

/** What a load can be asked for. */
export const HistoryFields = z.strictObject({
  symbols: z.array(z.string()).default([]).describe('Tickers; all that are collected when none is named'),
  from: z.string().optional().describe('First day, YYYY-MM-DD; market.history_days sessions back unless given'),
  until: z.string().optional().describe('Last day, YYYY-MM-DD; the last that closed unless given'),
  timeframe: z.enum(['1m', '5m', '15m', '1h', '1d']).default('1m').describe('How much time one bar covers'),
  feed: z.enum(HISTORY_FEEDS).optional().describe("Source; Alpaca's where there are keys, else yahoo, unless given"),
})

/** Where a plan is made. `hasKeys`: whether Alpaca can be asked. */
export type HistoryCircumstances = { readonly settings: Settings; readonly hasKeys: boolean; readonly now: EpochMs }

/**
 * The load that is asked for: without dates `market.history_days` sessions up to the last that closed, without symbols those
 * that are collected, without a feed Alpaca's where there are keys, else Yahoo. Throws a Fault of exit code 2 when there can be none.
 */
export async function planHistory(
  sql: Pool,
  { symbols, from, until, timeframe, feed }: HistoryRequest,
  { settings, hasKeys, now }: HistoryCircumstances,
): Promise<HistoryParameters> {
  const asked = feed ?? (hasKeys ? settings.alpaca.feed : 'yahoo')
  const chosen = symbols.map(tickerFrom)
  const range = rangeOf({ from, until }, settings.market.historyDays, now)
  // What is wrong in the request itself is told before what is not set up.
  requireSource(asked, timeframe, { settings, hasKeys })
  if (asked === SIMULATED && (symbols.length > 0 || from !== undefined))
    throw wrongRequest(
      'HISTORY_SIMULATED',
      'A generated market has companies of its own and as many sessions as simulation.sessions says; name no symbols and no first day.',
    )
  return {
    symbols: chosen.length > 0 ? [...new Set(chosen)] : await collectedSymbols(sql, settings, now),
    timeframe,
    ...range,
    feeds: [asked],
  }
}

/** The load of a first start: whatever source there is, and a generated market when none serves. */
export async function planFirstHistory(sql: Pool, { settings, hasKeys, now }: HistoryCircumstances): Promise<HistoryParameters> {
  return {
    symbols: await collectedSymbols(sql, settings, now),
    timeframe: '1m',
    ...rangeOf({ from: undefined, until: undefined }, settings.market.historyDays, now),
    feeds: [...(hasKeys ? [settings.alpaca.feed] : []), ...(settings.yahoo.enabled ? ['yahoo'] : []), SIMULATED],
  }
}

function requireSource(
  feed: string,
  timeframe: Timeframe,
  { settings, hasKeys }: Pick<HistoryCircumstances, 'settings' | 'hasKeys'>,
): void {
  if ((feed === 'iex' || feed === 'sip') && !hasKeys)
    throw wrongRequest(
      'ALPACA_KEYS_MISSING',
      `The feed ${feed} is Alpaca's, which is asked with a key; set ALPACA_API_KEY and ALPACA_SECRET_KEY.`,
    )
  if (feed === 'yahoo' && !settings.yahoo.enabled)
    throw wrongRequest(
      'YAHOO_DISABLED',
      'Without keys of Alpaca history comes from Yahoo, which yahoo.enabled switches off; set it to true.',
    )
  if (timeframe !== '1m' && (feed === 'yahoo' || feed === SIMULATED))
    throw wrongRequest('HISTORY_TIMEFRAME', `The feed ${feed} has 1-minute bars only; take 1m, or a feed of Alpaca's.`)
}

/** From the first session's opening to the last one's close; sessions that have not begun are left out. */
function rangeOf(
  { from, until }: Pick<HistoryRequest, 'from' | 'until'>,
  days: number,
  now: EpochMs,
): Pick<HistoryParameters, 'from' | 'until'> {
  const through = until === undefined ? lastSessionClosedBy(now).date : dateFrom(until)
  const sessions =
    from === undefined
      ? [...sessionsBefore(through, days - 1), ...sessionsBetween(through, through)]
      : sessionsBetween(dateFrom(from), through)
  const begun = sessions.filter(({ opensAt }) => opensAt <= now)
  const [first, last] = [begun.at(0), begun.at(-1)]
  if (first === undefined || last === undefined)
    throw wrongRequest('HISTORY_RANGE_EMPTY', `There was no session from ${from} to ${through}; choose other days.`)
  return { from: first.opensAt, until: last.closesAt }
}

function dateFrom(text: string): SessionDate {
  const date = sessionDateFrom(text)
  if (date === undefined) throw wrongRequest('DAY_UNREADABLE', `'${text}' is not a date; write it as YYYY-MM-DD.`)
  return date
}
