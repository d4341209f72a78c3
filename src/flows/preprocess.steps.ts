import { createHash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { DBOS } from '@dbos-inc/dbos-sdk'
import type { Pool } from 'pg'
import type { ScreenRules } from '#pairs/screen.ts'
import { type LineUp, lineUpOf, prepareColumn, type ScreenedSymbol, verdictOnSymbol } from '#pairs/screened-symbol.ts'
import { barsOfDay, closesOf, hashOfBars, lookbackOf } from './day-bars.steps.ts'
import { saveResult } from './flow-results.store.ts'
import { savePreparation } from './preparations.store.ts'
import type { PreparedDay } from './prepared-day.ts'
import type { PreprocessSteps } from './preprocess.flow.ts'
import type { DayParameters } from './rehearsal.ts'
import { type Tell, tellOfRun } from './run-progress.steps.ts'
import { screenRulesOf } from './screen-day.steps.ts'
import { openBookOfDay } from './start-of-day.steps.ts'

export function preprocessSteps(sql: Pool): PreprocessSteps {
  return { openBook: (day) => openBookOfDay(sql, day), prepare: (day) => prepare(sql, day) }
}

async function prepare(sql: Pool, day: DayParameters): Promise<PreparedDay> {
  const { book, rules } = day
  const bars = await barsOfDay(sql, day)
  const screenRules = screenRulesOf(rules)
  const lineUp = lineUpOf({ symbols: bars.symbols, closes: closesOf(bars, day) }, screenRules)
  const symbols = [...lineUp.incomplete, ...(await verdictsOf(lineUp, screenRules, tellOfRun(sql, 'symbols')))]
  const id = preparationId(day)
  const dataHash = hashOfBars(bars)
  await savePreparation(sql, { id, book, day: day.day, range: lookbackOf(day).range, dataHash, symbols })
  const fit = symbols.filter(({ verdict }) => verdict === 'screened').length
  const found = { preparationId: id, symbols: symbols.length, fit }
  const detail = { dataHash, symbols: symbols.length, fit }
  await saveResult(sql, DBOS.workflowID ?? '', { kind: 'preparation', reference: id, book, day: day.day, detail })
  return found
}

/** Symbol by symbol, letting others have the thread in between: of a large universe all of them take seconds. */
async function verdictsOf({ complete, headRows }: LineUp, rules: ScreenRules, tell: Tell): Promise<ScreenedSymbol[]> {
  const verdicts: ScreenedSymbol[] = []
  for (const [i, candidate] of complete.entries()) {
    if (i % TOLD_EVERY === 0) await tell(i, complete.length, `Looking at ${candidate.symbol}`)
    verdicts.push(verdictOnSymbol(candidate, prepareColumn(candidate.close, headRows, rules)))
    await setImmediate()
  }
  await tell(complete.length, complete.length, `${complete.length} symbols looked at`)
  return verdicts
}

const TOLD_EVERY = 10

/** The same day of a book has the same, so that looking again replaces nothing but what has changed. */
function preparationId({ book, day }: DayParameters): string {
  return `preparation-${createHash('sha256').update(`${book}\n${day}`).digest('hex').slice(0, 24)}`
}
