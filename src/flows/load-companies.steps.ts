import type { Pool } from 'pg'
import { wrongRequest } from '#domain/fault.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { DAY_MS, type EpochMs } from '#domain/units.ts'
import { companiesFetchedAt, saveCompany, saveQuotes } from '#market/companies.store.ts'
import { noteAnswer, noteUnavailable } from '#market/source-states.store.ts'
import type { Yahoo } from '#sources/yahoo/yahoo.client.ts'
import type { YahooRefused } from '#sources/yahoo/yahoo-line.client.ts'
import { COMPANIES_IN_A_PART, type LoadCompaniesSteps } from './load-companies.flow.ts'
import { runLog } from './run-log.flow.ts'
import { type Tell, tellOfRun } from './run-progress.steps.ts'

const SOURCE = 'yahoo'
/** A profile that is younger than this is not asked for again. */
const FRESH_DAYS = 7
/** Symbols in one question for quotes: the address of a longer one is cut by some proxies. */
const QUOTES_AT_ONCE = 50

export type CompanyDependencies = {
  readonly sql: Pool
  readonly yahoo: Pick<Yahoo, 'company' | 'quotes'>
  readonly now: () => EpochMs
  readonly tell: Tell
}

/** What became of the symbols. `unavailable`: Yahoo stopped answering, and the rest waits for the next call. */
export type CompaniesLoaded = {
  readonly loaded: readonly Symbol_[]
  /** Young enough to stay. */
  readonly fresh: readonly Symbol_[]
  /** Of which Yahoo has nothing, or nothing that can be read, with its reason. */
  readonly missing: readonly { readonly symbol: Symbol_; readonly cause: string }[]
  readonly quotes: number
  readonly unavailable: { readonly until: EpochMs; readonly cause: string } | undefined
}

/** The flow's part of the work. `yahoo` is undefined where it is switched off: then nothing can be loaded, and says so. */
export function loadCompaniesSteps({
  sql,
  yahoo,
  now,
}: Pick<CompanyDependencies, 'sql' | 'now'> & {
  readonly yahoo: CompanyDependencies['yahoo'] | undefined
}): LoadCompaniesSteps {
  return {
    loadPart: async ({ symbols }, place) => {
      if (yahoo === undefined)
        throw wrongRequest('YAHOO_DISABLED', 'Companies come from Yahoo, which yahoo.enabled switches off; set it to true.')
      const all = tellOfRun(sql, 'symbols')
      const tell: Tell = (done, _, sentence) => all(Math.min(symbols.length, place + done), symbols.length, sentence)
      const part = symbols.slice(place, place + COMPANIES_IN_A_PART)
      const { loaded, fresh, missing, quotes, unavailable } = await loadCompanies(part, { sql, yahoo, now, tell })
      const log = runLog(sql, 'load-companies')
      for (const { symbol, cause } of missing) await log.warn(`There is nothing of ${symbol}: ${cause}`)
      return { loaded: loaded.length, fresh: fresh.length, missing, quotes, unavailable }
    },
  }
}

/**
 * Keeps profile, officers and statistics of every symbol that was not asked for within a week, then the last prices of all. What
 * is kept stays when Yahoo stops answering; the next call goes on with the rest. A second call changes nothing but quotes.
 */
export async function loadCompanies(symbols: readonly Symbol_[], dependencies: CompanyDependencies): Promise<CompaniesLoaded> {
  const { sql, yahoo, now, tell } = dependencies
  const fetchedAt = await companiesFetchedAt(sql, symbols)
  const isFresh = (symbol: Symbol_) => now() - (fetchedAt.get(symbol) ?? Number.NEGATIVE_INFINITY) < FRESH_DAYS * DAY_MS
  const [fresh, due] = [symbols.filter(isFresh), symbols.filter((symbol) => !isFresh(symbol))]
  const loaded: Symbol_[] = []
  const missing: { symbol: Symbol_; cause: string }[] = []
  for (const [i, symbol] of due.entries()) {
    await tell(i, due.length, `Asking for ${symbol}`)
    const told = await yahoo.company(symbol)
    if (told.ok) {
      await saveCompany(sql, told.value, { symbol, source: SOURCE, fetchedAt: now() })
      await noteAnswer(sql, SOURCE, now())
      loaded.push(symbol)
    } else if (told.why.kind === 'unavailable') {
      return { loaded, fresh, missing, quotes: 0, unavailable: await resting(dependencies, told.why) }
    } else missing.push({ symbol, cause: told.why.cause })
  }
  await tell(due.length, due.length, 'Asking for prices')
  return { loaded, fresh, missing, ...(await loadQuotes(symbols, dependencies)) }
}

async function loadQuotes(
  symbols: readonly Symbol_[],
  dependencies: CompanyDependencies,
): Promise<Pick<CompaniesLoaded, 'quotes' | 'unavailable'>> {
  const { sql, yahoo, now } = dependencies
  let quotes = 0
  for (let i = 0; i < symbols.length; i += QUOTES_AT_ONCE) {
    const told = await yahoo.quotes(symbols.slice(i, i + QUOTES_AT_ONCE))
    if (told.ok) {
      quotes += await saveQuotes(sql, told.value, { source: SOURCE, receivedAt: now() })
      await noteAnswer(sql, SOURCE, now())
    } else if (told.why.kind === 'unavailable') return { quotes, unavailable: await resting(dependencies, told.why) }
  }
  return { quotes, unavailable: undefined }
}

async function resting(
  { sql, now }: CompanyDependencies,
  { until, cause }: Extract<YahooRefused, { kind: 'unavailable' }>,
): Promise<{ readonly until: EpochMs; readonly cause: string }> {
  await noteUnavailable(sql, SOURCE, { at: now(), until, cause })
  return { until, cause }
}
