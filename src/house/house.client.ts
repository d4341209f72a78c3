import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { raiseAlert } from '#alerts/alerts.store.ts'
import type { Database } from '#database/connection.client.ts'
import { kindOf } from '#domain/book.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { isoFrom } from '#domain/units.ts'
import { backupSteps } from '#flows/backup.steps.ts'
import { CATALOG } from '#flows/catalog.ts'
import { dependencySteps } from '#flows/dependencies.steps.ts'
import { type Engine, openEngine } from '#flows/engine.client.ts'
import { QUEUES, type QueueName } from '#flows/flow-names.ts'
import { loadHistorySteps, logUnanswered } from '#flows/load-history.steps.ts'
import { type CollectorsDependencies, openCollectors } from '#flows/market-stream.steps.ts'
import type { DeskDependencies } from '#flows/open-desk.steps.ts'
import { queueLimits } from '#flows/queue-limits.ts'
import { registerFlows } from '#flows/registry.flow.ts'
import { isOfAccount } from '#flows/rehearsal.ts'
import { openSignals } from '#flows/signals.steps.ts'
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
import { connectTracking, type Tracking } from '#tracking/tracking.client.ts'
import type { ScriptedFault } from '../../standins/exchange/faults.ts'
import { accountVenues } from './account-venue.client.ts'
import { type AlpacaAccount, alpacaAccount } from './alpaca-account.client.ts'
import { accountBook } from './flow-plans.client.ts'
import { stepsOfSources } from './flow-steps.client.ts'
import { prepareDatabase } from './prepare-database.client.ts'
import { rehearsalVenues } from './rehearsal-venue.client.ts'
import { openOwnTracking } from './tracking-server.client.ts'

/** What a house is built with. It closes `database` in the end. */
export type HousePlan = {
  readonly settings: Settings
  readonly credentials: Credentials
  readonly database: Database
  readonly version: string
  /** The queues whose runs are carried out here; all unless given. */
  readonly queues?: readonly QueueName[]
  /** The folder under which everything is kept: files of models, backups. */
  readonly home: string
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
  /** Lets the steps under way end for up to `drainMs`, none unless given, and leaves unfinished runs to other processes. */
  readonly close: (drainMs?: number) => Promise<void>
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
    const tracking = await trackingOf(plan, opened)
    const desks = { sql, strategyNamed: plan.strategyNamed, onAlarm: exposureAlarm(sql) }
    const floor = openTradingFloor(rehearsalVenues({ sql, onTrouble: say, nextFaults: exchangeFaults }), desks)
    opened.defer(floor.close)
    const account = alpacaAccount(settings, credentials, say)
    const signals = account && openSignals({ ...desks, ...signalsOf(plan, account), timer, say })
    opened.defer(async () => signals?.close())
    const broker = account?.connect(settings.alpaca.feed, ({ message }) => say(message)).broker
    const collectors = openCollectors({ sql, market: account && marketOf(account, timer), timer, say })
    opened.defer(collectors.close)
    // Flows are made known before there is an engine; a step that looks at runs comes after.
    const launched = Promise.withResolvers<Engine>()
    const flows = registerFlows({
      ...stepsOfSources({ sql, settings, credentials, account, broker, timer, threads }),
      train: trainSteps({ sql, pool, tracking }),
      backup: backupSteps({
        sql,
        url: database.url,
        root: join(plan.home, 'backups'),
        keep: settings.backup,
        prepare: (url) => prepareDatabase(url, say),
      }),
      tradingSession: floor.steps,
      loadHistory: loadHistorySteps({
        ...{ sql, timer: WALL_TIMER, sources: historySources(plan, account) },
        ...{ simulation: settings.simulation, sectorLists: settings.sectors.listed },
      }),
      marketStream: collectors.steps,
      dependencies: dependencySteps({ sql, timer, runs: { find: async (query) => (await launched.promise).find(query) } }),
      signals: signals?.steps,
    })
    const lost = Promise.withResolvers<Error>()
    const onTrouble = (message: string) => {
      if (!opened.disposed) say(message)
    }
    const engine = await openEngine(
      {
        ...{ databaseUrl: database.url, version, queues: limitsOf(plan, threads), onLost: lost.resolve, onTrouble },
        leaseMs: settings.workers.leaseSeconds * 1000,
      },
      flows,
    )
    launched.resolve(engine)
    // Closed first: a step that fails because of what closes after it is then not written down as failed.
    const close = (drainMs?: number) => engine.close(drainMs).finally(() => opened.disposeAsync())
    return { settings, database, account, timer, engine, floor, lost: lost.promise, close }
  } catch (cause) {
    await opened.disposeAsync()
    throw cause
  }
}

/** Where the account's book trades; its desk is opened ahead where runs of its queue are carried out. */
function signalsOf({ settings, database, queues = QUEUES, timer = WALL_TIMER, say }: HousePlan, account: AlpacaAccount) {
  return {
    openVenue: accountVenues({ sql: database.pool, account, settings, timer, say }),
    book: queues.includes(CATALOG.signals.queue) ? accountBook(settings, account) : undefined,
  }
}

/** Tells of what a desk cannot undo. What a backtest leaves open stands in its report, and nobody has to act on it. */
function exposureAlarm(sql: Database['pool']): DeskDependencies['onAlarm'] {
  return async ({ book }, at, body) => {
    if (kindOf(book) === 'backtest') return
    const flow = isOfAccount(book) ? 'signals' : 'trading-session'
    const key = `open-exposure:${book}:${isoFrom(at)}:${body}`
    await raiseAlert(sql, { key, severity: 'critical', title: 'Open exposure', body, at, book, flow })
  }
}

function limitsOf({ settings, queues = QUEUES }: HousePlan, threads: number) {
  const limits = queueLimits(settings.queues, threads)
  return new Map([...limits].filter(([queue]) => queues.includes(queue)))
}

/** The tracking server of the settings; the built-in one, at an address of its own, where they name none. */
async function trackingOf(plan: HousePlan, opened: AsyncDisposableStack): Promise<Tracking> {
  const { settings, credentials } = plan
  if (settings.tracking.uri !== undefined) return connectTracking(settings.tracking.uri, credentials.tracking)
  const { url, close } = await openOwnTracking(plan, { host: '127.0.0.1', port: 0 })
  opened.defer(close)
  return connectTracking(url, credentials.tracking)
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
