import { createHash } from 'node:crypto'
import { DBOS } from '@dbos-inc/dbos-sdk'
import type { Pool } from 'pg'
import type { BarColumns, BarRange } from '#domain/bars.ts'
import { sessionsBefore } from '#domain/calendar.ts'
import { wrongRequest } from '#domain/fault.ts'
import type { Session } from '#domain/sessions.ts'
import { bySymbol, type Symbol_ } from '#domain/symbol.ts'
import type { TimeColumn } from '#domain/units.ts'
import { alignOnClock } from '#features/align.ts'
import { barsBetween } from '#market/bars.store.ts'
import { sessionMinutes } from '#market/session-minutes.ts'
import { markPromoted, modelsFor } from '#models/models.store.ts'
import { promotion } from '#models/promotion.ts'
import { epochsEach } from '#models/rules.ts'
import type { ScreenRules } from '#pairs/screen.ts'
import { screenOffThread } from '#pairs/screen-pool.worker.ts'
import { loadShortlist, saveScreen } from '#pairs/screens.store.ts'
import { beginPhase, endPhase } from './phases.store.ts'
import { saveProgress } from './progress.store.ts'
import { type DayParameters, rehearsalRunId, type TradingRules } from './rehearsal.ts'
import type { Shortlist, StartOfDaySteps } from './start-of-day.flow.ts'

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

export function startOfDaySteps(sql: Pool, threads: number): StartOfDaySteps {
  return { screen: (day) => screen(sql, day, threads), promote: (day) => promote(sql, day) }
}

async function screen(sql: Pool, day: DayParameters, threads: number): Promise<Shortlist> {
  const { book, rules } = day
  const runId = rehearsalRunId(book)
  const { range, clock } = lookbackOf(day)
  await saveProgress(sql, runId, { done: 0, total: undefined, unit: 'bars', sentence: `${day.day}: loading bars` }, book)
  await beginPhase(sql, book, 'load')
  const bars = await barsBetween(sql, day.symbols, range)
  await endPhase(sql, book, 'load')
  await beginPhase(sql, book, 'screen')
  const symbols = [...bars.keys()].sort(bySymbol)
  const closes = symbols.map((symbol) => alignOnClock(columnsOf(bars, symbol), clock, { carryBars: rules.pairs.carryBars }))
  const signal = DBOS.stepStatus?.cancelSignal
  const screenRules = screenRulesOf(rules)
  const result = await screenOffThread({ symbols, closes }, screenRules, { threads, ...(signal ? { signal } : {}) })
  const id = screenIdOf(day)
  const kept = { id, book, day: day.day, feed: day.feed, timeframe: range.timeframe, from: range.from, until: range.until }
  await saveScreen(sql, { ...kept, dataHash: hashOf(symbols, bars), rules: screenRules, result })
  const pairs = (await loadShortlist(sql, id)).slice(0, rules.pairs.maximum).map(({ name }) => name)
  await endPhase(sql, book, 'screen')
  await beginPhase(sql, book, 'train')
  await saveProgress(
    sql,
    runId,
    { done: 0, total: pairs.length, unit: 'pairs', sentence: `${day.day}: training ${pairs.length} pairs` },
    book,
  )
  return { screenId: id, pairs, epochsEach: Math.min(rules.model.maximumEpochs, epochsEach(rules.train.budget, pairs.length)) }
}

/** The screen's rules: its own, with the rule that the desk trades by and what a fill costs it. */
export function screenRulesOf({ pairs, signals, exchange }: TradingRules): ScreenRules {
  const { lookbackSessions, carryBars, ...gates } = pairs
  const { zscoreWindowBars, entryZ, exitZ, stopZ } = signals
  const costBps = exchange.halfSpreadBps + exchange.slippageBps
  return { ...gates, zScoreRule: { zscoreWindowBars, entryZ, exitZ, stopZ, costBps } }
}

function columnsOf(bars: ReadonlyMap<Symbol_, BarColumns>, symbol: Symbol_): BarColumns {
  const columns = bars.get(symbol)
  if (columns === undefined) throw new RangeError(`no bars of ${symbol} were loaded`)
  return columns
}

/** The same screen of the same day of a book has the same id, so that doing it again replaces nothing. */
function screenIdOf({ book, day }: DayParameters): string {
  return `screen-${createHash('sha256').update(`${book}\n${day}`).digest('hex').slice(0, 24)}`
}

function hashOf(symbols: readonly Symbol_[], bars: ReadonlyMap<Symbol_, BarColumns>): string {
  const hash = createHash('sha256')
  for (const symbol of symbols) {
    const { openedAt, open, high, low, close, volumeShares } = columnsOf(bars, symbol)
    hash.update(symbol)
    for (const column of [openedAt, open, high, low, close, volumeShares])
      hash.update(new Uint8Array(column.buffer, column.byteOffset, column.byteLength))
  }
  return hash.digest('hex')
}

async function promote(sql: Pool, day: DayParameters): Promise<void> {
  for (const { id, model } of await modelsFor(sql, day.book, day.day))
    await markPromoted(sql, id, promotion(model.scores, day.rules.promotion))
  await endPhase(sql, day.book, 'train')
}
