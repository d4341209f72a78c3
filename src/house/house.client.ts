import { availableParallelism } from 'node:os'
import { saveAlert } from '#alerts/alerts.store.ts'
import type { Database } from '#database/connection.client.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { type Engine, openEngine } from '#flows/engine.client.ts'
import { loadHistorySteps, logUnanswered } from '#flows/load-history.steps.ts'
import { type CollectorsDependencies, openCollectors } from '#flows/market-stream.steps.ts'
import type { DeskDependencies } from '#flows/open-desk.steps.ts'
import { registerFlows } from '#flows/registry.flow.ts'
import { rehearseSteps } from '#flows/rehearse.steps.ts'
import { startOfDaySteps } from '#flows/start-of-day.steps.ts'
import { openTradingFloor, type TradingFloor } from '#flows/trading-session.steps.ts'
import { trainSteps } from '#flows/train.steps.ts'
import type { HistorySource } from '#market/load-bars.steps.ts'
import { loadKernel } from '#network/kernel.file.ts'
import { openTrainingPool } from '#network/training-pool.worker.ts'
import type { Credentials, Settings } from '#settings/schema.ts'
import type { Timer } from '#sources/alpaca/timer.ts'
import { WALL_TIMER } from '#sources/alpaca/wall-timer.client.ts'
import { yahooMinutes } from '#sources/yahoo/minute-history.client.ts'
import { connectYahoo } from '#sources/yahoo/yahoo.client.ts'
import { connectTracking } from '#tracking/tracking.client.ts'
import type { ScriptedFault } from '../../standins/exchange/faults.ts'
import { openTrackingServer } from '../../standins/tracking-server/tracking-server.server.ts'
import { type AlpacaAccount, alpacaAccount } from './alpaca-account.client.ts'
import { rehearsalVenues } from './rehearsal-venue.client.ts'

/** What a house is built with. It closes `database` in the end. */
export type HousePlan = {
  readonly settings: Settings
  readonly credentials: Credentials
  readonly database: Database
  /** Runs are taken up only by processes of the version that started them. */
  readonly version: string
  /** Where the built-in tracking server keeps files. */
  readonly artifactsFolder: string
  readonly strategyNamed: DeskDependencies['strategyNamed']
  /** Told what a person should know, in a sentence. */
  readonly say: (sentence: string) => void
  /** The market's time, by which bars are collected; the machine's own unless given. */
  readonly timer?: Timer
  /** What the next exchange of a rehearsal does wrong on purpose; nothing unless given. */
  readonly exchangeFaults?: () => readonly ScriptedFault[]
}

/** Everything that flows need, running in this process. */
export type House = {
  readonly settings: Settings
  readonly database: Database
  /** The account of the configured keys; undefined without keys. */
  readonly account: AlpacaAccount | undefined
  readonly timer: Timer
  readonly engine: Engine
  readonly floor: TradingFloor
  /** Resolves when this process lost its place among the workers and must stop. */
  readonly lost: Promise<Error>
  /** Leaves unfinished runs to the next process. */
  readonly close: () => Promise<void>
}

/** Opens everything that flows need. What was opened is closed again when something of it cannot be. */
export async function openHouse(plan: HousePlan): Promise<House> {
  const { settings, credentials, database, version, say, timer = WALL_TIMER, exchangeFaults = () => [] } = plan
  const sql = database.pool
  const opened = new AsyncDisposableStack()
  opened.defer(database.close)
  try {
    const { kernel, note } = await loadKernel(settings.train.kernel)
    if (note !== undefined) say(note)
    const threads = settings.train.threads === 0 ? availableParallelism() : settings.train.threads
    const pool = openTrainingPool({ threads, kernel })
    opened.defer(pool.close)
    const tracking = connectTracking(settings.tracking.uri ?? (await openOwnTracking(plan, opened)))
    const floor = openTradingFloor(rehearsalVenues({ sql, onTrouble: say, nextFaults: exchangeFaults }), {
      sql,
      strategyNamed: plan.strategyNamed,
      onAlarm: ({ book }, at, body) => saveAlert(sql, { book, at, severity: 'critical', title: 'Open exposure', body }),
    })
    opened.defer(floor.close)
    const account = alpacaAccount(settings, credentials, say)
    const collectors = openCollectors({ sql, market: account && marketOf(account, timer), timer, say })
    opened.defer(collectors.close)
    const flows = registerFlows({
      train: trainSteps({ sql, pool, tracking }),
      startOfDay: startOfDaySteps(sql, threads),
      tradingSession: floor.steps,
      rehearse: rehearseSteps(sql),
      loadHistory: loadHistorySteps({
        ...{ sql, timer: WALL_TIMER, sources: historySources(plan, account) },
        ...{ simulation: settings.simulation, sectorLists: settings.sectors.listed },
      }),
      marketStream: collectors.steps,
    })
    const lost = Promise.withResolvers<Error>()
    const onTrouble = (message: string) => {
      if (!opened.disposed) say(message)
    }
    const engine = await openEngine(
      { databaseUrl: database.url, version, trainingConcurrency: threads, onLost: lost.resolve, onTrouble },
      flows,
    )
    // Closed first: a step that fails because of what closes after it is then not written down as failed.
    opened.defer(engine.close)
    return { settings, database, account, timer, engine, floor, lost: lost.promise, close: () => opened.disposeAsync() }
  } catch (cause) {
    await opened.disposeAsync()
    throw cause
  }
}

async function openOwnTracking({ database, artifactsFolder }: HousePlan, opened: AsyncDisposableStack): Promise<string> {
  const { url, close } = await openTrackingServer({ pool: database.pool, artifactsFolder, host: '127.0.0.1', port: 0 })
  opened.defer(close)
  return url
}

const ALPACA_FEEDS = ['iex', 'sip'] as const

function historySources({ settings, database }: HousePlan, account: AlpacaAccount | undefined): HistorySource[] {
  const { enabled, ...terms } = settings.yahoo
  const yahoo = connectYahoo({ ...withoutUndefined(terms), now: WALL_TIMER.now })
  const onUnanswered = (symbol: Symbol_, cause: string) => logUnanswered(database.pool, symbol, cause)
  return [...(account ? ALPACA_FEEDS.map(account.history) : []), ...(enabled ? [yahooMinutes(yahoo, onUnanswered)] : [])]
}

/** Hears one of the account's feeds, and asks for its gaps in the same one. */
function marketOf(account: AlpacaAccount, timer: Timer): CollectorsDependencies['market'] {
  return (name) => {
    const feed = name === 'sip' ? 'sip' : 'iex'
    return { openStream: account.openStream(feed, timer), source: account.history(feed), directory: account.directory }
  }
}

function withoutUndefined<T extends { readonly url: string | undefined }>({ url, ...rest }: T) {
  return url === undefined ? rest : { ...rest, url }
}
