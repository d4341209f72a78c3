import { DBOS } from '@dbos-inc/dbos-sdk'
import type { Pool } from 'pg'
import { SIMULATED } from '#domain/bars.ts'
import { dateInNewYork, sessionsBefore } from '#domain/calendar.ts'
import { epochMs } from '#domain/units.ts'
import { saveBars } from '#market/bars.store.ts'
import { addSymbols } from '#market/symbol-records.store.ts'
import { markSimulated, saveSymbols } from '#market/symbols.store.ts'
import type { Settings } from '#settings/schema.ts'
import { sectorsOf } from '#settings/sector-lists.ts'
import { generateMarket } from '#sources/simulated/generate-market.ts'
import type { Yahoo } from '#sources/yahoo/yahoo.client.ts'
import type { LoadHistorySteps } from './load-history.flow.ts'
import { saveLog } from './logs.store.ts'
import { saveProgress } from './progress.store.ts'

export type HistoryDependencies = {
  readonly sql: Pool
  /** Undefined: real history is not asked for. */
  readonly yahoo: Yahoo | undefined
  readonly simulation: Settings['simulation']
  /** `Energy: XOM CVX`, of the settings. */
  readonly sectorLists: readonly string[]
}

export function loadHistorySteps({ sql, yahoo, simulation, sectorLists }: HistoryDependencies): LoadHistorySteps {
  const sectors = sectorsOf(sectorLists)
  return {
    isReachable: async () => yahoo !== undefined && (await yahoo.isReachable()),
    load: async (symbol, { from, until }) => {
      if (yahoo === undefined) return 0
      const answer = await yahoo.minuteBars(symbol, from, until)
      if (!answer.ok) {
        const message = `Yahoo has given no bars of ${symbol}: ${answer.why.cause}`
        await saveLog(sql, { runId: DBOS.workflowID ?? 'load-history', step: 'load', level: 'warn', message })
        return 0
      }
      const author = { by: 'first history', at: epochMs(Date.now()), evidence: 'Its bars were loaded.' }
      await addSymbols(sql, [{ symbol, name: symbol, sector: sectors.get(symbol) }], author)
      return (await saveBars(sql, answer.value.bars, { timeframe: '1m', feed: 'yahoo' })).new
    },
    generate: async ({ until }) => {
      const { seed, sectors, symbolsPerSector } = simulation
      const market = generateMarket({
        seed,
        sectors,
        symbolsPerSector,
        sessions: sessionsBefore(dateInNewYork(epochMs(until)), simulation.sessions),
      })
      await saveSymbols(sql, market.listings)
      await markSimulated(
        sql,
        market.listings.map(({ symbol }) => symbol),
      )
      let stored = 0
      for (const bars of market.bars) stored += (await saveBars(sql, bars, { timeframe: '1m', feed: SIMULATED })).new
      return stored
    },
    tell: (done, total, sentence) =>
      saveProgress(sql, DBOS.workflowID ?? 'load-history', { done, total, unit: 'symbols', sentence }),
  }
}
