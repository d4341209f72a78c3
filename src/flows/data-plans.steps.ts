import type { Pool } from 'pg'
import { z } from 'zod'
import type { Book } from '#domain/book.ts'
import { dateInNewYork, lastSessionClosedBy, sessionDateFrom } from '#domain/calendar.ts'
import { LAST_YEAR } from '#domain/calendar-rules.ts'
import { wrongRequest } from '#domain/fault.ts'
import type { SessionDate } from '#domain/sessions.ts'
import { type Symbol_, symbolFrom } from '#domain/symbol.ts'
import type { EpochMs } from '#domain/units.ts'
import { collectedSymbols } from '#market/universe.store.ts'
import type { Settings } from '#settings/schema.ts'
import { HistoryFields, planHistory } from './history-plan.steps.ts'
import type { SymbolsParameters } from './maintain-symbols.flow.ts'
import { dayField, type FlowPlan, flowPlan, minuteName, repeatedRunId, symbolsField } from './plans.ts'
import type { Runs } from './runs.ts'

/** Where plans are made. */
export type PlanCircumstances = {
  readonly sql: Pool
  readonly settings: Settings
  /** Whether Alpaca can be asked. */
  readonly hasKeys: boolean
  /** The account's book; undefined without an account. */
  readonly book: Book | undefined
  readonly runs: Pick<Runs, 'find'>
}

/** Plans of the flows that bring data in. */
export function dataPlans(circumstances: PlanCircumstances) {
  return {
    'load-history': historyPlan(circumstances),
    'load-companies': companiesPlan(circumstances),
    'load-news': newsPlan(circumstances),
    'maintain-symbols': symbolsPlan(circumstances),
  } as const
}

function historyPlan({ sql, settings, hasKeys }: PlanCircumstances): FlowPlan {
  return flowPlan({ flow: 'load-history', request: HistoryFields, code: 'HISTORY_PARAMETERS' }, async (asked, { at }, time) => {
    const { symbols, from, until, timeframe, feed } = asked
    const parameters = await planHistory(sql, { symbols, from, until, timeframe, feed }, { settings, hasKeys, now: at })
    const [loaded] = parameters.feeds
    const runId = repeatedRunId(`load-history-${loaded}-${timeframe}-${minuteName(at)}`, time)
    const days = { from: dateInNewYork(parameters.from), until: dateInNewYork(parameters.until) }
    return { runId, parameters, facts: { ...days, feed: loaded ?? '', timeframe, ...symbolFact(symbols) } }
  })
}

function companiesPlan({ sql, settings }: PlanCircumstances): FlowPlan {
  const request = z.strictObject({ symbols: symbolsField('Tickers; all that are collected when none is named') })
  return flowPlan({ flow: 'load-companies', request }, async ({ symbols }, { at }, time) => {
    requireYahoo(settings)
    const parameters = { symbols: await namedOrCollected(symbols, { sql, settings, at }) }
    return { runId: repeatedRunId(`load-companies-${minuteName(at)}`, time), parameters, facts: symbolFact(symbols) }
  })
}

function newsPlan({ sql, settings }: PlanCircumstances): FlowPlan {
  const request = z.strictObject({ symbols: symbolsField('Tickers; all that are collected when none is named') })
  return flowPlan({ flow: 'load-news', request }, async ({ symbols }, { at }, time) => {
    const parameters = { symbols: await namedOrCollected(symbols, { sql, settings, at }) }
    return { runId: repeatedRunId(`load-news-${minuteName(at)}`, time), parameters, facts: symbolFact(symbols) }
  })
}

function symbolsPlan({ settings }: PlanCircumstances): FlowPlan {
  const request = z.strictObject({ day: dayField('Sessions before this day are looked at; today unless given') })
  return flowPlan({ flow: 'maintain-symbols', request }, async ({ day }, { at }, time) => {
    const parameters = maintenanceOf(settings, { day: dateFrom(day) ?? dateInNewYork(at), at })
    return { runId: repeatedRunId(`maintain-symbols-${parameters.day}`, time), parameters, facts: { day: parameters.day } }
  })
}

/** Maintenance of the symbols as of `day`, and of the calendar for a year from it. */
export function maintenanceOf(
  { market, alpaca }: Settings,
  { day, at }: { readonly day: SessionDate; readonly at: EpochMs },
): SymbolsParameters {
  return { feed: market.feed ?? alpaca.feed, day, at, calendar: { from: day, through: yearAfter(day) } }
}

/** The tickers that are named, or all that are collected. Throws SYMBOL_UNREADABLE. */
export async function namedOrCollected(
  names: readonly string[],
  { sql, settings, at }: { readonly sql: Pool; readonly settings: Settings; readonly at: EpochMs },
): Promise<readonly Symbol_[]> {
  return names.length === 0 ? collectedSymbols(sql, settings, at) : [...new Set(names.map(tickerFrom))]
}

/** The day of a request, or the last session that had closed by `at`. */
export function closedDay(day: string | undefined, at: EpochMs): SessionDate {
  return dateFrom(day) ?? lastSessionClosedBy(at).date
}

function dateFrom(text: string | undefined): SessionDate | undefined {
  return text === undefined ? undefined : sessionDateFrom(text)
}

/** The same date a year on, or the last day that the calendar knows. */
function yearAfter(date: SessionDate): SessionDate {
  const year = Math.min(Number(date.slice(0, 4)) + 1, LAST_YEAR)
  return sessionDateFrom(`${year}${date.slice(4)}`) ?? sessionDateFrom(`${year}-02-28`) ?? date
}

function requireYahoo({ yahoo }: Settings): void {
  if (!yahoo.enabled)
    throw wrongRequest('YAHOO_DISABLED', 'Companies come from Yahoo, which yahoo.enabled switches off; set it to true.')
}

function tickerFrom(text: string): Symbol_ {
  const symbol = symbolFrom(text)
  if (symbol !== undefined) return symbol
  throw wrongRequest('SYMBOL_UNREADABLE', `'${text}' is not a ticker; write it in capitals, such as XOM.`)
}

function symbolFact([symbol, ...others]: readonly string[]) {
  return symbol === undefined || others.length > 0 ? {} : { symbol }
}
