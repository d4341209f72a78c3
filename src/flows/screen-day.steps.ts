import { createHash } from 'node:crypto'
import { DBOS } from '@dbos-inc/dbos-sdk'
import type { Pool } from 'pg'
import { epochsEach } from '#models/rules.ts'
import type { ScreenRules } from '#pairs/screen.ts'
import { screenOffThread } from '#pairs/screen-pool.worker.ts'
import { loadShortlist, saveScreen } from '#pairs/screens.store.ts'
import { barsOfDay, closesOf, hashOfBars, lookbackOf } from './day-bars.steps.ts'
import { saveResult } from './flow-results.store.ts'
import { beginPhase, endPhase } from './phases.store.ts'
import type { Shortlist } from './prepared-day.ts'
import { saveProgress } from './progress.store.ts'
import { type DayParameters, type TradingRules, tellingRunId } from './rehearsal.ts'
import { stepSignal } from './step.flow.ts'

/** A screen that was made, and the hash of the bars that it read. */
export type ScreenedDay = { readonly shortlist: Shortlist; readonly dataHash: string }

/** Screens the symbols of a day on the sessions before it, keeps the screen, and says which pairs are to be trained. */
export async function screenDay(sql: Pool, day: DayParameters, threads: number): Promise<ScreenedDay> {
  const { book, rules } = day
  const runId = tellingRunId(day)
  const { range } = lookbackOf(day)
  await saveProgress(sql, runId, { done: 0, total: undefined, unit: 'bars', sentence: `${day.day}: loading bars` }, book)
  await beginPhase(sql, book, 'load')
  const bars = await barsOfDay(sql, day)
  await endPhase(sql, book, 'load')
  await beginPhase(sql, book, 'screen')
  const input = { symbols: bars.symbols, closes: closesOf(bars, day) }
  const screenRules = screenRulesOf(rules)
  const result = await screenOffThread(input, screenRules, { threads, signal: stepSignal() })
  const id = screenIdOf(day)
  const kept = { id, book, day: day.day, feed: day.feed, timeframe: range.timeframe, from: range.from, until: range.until }
  const dataHash = hashOfBars(bars)
  await saveScreen(sql, { ...kept, dataHash, rules: screenRules, result })
  await saveResult(sql, DBOS.workflowID ?? runId, { kind: 'screen', reference: id, book, day: day.day, detail: {} })
  const pairs = (await loadShortlist(sql, id)).slice(0, rules.pairs.maximum).map(({ name }) => name)
  await endPhase(sql, book, 'screen')
  await beginPhase(sql, book, 'train')
  await saveProgress(
    sql,
    runId,
    { done: 0, total: pairs.length, unit: 'pairs', sentence: `${day.day}: training ${pairs.length} pairs` },
    book,
  )
  const each = Math.min(rules.model.maximumEpochs, epochsEach(rules.train.budget, pairs.length))
  return { shortlist: { screenId: id, pairs, epochsEach: each }, dataHash }
}

/** The screen's rules: its own, with the rule that the desk trades by and what a fill costs it. */
export function screenRulesOf({ pairs, signals, exchange }: TradingRules): ScreenRules {
  const { lookbackSessions, carryBars, ...gates } = pairs
  const { zscoreWindowBars, entryZ, exitZ, stopZ } = signals
  const costBps = exchange.halfSpreadBps + exchange.slippageBps
  return { ...gates, zScoreRule: { zscoreWindowBars, entryZ, exitZ, stopZ, costBps } }
}

/** The same screen of the same day of a book has the same id, so that doing it again replaces nothing. */
function screenIdOf({ book, day }: DayParameters): string {
  return `screen-${createHash('sha256').update(`${book}\n${day}`).digest('hex').slice(0, 24)}`
}
