import type { Pool } from 'pg'
import type { Feed } from '#domain/bars.ts'
import type { Session } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import type { EpochMs } from '#domain/units.ts'
import { saveBars } from '#market/bars.store.ts'
import { checkCloses } from '#market/check-closes.store.ts'
import type { CloseCheckReport } from '#market/quarantine.ts'
import { noteAnswer, noteUnavailable } from '#market/source-states.store.ts'
import { saveSplits } from '#market/splits.store.ts'
import type { Yahoo } from '#sources/yahoo/yahoo.client.ts'

const SECOND = 'yahoo'

export type CloseCheckDependencies = {
  readonly sql: Pool
  /** Undefined: the second source is not asked, and what is stored of it is all there is. */
  readonly yahoo: Pick<Yahoo, 'dailyBars'> | undefined
  readonly now: () => EpochMs
  readonly tell: (done: number, total: number, sentence: string) => Promise<void>
}

/** What the check found, and why the second source was not asked for all symbols when it was not. */
export type ClosesChecked = CloseCheckReport & {
  readonly asked: number
  readonly unavailable: { readonly until: EpochMs; readonly cause: string } | undefined
}

/**
 * Asks Yahoo for the daily bars and splits of `sessions`, keeps them, and holds the closes of `feed` against them. When Yahoo
 * does not answer, the check is made with what is stored: a jump that it cannot confirm stays held back until it can. A
 * second call changes nothing that the first has kept.
 */
export async function loadAndCheckCloses(
  {
    symbols,
    feed,
    sessions,
  }: { readonly symbols: readonly Symbol_[]; readonly feed: Feed; readonly sessions: readonly Session[] },
  dependencies: CloseCheckDependencies,
): Promise<ClosesChecked> {
  const { sql, now, tell } = dependencies
  const loaded = await loadSecond(symbols, sessions, dependencies)
  await tell(symbols.length, symbols.length, `Comparing ${feed} with ${SECOND}`)
  return { ...loaded, ...(await checkCloses(sql, { symbols, feeds: [feed, SECOND], sessions }, now())) }
}

async function loadSecond(
  symbols: readonly Symbol_[],
  sessions: readonly Session[],
  { sql, yahoo, now, tell }: CloseCheckDependencies,
): Promise<Pick<ClosesChecked, 'asked' | 'unavailable'>> {
  const [first, last] = [sessions.at(0), sessions.at(-1)]
  if (yahoo === undefined || first === undefined || last === undefined) return { asked: 0, unavailable: undefined }
  let asked = 0
  for (const [i, symbol] of symbols.entries()) {
    await tell(i, symbols.length, `Asking for the closes of ${symbol}`)
    const told = await yahoo.dailyBars(symbol, first.opensAt, last.closesAt)
    if (told.ok) {
      await saveBars(sql, told.value.bars, { timeframe: '1d', feed: SECOND })
      await saveSplits(sql, told.value.splits, { symbol, source: SECOND, receivedAt: now() })
      await noteAnswer(sql, SECOND, now())
      asked++
    } else if (told.why.kind === 'unavailable') {
      const { until, cause } = told.why
      await noteUnavailable(sql, SECOND, { at: now(), until, cause })
      return { asked, unavailable: { until, cause } }
    }
  }
  return { asked, unavailable: undefined }
}
