import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Database } from '#database/connection.client.ts'
import { migrate } from '#database/migrate.store.ts'
import { sessionsBetween } from '#domain/calendar.ts'
import type { SessionDate } from '#domain/sessions.ts'
import { type ConnectedRuns, connectRuns } from '#flows/connect-runs.client.ts'
import { rehearsalRunId } from '#flows/rehearsal.ts'
import { planRehearsal } from '#flows/rehearsal-plan.steps.ts'
import type { RunRecord } from '#flows/runs.ts'
import { saveBars } from '#market/bars.store.ts'
import { saveSymbols } from '#market/symbols.store.ts'
import { readSettingsFiles } from '#settings/settings.file.ts'
import { generateMarket } from '#sources/simulated/generate-market.ts'
import { onOwnServer } from './own-server.ts'
import { type Bench, type BenchResult, median } from './result.ts'

const ROOT = join(import.meta.dirname, '..')
/** As many sessions as a pair is trained on where nobody sets another number, and the day. */
const SESSIONS = sessionsBetween('2024-06-20' as SessionDate, '2024-07-01' as SessionDate)
const DAY = SESSIONS.at(-1)?.date ?? ''
const MARKET = { seed: 7, sectors: 2, symbolsPerSector: 6, sessions: SESSIONS }
const ROUNDS = 3
/** What is measured is in the records of the runs: to look more often would only take from the workers. */
const LOOK_EVERY_MS = 1_000
const HOUR_MS = 3_600_000
/**
 * Each worker trains one pair at a time on one thread. Network, window and sessions are those of the settings as they come, and every pair
 * has the epochs that are left to each of twenty, so that a pair takes as long as it does on a full day.
 */
const SETTINGS = {
  SPREADWORKS_PAIRS_LOOKBACK_SESSIONS: '7',
  SPREADWORKS_PAIRS_MAXIMUM: '8',
  SPREADWORKS_PAIRS_MINIMUM_CORRELATION: '0.1',
  SPREADWORKS_PAIRS_MAXIMUM_P_VALUE: '1',
  SPREADWORKS_PAIRS_MAXIMUM_TAIL_P_VALUE: '1',
  SPREADWORKS_PAIRS_MINIMUM_SCORE: '0',
  SPREADWORKS_MODEL_MAXIMUM_EPOCHS: '30',
  SPREADWORKS_MODEL_PATIENCE_EPOCHS: '30',
  SPREADWORKS_TRAIN_THREADS: '1',
  SPREADWORKS_SIGNALS_STRATEGY: 'z-score',
}

/** Pairs that one worker trains in an hour, and two, each a process with one thread. */
export const bench: Bench = {
  id: 'workers-2',
  run: () => onOwnServer(measured),
}

async function measured(database: Database): Promise<BenchResult[]> {
  await migrate(database.url)
  const { bars, listings } = generateMarket(MARKET)
  await saveSymbols(database.pool, listings)
  for (const columns of bars) await saveBars(database.pool, columns, { timeframe: '1m', feed: 'simulated' })
  const runs = await connectRuns({ databaseUrl: database.url, onTrouble: () => {} })
  try {
    const rates: Record<1 | 2, Rate[]> = { 1: [], 2: [] }
    // In turns, so that whatever else the machine does falls on both.
    for (let round = 0; round < ROUNDS; round++)
      for (const workers of [1, 2] as const) rates[workers].push(await rateOf({ database, runs }, workers))
    return [resultOf(rates)]
  } finally {
    await runs.close()
  }
}

type Rate = { readonly pairs: number; readonly pairsAnHour: number }
type Place = { readonly database: Database; readonly runs: ConnectedRuns }

function resultOf(rates: Record<1 | 2, readonly Rate[]>): BenchResult {
  const of = (workers: 1 | 2) => median(rates[workers].map(({ pairsAnHour }) => pairsAnHour))
  return {
    id: 'workers-2',
    size: `${rates[1][0]?.pairs} pairs, ${availableParallelism()} cores`,
    value: of(2),
    unit: 'pairs/h',
    peer: `one worker, ${Math.round(of(1)).toLocaleString('en-US')} pairs/h`,
    ratio: of(2) / of(1),
    limit: 'at least 1.8 times one',
  }
}

async function rateOf({ database, runs }: Place, count: number): Promise<Rate> {
  const homes = await Promise.all(Array.from({ length: count }, () => mkdtemp(join(tmpdir(), 'spreadworks-bench-'))))
  const workers = await Promise.all(homes.map((home) => startWorker(database.url, home)))
  try {
    return rateFrom(await trainedPairs({ database, runs }))
  } finally {
    for (const worker of workers) worker.kill('SIGTERM')
    await Promise.all(workers.map((worker) => once(worker, 'exit')))
    for (const home of homes) await rm(home, { recursive: true, force: true })
  }
}

async function startWorker(databaseUrl: string, home: string): Promise<ChildProcess> {
  const { PATH, HOME, TMPDIR } = process.env
  const env = { PATH, HOME, TMPDIR, ...SETTINGS, DATABASE_URL: databaseUrl, SPREADWORKS_HOME: home }
  const words = ['worker', '--json']
  const child = spawn(process.execPath, ['--disable-warning=DeprecationWarning', join(ROOT, 'src/main.ts'), ...words], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit').then(([code]) => Promise.reject(new Error(`the worker ended with ${code}`)))
  await Promise.race([once(child.stdout, 'data'), ended])
  // From here on it ends because it is told to.
  ended.catch(() => undefined)
  return child
}

/** Begins a rehearsed day and ends it when its pairs are trained. */
async function trainedPairs({ database, runs }: Place): Promise<RunRecord[]> {
  const { settings } = await readSettingsFiles(SETTINGS)
  const request = { day: DAY, days: 1, sectors: [], speed: 'max', seed: undefined, feed: undefined } as const
  const parameters = await planRehearsal(database.pool, request, settings)
  const runId = rehearsalRunId(parameters.book)
  await runs.start({ flow: 'rehearse', runId, parameters, facts: {}, cause: 'person' })
  for (;;) {
    const [training, trading] = await Promise.all([
      ofBook(runs, 'train', parameters.book),
      ofBook(runs, 'trading-session', parameters.book),
    ])
    if (trading.length > 0) {
      await runs.cancel(runId)
      return training
    }
    const failure = (await runs.record(runId))?.failure
    if (failure !== undefined) throw new Error(failure)
    await delay(LOOK_EVERY_MS)
  }
}

function ofBook(runs: ConnectedRuns, flow: 'train' | 'trading-session', book: string): Promise<RunRecord[]> {
  return runs.find({ flows: [flow], facts: { book }, withChildren: true, limit: 100 })
}

function rateFrom(trained: readonly RunRecord[]): Rate {
  const began = Math.min(...trained.map(({ startedAt }) => startedAt ?? Number.NaN))
  const ended = Math.max(...trained.map(({ endedAt }) => endedAt ?? Number.NaN))
  return { pairs: trained.length, pairsAnHour: (trained.length / (ended - began)) * HOUR_MS }
}
