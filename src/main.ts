/** The composition root: reads the environment, makes every client and server, and hands them to the command that was asked for. */
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { availableParallelism, homedir } from 'node:os'
import { extname, join } from 'node:path'
import { saveAlert } from '#alerts/alerts.store.ts'
import { openApi } from '#api/api.server.ts'
import type { FlowControl } from '#api/flow-control.ts'
import { settingRows } from '#api/settings-summary.ts'
import { runCommandLine } from '#cli/command-line.command.ts'
import type { ImportRequest, Program, Progress, Rehearsed, RehearseRequest, StartRequest } from '#cli/program.ts'
import type { Database } from '#database/connection.client.ts'
import { openDatabase } from '#database/open-database.client.ts'
import { certificateFrom, compareCertificates, differenceInWords } from '#desk/certificate.ts'
import { dateInNewYork, lastSessionClosedBy, nextSession, sessionOn, sessionsBefore } from '#domain/calendar.ts'
import { Fault, wrongRequest } from '#domain/fault.ts'
import { microUsd } from '#domain/money.ts'
import { epochMs } from '#domain/units.ts'
import { abandonBook, bookOfCertificate, loadBook } from '#flows/books.store.ts'
import { type Engine, openEngine } from '#flows/engine.client.ts'
import { loadHistorySteps } from '#flows/load-history.steps.ts'
import { progressOf } from '#flows/progress.store.ts'
import { registerFlows } from '#flows/registry.flow.ts'
import { bookOfRun, type RehearsalParameters, rehearsalRunId } from '#flows/rehearsal.ts'
import { planRehearsal, type RehearsalRequest, rehearsalRequestFrom } from '#flows/rehearsal-plan.steps.ts'
import { accountOf, rehearseSteps } from '#flows/rehearse.steps.ts'
import { runView } from '#flows/run-views.ts'
import { startOfDaySteps } from '#flows/start-of-day.steps.ts'
import { trainSteps } from '#flows/train.steps.ts'
import { openTradingFloor, type TradingFloor } from '#flows/trading-session.steps.ts'
import type { OpenVenue } from '#flows/venue.ts'
import { storedFeeds } from '#market/bars.store.ts'
import { importFiles } from '#market/import.store.ts'
import { storedTape } from '#market/tape.store.ts'
import { loadKernel } from '#network/kernel.file.ts'
import { openTrainingPool } from '#network/training-pool.worker.ts'
import type { Credentials, Settings } from '#settings/schema.ts'
import { readSettingsFiles } from '#settings/settings.file.ts'
import { connectAlpaca } from '#sources/alpaca/alpaca.client.ts'
import { replayClock } from '#sources/alpaca/replay-clock.client.ts'
import { connectYahoo } from '#sources/yahoo/yahoo.client.ts'
import type { Strategy } from '#strategy.ts'
import { connectTracking } from '#tracking/tracking.client.ts'
import { openExchange } from '../standins/exchange/exchange.server.ts'
import { openTrackingServer } from '../standins/tracking-server/tracking-server.server.ts'

const ROOT = join(import.meta.dirname, '..')
const LOOPBACK = '127.0.0.1'
const RUNS_SHOWN = 20
/** After this long a process that was told to stop stops whatever is left. */
const STOP_WITHIN_MS = 4_500
const LOOK_AT_PROGRESS_MS = 200

const { version }: { version: string } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
const { SPREADWORKS_HOME: home = join(homedir(), '.spreadworks') } = process.env

function say(line: string): void {
  process.stderr.write(`spreadworks: ${line}\n`)
}

/** Everything that flows need, running in this process. */
type House = {
  readonly settings: Settings
  readonly credentials: Credentials
  readonly database: Database
  readonly engine: Engine
  readonly floor: TradingFloor
  readonly close: () => Promise<void>
}

async function openStore(): Promise<{ settings: Settings; credentials: Credentials; database: Database }> {
  const { settings, credentials } = await readSettingsFiles(process.env)
  const database = await openDatabase({
    url: credentials.databaseUrl,
    home,
    minimumFreeMb: settings.database.minimumFreeMb,
    poolConnections: settings.database.poolConnections,
    onNotice: say,
  })
  return { settings, credentials, database }
}

async function openHouse(onLost: (cause: Error) => void): Promise<House> {
  const { settings, credentials, database } = await openStore()
  const sql = database.pool
  let isLeaving = false
  const { kernel, note } = await loadKernel(settings.train.kernel)
  if (note !== undefined) say(note)
  const threads = settings.train.threads === 0 ? availableParallelism() : settings.train.threads
  const pool = openTrainingPool({ threads, kernel })
  const ownTracking =
    settings.tracking.uri === undefined
      ? await openTrackingServer({ pool: sql, artifactsFolder: join(home, 'artifacts'), host: LOOPBACK, port: 0 })
      : undefined
  const tracking = connectTracking(settings.tracking.uri ?? ownTracking?.url ?? '')
  const floor = openTradingFloor(openVenueOn(database), {
    sql,
    strategyNamed,
    onAlarm: ({ book }, at, body) => saveAlert(sql, { book, at, severity: 'critical', title: 'Open exposure', body }),
  })
  const yahoo = settings.yahoo.enabled ? connectYahoo(withoutUndefined(settings.yahoo)) : undefined
  const flows = registerFlows({
    train: trainSteps({ sql, pool, tracking }),
    startOfDay: startOfDaySteps(sql, threads),
    tradingSession: floor.steps,
    rehearse: rehearseSteps({ sql, floor, isLeaving: () => isLeaving }),
    loadHistory: loadHistorySteps({ sql, yahoo, simulation: settings.simulation }),
  })
  const onTrouble = (message: string) => {
    if (!isLeaving) say(message)
  }
  const engine = await openEngine({ databaseUrl: database.url, version, trainingConcurrency: threads, onLost, onTrouble }, flows)
  const close = async () => {
    isLeaving = true
    await engine.close()
    await Promise.allSettled([floor.close(), pool.close(), ownTracking?.close()])
    await database.close()
  }
  return { settings, credentials, database, engine, floor, close }
}

function withoutUndefined<T extends { readonly url: string | undefined }>({ url, ...rest }: T) {
  return url === undefined ? rest : { ...rest, url }
}

/** A strategy by the name of its file under strategies/. */
async function strategyNamed(name: string): Promise<Strategy> {
  const file = join(ROOT, 'strategies', `${name}${extname(import.meta.filename)}`)
  const { strategy }: { strategy: Strategy } = await import(file).catch((cause: unknown) => {
    throw new Fault('STRATEGY_UNKNOWN', `There is no strategy '${name}' (setting signals.strategy): ${file} cannot be loaded.`, { exitCode: 2, cause })
  })
  return strategy
}

/** A rehearsal's venue: an exchange of its own on a free port of this machine, met over its protocol like any other. */
function openVenueOn(database: Database): OpenVenue {
  return async (day, resumption) => {
    const sessions = day.days.map((date) => sessionOn(date)).filter((session) => session !== undefined)
    const [first, last] = [sessions.at(0), sessions.at(-1)]
    if (first === undefined || last === undefined) throw wrongRequest('DAY_CLOSED', `There is no session among ${day.days.join(', ')}.`)
    const [before = first] = sessionsBefore(first.date, 1)
    const tape = await storedTape(database.pool, { feed: day.feed, symbols: day.symbols, from: before.opensAt, until: last.closesAt })
    const keys = { keyId: 'rehearsal', secret: randomUUID() }
    const exchange = await openExchange({
      tape,
      sessions: [...sessions, nextSession(last.closesAt)],
      // What happened before is passed through at full speed.
      speed: resumption.at === undefined ? day.speed : 'max',
      startAt: first.opensAt,
      fillModel: day.rules.exchange,
      startingCash: microUsd(day.rules.risk.startingCashUsd),
      keys,
      journal: resumption.orders.map((order) => ({ kind: 'placed', ...order })),
      host: LOOPBACK,
      port: 0,
    })
    const endpoints = { tradingUrl: exchange.url, dataUrl: exchange.url, streamUrl: exchange.streamUrl }
    const alpaca = connectAlpaca({ ...endpoints, ...keys, feed: 'iex', onTrouble: ({ message }) => say(message) })
    const clock = await replayClock({ url: exchange.url, consumer: day.book, received: alpaca })
    if (resumption.at !== undefined) {
      await clock.sleepUntil(resumption.at)
      const body = JSON.stringify({ speed: day.speed })
      await fetch(`${exchange.url}/sandbox/clock/speed`, { method: 'POST', body, headers: { 'content-type': 'application/json' } })
    }
    const close = async () => {
      await alpaca.close()
      await exchange.close()
      // The exchange is gone, so there is nobody left to take leave of.
      await clock.close().catch(() => undefined)
    }
    return { clock, bars: alpaca.bars, broker: alpaca.broker, history: alpaca.history, close }
  }
}

async function startRehearsal({ database, engine, settings }: House, request: RehearsalRequest): Promise<RehearsalParameters> {
  const parameters = await planRehearsal(database.pool, request, settings)
  await engine.start('rehearse', rehearsalRunId(parameters.book), parameters)
  return parameters
}

async function cancelRun({ database, engine, floor }: House, runId: string): Promise<void> {
  const book = bookOfRun(runId)
  if (book !== undefined) await abandonBook(database.pool, book, 'cancelled')
  await engine.cancel(runId)
  if (book !== undefined) await floor.leave(book)
}

function flowControl(house: House): FlowControl {
  return {
    start: async (name, fields) => {
      if (name !== 'rehearse') throw wrongRequest('FLOW_UNKNOWN', `There is no flow '${name}' to start; there is rehearse.`)
      const { book } = await startRehearsal(house, rehearsalRequestFrom(fields))
      return { id: rehearsalRunId(book) }
    },
    list: async () => {
      const runs = await house.engine.runs(RUNS_SHOWN)
      const progress = await progressOf(house.database.pool, runs.map(({ workflowID }) => workflowID))
      return runs.map((run) => runView(run, progress.get(run.workflowID)))
    },
    cancel: (runId) => cancelRun(house, runId),
  }
}

async function start({ host, port }: StartRequest, signal: AbortSignal): Promise<{ url: string; stopped: Promise<void> }> {
  const lost = Promise.withResolvers<Error>()
  const house = await openHouse(lost.resolve)
  const { settings, database } = house
  const api = await openApi({
    pool: database.pool,
    webFolder: join(ROOT, 'web/dist'),
    host: host ?? settings.server.host,
    port: port ?? settings.server.port,
    version,
    flows: flowControl(house),
    settings: settingRows(settings),
    onFailure: (failure) => say(failure instanceof Error ? (failure.stack ?? failure.message) : String(failure)),
  }).catch(async (cause: unknown) => {
    await house.close()
    throw cause
  })
  beginDay(house).catch((cause: unknown) => {
    if (!signal.aborted) say(cause instanceof Error ? cause.message : String(cause))
  })
  const stop = async () => {
    await Promise.race([aborted(signal), lost.promise])
    setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref()
    await api.close()
    await house.close()
    if (!signal.aborted) throw new Fault('WORKER_LOST', `The database closed the connection that shows this process to be alive (${(await lost.promise).message}); start it again.`)
  }
  return { url: api.url, stopped: stop() }
}

/** What a start does by itself: a first history where nothing is stored, then a rehearsal, unless one is under way. */
async function beginDay(house: House): Promise<void> {
  const { settings, credentials, database, engine } = house
  const feeds = await storedFeeds(database.pool)
  if (!feeds.some(({ timeframe }) => timeframe === '1m')) await loadFirstHistory(house)
  if (!settings.rehearsal.atStart || credentials.alpaca !== undefined) return
  const runs = await engine.runs(RUNS_SHOWN)
  if (runs.some(({ workflowName, status }) => workflowName === 'rehearse' && (status === 'PENDING' || status === 'ENQUEUED'))) return
  await startRehearsal(house, rehearsalRequestFrom({}))
}

async function loadFirstHistory({ settings, engine }: House): Promise<void> {
  const last = lastSessionClosedBy(epochMs(Date.now()))
  const [first = last] = sessionsBefore(last.date, settings.market.historyDays - 1)
  const runId = `load-history-${dateInNewYork(epochMs(Date.now()))}-${randomUUID().slice(0, 8)}`
  // The day after the last session, so that whatever counts sessions before it counts the last one.
  await engine.start('load-history', runId, { symbols: settings.market.universe, from: first.opensAt, until: nextSession(last.closesAt).opensAt })
  await engine.result(runId)
}

async function rehearse(request: RehearseRequest, onProgress: (progress: Progress) => void, signal: AbortSignal): Promise<Rehearsed> {
  const house = await openHouse((cause) => say(cause.message))
  const sql = house.database.pool
  try {
    const parameters = await startRehearsal(house, { ...request, speed: request.speed ?? 'max' })
    const runId = rehearsalRunId(parameters.book)
    const watch = setInterval(() => tellProgress().catch(() => undefined), LOOK_AT_PROGRESS_MS)
    const tellProgress = async () => {
      const progress = (await progressOf(sql, [runId])).get(runId)
      if (progress !== undefined) onProgress(progress)
    }
    try {
      await Promise.race([house.engine.result(runId), aborted(signal)])
    } finally {
      clearInterval(watch)
    }
    if (signal.aborted) await cancelRun(house, runId)
    signal.throwIfAborted()
    const stored = await loadBook(sql, parameters.book)
    const { certificate } = await accountOf(sql, parameters)
    return { report: stored?.report as Rehearsed['report'], certificate }
  } finally {
    await house.close()
  }
}

/** Compares with the certificate in a file: one with its rows, or the report of an earlier run, whose rows are stored. */
async function compare(file: string, certificate: object): Promise<string> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw wrongRequest('CERTIFICATE_UNREADABLE', `The certificate ${file} cannot be read (${String(cause)}).`)
  })
  const earlier = await earlierCertificate(file, text)
  return differenceInWords(compareCertificates(earlier, certificateFrom(certificate)))
}

async function earlierCertificate(file: string, text: string) {
  const json: unknown = parsed(text)
  const hash = typeof json === 'object' && json !== null && 'certificate' in json ? json.certificate : undefined
  if (typeof hash !== 'string') return certificateFrom(json)
  const { database } = await openStore()
  try {
    const book = await bookOfCertificate(database.pool, hash)
    const stored = book === undefined ? undefined : await loadBook(database.pool, book)
    if (book === undefined || stored === undefined) {
      throw wrongRequest('CERTIFICATE_UNREADABLE', `${file} names the certificate ${hash}, whose rows are not stored here; give the file that --certificate wrote.`)
    }
    return (await accountOf(database.pool, { ...(stored.parameters as Omit<RehearsalParameters, 'book'>), book })).certificate
  } finally {
    await database.close()
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

async function importBars(request: ImportRequest, onProgress: (progress: Progress) => void, signal: AbortSignal) {
  const { database } = await openStore()
  try {
    return await importFiles(database, request.paths, {
      ...request,
      rejectsFolder: join(home, 'rejects'),
      signal,
      onProgress: ({ fraction, path, step, fileNumber, files }) =>
        onProgress({ done: Math.round(fraction * 1000) / 10, total: 100, unit: '%', sentence: `${step} ${path} (${fileNumber} of ${files})` }),
    })
  } finally {
    await database.close()
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

const interruption = new AbortController()
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => {
    // Whoever asks twice does not want to wait.
    if (interruption.signal.aborted) process.exit(130)
    interruption.abort()
  })
}

const program: Program = {
  version,
  terminal: {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    isWatched: process.stderr.isTTY,
    columns: () => process.stderr.columns,
  },
  start,
  rehearse,
  compare,
  importBars,
}

process.exitCode = await runCommandLine(process.argv.slice(2), program, interruption.signal)
