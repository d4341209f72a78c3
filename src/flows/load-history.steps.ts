import { DBOS } from '@dbos-inc/dbos-sdk'
import type { Pool } from 'pg'
import { raiseAlert } from '#alerts/alerts.store.ts'
import { SIMULATED } from '#domain/bars.ts'
import type { BrokerUnavailable } from '#domain/broker.ts'
import { dateInNewYork, lastSessionClosedBy, sessionsBefore } from '#domain/calendar.ts'
import { ok, refuse } from '#domain/outcome.ts'
import { bySymbol, type Symbol_ } from '#domain/symbol.ts'
import { type EpochMs, epochMs } from '#domain/units.ts'
import type { PassedOver } from '#market/backfill.ts'
import { saveBars, symbolsStored } from '#market/bars.store.ts'
import { sessionLedgers } from '#market/ledger-views.store.ts'
import { type HistorySource, loadPage, SYMBOLS_IN_A_QUESTION } from '#market/load-bars.steps.ts'
import { addSymbols } from '#market/symbol-records.store.ts'
import { markSimulated, saveSymbols } from '#market/symbols.store.ts'
import type { Settings } from '#settings/schema.ts'
import { sectorsOf } from '#settings/sector-lists.ts'
import type { BarsCursor } from '#sources/alpaca/history.ts'
import type { Timer } from '#sources/alpaca/timer.ts'
import { generateMarket } from '#sources/simulated/generate-market.ts'
import type { HistoryCounts, HistoryGaps, HistoryParameters, HistoryPlace, LoadHistorySteps } from './load-history.flow.ts'
import { saveLog } from './logs.store.ts'
import { saveProgress } from './progress.store.ts'

export type HistoryDependencies = {
  readonly sql: Pool
  /** The sources of recorded bars that can be asked. */
  readonly sources: readonly HistorySource[]
  readonly timer: Timer
  readonly simulation: Settings['simulation']
  /** `Energy: XOM CVX`, of the settings. */
  readonly sectorLists: readonly string[]
}

const CALLER = 'load-history'

export function loadHistorySteps(dependencies: HistoryDependencies): LoadHistorySteps {
  const { sql, timer } = dependencies
  return {
    loadPage: async (parameters, place) => {
      const source = dependencies.sources.find(({ feed }) => feed === place.feed)
      if (source === undefined) return refuse({ kind: 'unreachable', cause: `this process cannot ask for ${place.feed} bars` })
      const startedAt = timer.now()
      const { timeframe, from, until } = parameters
      const symbols = partOf(parameters, place)
      const question = { symbols, timeframe, from, until, adjustment: 'raw' } as const
      const signal = DBOS.stepStatus?.cancelSignal
      const load = { question, caller: CALLER, signal, purpose: 'history' } as const
      const page = await loadPage({ pool: sql, source, timer }, load, place.cursor)
      if (!page.ok) return page
      const { next, ...stored } = page.value
      const counts = { ...stored, tookMs: timer.now() - startedAt }
      await tell(sql, parameters, { ...place, counts, next })
      return ok({ counts, next })
    },
    generate: (parameters) => generate(dependencies, parameters),
    tellPassedOver: async (passedOver) => {
      const body = passedOver.map(sentenceOf).join(' ')
      await saveLog(sql, { runId: runId(), step: 'load-page', level: 'warn', message: body })
      const title = 'A source of history did not serve'
      const key = `history-passed-over:${runId()}`
      await raiseAlert(sql, { key, at: timer.now(), severity: 'warning', title, body, flow: CALLER, runId: runId() })
    },
    lookAtGaps: (parameters, feed) => lookAtGaps(dependencies, parameters, feed),
  }
}

/** Keeps a line in the log of the running load of what a source says of a symbol of which it has no bars. */
export async function logUnanswered(sql: Pool, symbol: Symbol_, cause: string): Promise<void> {
  const message = `There are no bars of ${symbol}: ${cause}`
  await saveLog(sql, { runId: runId(), step: 'load-page', level: 'warn', message })
}

/** What became of a source, in words. */
export function sentenceOf({ feed, bars, why }: PassedOver): string {
  const kept = bars === 0 ? '' : ` The ${bars.toLocaleString('en-US')} bars that came before are kept.`
  return why.kind === 'no-bars' ? `${feed} has no such bars.` : `${feed} stopped answering: ${causeOf(why)}.${kept}`
}

function causeOf(why: BrokerUnavailable): string {
  if (why.kind === 'rate-limited') return `too much was asked, again in ${Math.ceil(why.retryAfterMs / 1000)} s`
  return why.kind === 'unauthorised' ? `it refuses the keys (${why.message})` : why.cause
}

function runId(): string {
  return DBOS.workflowID ?? CALLER
}

/** In the order in which pages tell them. */
function partOf({ symbols }: HistoryParameters, { first }: HistoryPlace): Symbol_[] {
  return symbols.slice(first, first + SYMBOLS_IN_A_QUESTION).sort(bySymbol)
}

type Reached = HistoryPlace & { readonly counts: HistoryCounts; readonly next: BarsCursor | undefined }

async function tell(sql: Pool, parameters: HistoryParameters, { soFar, counts, next, ...place }: Reached): Promise<void> {
  const part = partOf(parameters, { ...place, soFar, cursor: next })
  const answered = next === undefined ? part.length : part.filter((symbol) => symbol < (next.symbol ?? '')).length
  const bars = soFar.bars + counts.bars
  const perSecond = Math.round((1000 * bars) / Math.max(1, soFar.tookMs + counts.tookMs))
  const rate = `${bars.toLocaleString('en-US')} bars, ${perSecond.toLocaleString('en-US')} a second`
  const reached = part.at(Math.min(answered, part.length - 1))
  await saveProgress(sql, runId(), {
    ...{ done: place.first + answered, total: parameters.symbols.length, unit: 'symbols' },
    sentence: `Loading ${reached} from ${place.feed}: ${rate}`,
  })
}

async function lookAtGaps(
  { sql, timer, sectorLists }: HistoryDependencies,
  { symbols, timeframe, from, until }: HistoryParameters,
  feed: string,
): Promise<HistoryGaps> {
  if (feed === SIMULATED) return { withoutBars: [], minutes: undefined }
  const stored = new Set((await symbolsStored(sql, { feed, timeframe, from, until })).map(({ symbol }) => symbol))
  const sectors = sectorsOf(sectorLists)
  const found = symbols.filter((symbol) => stored.has(symbol))
  const entries = found.map((symbol) => ({ symbol, name: symbol, sector: sectors.get(symbol) }))
  await addSymbols(sql, entries, { by: 'history', at: timer.now(), evidence: 'Its bars were loaded.' })
  const withoutBars = symbols.filter((symbol) => !stored.has(symbol))
  if (timeframe !== '1m') return { withoutBars, minutes: undefined }
  const range = { from: dateInNewYork(from), through: dateInNewYork(epochMs(until - 1)) }
  const sessions = await sessionLedgers(sql, { feed, ...range, symbols })
  const over = (count: 'noTrade' | 'missing') => sessions.reduce((sum, session) => sum + session[count], 0)
  return { withoutBars, minutes: { noTrade: over('noTrade'), missing: over('missing') } }
}

async function generate({ sql, simulation, timer }: HistoryDependencies, { until }: HistoryParameters): Promise<HistoryCounts> {
  const startedAt = timer.now()
  const { seed, sectors, symbolsPerSector, sessions } = simulation
  const market = generateMarket({ seed, sectors, symbolsPerSector, sessions: sessionsUntil(until, sessions) })
  await saveSymbols(sql, market.listings)
  await markSimulated(
    sql,
    market.listings.map(({ symbol }) => symbol),
  )
  let counts = { bars: 0, new: 0, revised: 0 }
  for (const bars of market.bars) {
    const saved = await saveBars(sql, bars, { timeframe: '1m', feed: SIMULATED })
    counts = {
      bars: counts.bars + bars.openedAt.length,
      new: counts.new + saved.new,
      revised: counts.revised + saved.revised,
    }
  }
  return { ...counts, tookMs: timer.now() - startedAt }
}

function sessionsUntil(until: EpochMs, count: number) {
  const last = lastSessionClosedBy(until)
  return [...sessionsBefore(last.date, count - 1), last]
}
