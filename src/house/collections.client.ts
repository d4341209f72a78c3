import { randomUUID } from 'node:crypto'
import type { CollectedSession, HistoryReport } from '#cli/collect-program.ts'
import { nextSession, sessionAtInstant } from '#domain/calendar.ts'
import { Fault, wrongRequest } from '#domain/fault.ts'
import { type HistoryRequest, planFirstHistory, planHistory } from '#flows/history-plan.steps.ts'
import type { HistoryLoaded, HistoryParameters } from '#flows/load-history.flow.ts'
import { sentenceOf } from '#flows/load-history.steps.ts'
import type { CollectionParameters } from '#flows/market-stream.flow.ts'
import type { CollectorReport } from '#market/collector-report.ts'
import { collectedSymbols } from '#market/universe.store.ts'
import type { House } from './house.client.ts'
import { endOfRun, type Watching } from './runs.client.ts'

/** Starts the load that is asked for and answers its run. Throws a Fault of exit code 2 when there can be none. */
export async function startHistory(house: House, request: HistoryRequest): Promise<string> {
  return started(house, await planHistory(house.database.pool, request, circumstancesOf(house)))
}

/** Loads what a first start begins with; resolves when something is stored. */
export async function loadFirstHistory(house: House): Promise<void> {
  const runId = await started(house, await planFirstHistory(house.database.pool, circumstancesOf(house)))
  await house.engine.result(runId)
}

/** Waits for a load's end. Throws HISTORY_UNAVAILABLE when no source served. */
export async function endOfHistory(house: House, runId: string, watching: Watching): Promise<HistoryReport> {
  const loaded = await endOfRun<HistoryLoaded>(house, runId, watching)
  if (!loaded.ok) {
    const said = loaded.why.passedOver.map(sentenceOf).join(' ')
    throw new Fault('HISTORY_UNAVAILABLE', `No history was loaded: ${said}`)
  }
  const { counts, ...rest } = loaded.value
  return { ...rest, ...counts }
}

/**
 * Starts collecting the session that trades now, or the next, and answers its run. Throws ALPACA_KEYS_MISSING without keys,
 * and COLLECTOR_RUNNING while a session is collected already: an account has one stream.
 */
export async function startCollecting(
  house: House,
): Promise<{ readonly runId: string; readonly parameters: CollectionParameters }> {
  const { settings, database, engine, timer } = house
  if (house.account === undefined)
    throw wrongRequest('ALPACA_KEYS_MISSING', 'The market is heard with a key; set ALPACA_API_KEY and ALPACA_SECRET_KEY.')
  const [running] = await engine.find({ flows: ['market-stream'], states: ['queued', 'running'], withChildren: true, limit: 1 })
  if (running !== undefined)
    throw wrongRequest(
      'COLLECTOR_RUNNING',
      `The run ${running.id} collects already, and an account has one stream; cancel it first.`,
    )
  const now = timer.now()
  const session = sessionAtInstant(now) ?? nextSession(now)
  const symbols = await collectedSymbols(database.pool, settings, now)
  const parameters = { session, symbols, feed: settings.alpaca.feed }
  const runId = `market-stream-${session.date}-${randomUUID().slice(0, 8)}`
  const facts = { day: session.date, feed: parameters.feed }
  await engine.start({ flow: 'market-stream', runId, parameters, facts, cause: 'person' })
  return { runId, parameters }
}

/** Collects a session to its end, as `endOfRun` waits. */
export async function collectOneSession(house: House, watching: Watching): Promise<CollectedSession> {
  const { runId, parameters } = await startCollecting(house)
  const { session, symbols, feed } = parameters
  const report = await endOfRun<CollectorReport>(house, runId, watching)
  return { day: session.date, feed, symbols: symbols.length, ...report }
}

function circumstancesOf({ settings, account, timer }: House) {
  return { settings, hasKeys: account !== undefined, now: timer.now() }
}

async function started({ engine }: House, parameters: HistoryParameters): Promise<string> {
  const runId = `load-history-${randomUUID().slice(0, 13)}`
  await engine.start({ flow: 'load-history', runId, parameters, facts: {}, cause: 'person' })
  return runId
}
