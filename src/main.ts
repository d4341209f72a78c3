/** The composition root: reads the environment, makes every client and server, and hands them to the command that was asked for. */
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { extname, join } from 'node:path'
import { openApi } from '#api/api.server.ts'
import { settingRows } from '#api/settings-summary.ts'
import { runCommandLine } from '#cli/command-line.command.ts'
import type {
  CheckedReference,
  ImportRequest,
  Program,
  Progress,
  RecycleRequest,
  Rehearsed,
  RehearseRequest,
  StartRequest,
  Working,
  WorkRequest,
} from '#cli/program.ts'
import type { Database } from '#database/connection.client.ts'
import { openDatabase } from '#database/open-database.client.ts'
import { type Certificate, certificateFrom } from '#desk/certificate.ts'
import { readReferenceFolder } from '#desk/reference.file.ts'
import { checkReference } from '#desk/reference-report.ts'
import { Fault, wrongRequest } from '#domain/fault.ts'
import { epochMs } from '#domain/units.ts'
import { bookOfCertificate, loadBook } from '#flows/books.store.ts'
import type { RehearsalParameters } from '#flows/rehearsal.ts'
import { rehearsalRequestFrom } from '#flows/rehearsal-plan.steps.ts'
import { accountOf } from '#flows/rehearse.steps.ts'
import { alertsProgram } from '#house/alerts-program.client.ts'
import { collectProgram } from '#house/collect-program.client.ts'
import { loadFirstHistory } from '#house/collections.client.ts'
import { flowControl } from '#house/flow-control.client.ts'
import { officeOf } from '#house/flow-office.client.ts'
import { flowProgram } from '#house/flow-program.client.ts'
import { type House, type HousePlan, openHouse } from '#house/house.client.ts'
import { marketProgram } from '#house/market-program.client.ts'
import { qualityProgram } from '#house/quality-program.client.ts'
import { openRecycler } from '#house/recycler.client.ts'
import { endOfRehearsal, startRehearsal } from '#house/rehearsals.client.ts'
import { aborted, workerLost } from '#house/runs.client.ts'
import { serveTracking } from '#house/serve-tracking.client.ts'
import { openStandingHouse } from '#house/standing-house.client.ts'
import { openWorker } from '#house/worker.client.ts'
import { storedFeeds } from '#market/bars.store.ts'
import { importFiles } from '#market/import.store.ts'
import { loadKernel } from '#network/kernel.file.ts'
import type { Credentials, Settings } from '#settings/schema.ts'
import { readSettingsFiles } from '#settings/settings.file.ts'
import type { Strategy } from '#strategy.ts'

const ROOT = join(import.meta.dirname, '..')
const RUNS_SHOWN = 20
const STOP_WITHIN_MS = 4_500
/** Signals that come together are one request. */
const SAME_REQUEST_MS = 500
let stopWithinMs = STOP_WITHIN_MS

const { version }: { version: string } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
const { SPREADWORKS_HOME: home = join(homedir(), '.spreadworks') } = process.env

function say(line: string): void {
  process.stderr.write(`spreadworks: ${line}\n`)
}

async function openOwnHouse(): Promise<House> {
  return openHouse(await planOfHouse())
}

async function planOfHouse(): Promise<HousePlan> {
  return { ...(await openStore()), version, home, strategyNamed, say }
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

/** A strategy by the name of its file under strategies/. */
async function strategyNamed(name: string): Promise<Strategy> {
  const file = join(ROOT, 'strategies', `${name}${extname(import.meta.filename)}`)
  const { strategy }: { strategy: Strategy } = await import(file).catch((cause: unknown) => {
    throw new Fault('STRATEGY_UNKNOWN', `There is no strategy '${name}' (setting signals.strategy): ${file} cannot be loaded.`, {
      exitCode: 2,
      cause,
    })
  })
  return strategy
}

async function start({ host, port }: StartRequest, signal: AbortSignal): Promise<{ url: string; stopped: Promise<void> }> {
  const house = await openStandingHouse(await planOfHouse())
  const { settings, database, lost } = house
  const api = await openApi({
    pool: database.pool,
    webFolder: join(ROOT, 'web/dist'),
    host: host ?? settings.server.host,
    port: port ?? settings.server.port,
    version,
    flows: flowControl(officeOf(house)),
    settings: settingRows({
      ...settings,
      server: { ...settings.server, host: host ?? settings.server.host, port: port ?? settings.server.port },
    }),
    activeSectors: settings.sectors.active,
    onFailure: (failure) => say(failure instanceof Error ? (failure.stack ?? failure.message) : String(failure)),
  }).catch(async (cause: unknown) => {
    await house.close()
    throw cause
  })
  beginDay(house).catch((cause: unknown) => {
    if (!signal.aborted) say(cause instanceof Error ? cause.message : String(cause))
  })
  const stop = async () => {
    const cause = await Promise.race([aborted(signal), lost])
    if (cause !== undefined) exitSoon()
    await api.close()
    await house.close()
    if (cause !== undefined) throw workerLost(cause)
  }
  return { url: api.url, stopped: stop() }
}

/** What a start does by itself: a first history where nothing is stored, then a rehearsal, unless one is under way. */
async function beginDay(house: House): Promise<void> {
  const { settings, account, database, engine } = house
  const unfinished = await engine.find({ flows: ['load-history', 'rehearse'], states: ['queued', 'running'], limit: RUNS_SHOWN })
  const loading = unfinished.find(({ flow }) => flow === 'load-history')
  const feeds = await storedFeeds(database.pool)
  if (loading !== undefined) await engine.result(loading.id)
  else if (!feeds.some(({ timeframe }) => timeframe === '1m')) await loadFirstHistory(house)
  if (!settings.rehearsal.atStart || account !== undefined) return
  if (unfinished.some(({ flow }) => flow === 'rehearse')) return
  await startRehearsal(house, rehearsalRequestFrom({}))
}

async function rehearse(
  request: RehearseRequest,
  onProgress: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<Rehearsed> {
  const house = await openOwnHouse()
  try {
    const parameters = await startRehearsal(house, { ...request, speed: request.speed ?? 'max' })
    return await endOfRehearsal(house, parameters, { onProgress, signal })
  } finally {
    await house.close()
  }
}

/** A worker has as long to stop as its steps have to end. */
async function work(request: WorkRequest, signal: AbortSignal): Promise<Working> {
  return openWorker(
    async (queues) => {
      const house = await openStandingHouse({ ...(await planOfHouse()), queues })
      stopWithinMs = STOP_WITHIN_MS + house.settings.workers.drainSeconds * 1000
      return house
    },
    request,
    signal,
  )
}

async function recycle(request: RecycleRequest, signal: AbortSignal) {
  const { settings, database } = await openStore()
  const exchange = await openRecycler({ sql: database.pool, settings, now: epochMs(Date.now()) }, request).catch(
    async (cause: unknown) => {
      await database.close()
      throw cause
    },
  )
  const stop = async () => {
    await aborted(signal)
    await exchange.close()
    await database.close()
  }
  return { ...exchange, stopped: stop() }
}

async function checkReferenceFolder(folder: string): Promise<CheckedReference> {
  const cases = await readReferenceFolder(folder)
  const { kernel, note } = await loadKernel('auto')
  return { report: checkReference(cases, kernel), note }
}

/** The certificate in a file: one with its rows, or the one that the report of an earlier run names, whose rows are stored. */
async function certificateIn(file: string): Promise<Certificate> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw wrongRequest(
      'CERTIFICATE_UNREADABLE',
      `The certificate ${file} cannot be read (${String(cause)}); give the file that an earlier rehearsal wrote.`,
    )
  })
  const json: unknown = parsed(text)
  const hash = typeof json === 'object' && json !== null && 'certificate' in json ? json.certificate : undefined
  if (typeof hash !== 'string') return certificateFrom(json)
  const { database } = await openStore()
  try {
    const book = await bookOfCertificate(database.pool, hash)
    const stored = book === undefined ? undefined : await loadBook(database.pool, book)
    if (book === undefined || stored === undefined) {
      throw wrongRequest(
        'CERTIFICATE_UNREADABLE',
        `${file} names the certificate ${hash}, whose rows are not stored here; give the file that --certificate wrote.`,
      )
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
        onProgress({
          done: Math.round(fraction * 1000) / 10,
          total: 100,
          unit: '%',
          sentence: `${step} ${path} (${fileNumber} of ${files})`,
        }),
    })
  } finally {
    await database.close()
  }
}

/** A process that was told to stop ends then, whatever is left: a lock of another process or a database that recovers may hold it up. */
function exitSoon(): void {
  setTimeout(() => process.exit(1), stopWithinMs).unref()
}

const interruption = new AbortController()
let interruptedAt = Number.POSITIVE_INFINITY
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => {
    // Whoever asks again does not want to wait; but npm hands on the Ctrl-C that the terminal has sent us already.
    if (performance.now() - interruptedAt > SAME_REQUEST_MS) process.exit(130)
    if (interruption.signal.aborted) return
    interruptedAt = performance.now()
    exitSoon()
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
  work,
  rehearse,
  recycle,
  serveTracking: async (request, signal) => serveTracking({ ...(await openStore()), home }, request, signal),
  certificateIn,
  checkReference: checkReferenceFolder,
  importBars,
  collect: collectProgram(() => openOwnHouse()),
  market: marketProgram(openStore),
  quality: qualityProgram(openStore),
  flows: flowProgram({ openStore, openHouse: openOwnHouse, say }),
  alerts: alertsProgram(openStore, () => readSettingsFiles(process.env)),
}

process.exitCode = await runCommandLine(process.argv.slice(2), program, interruption.signal)
