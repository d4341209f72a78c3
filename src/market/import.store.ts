import { performance } from 'node:perf_hooks'
import type { Database } from '#database/connection.client.ts'
import type { Timeframe } from '#domain/bars.ts'
import { Fault, wrongRequest } from '#domain/fault.ts'
import { symbolFrom } from '#domain/symbol.ts'
import { inspectFile, readSymbols } from '#sources/files/bar-file.file.ts'
import { type ImportRoom, importBars, isCancelled, type Turn } from './import-bars.store.ts'
import { type FoundFile, findFiles } from './import-paths.file.ts'
import { progressTeller } from './import-progress.ts'
import {
  type ImportedFile,
  type ImportOptions,
  type ImportReport,
  type ImportResult,
  type ImportRules,
  reportOf,
} from './import-report.ts'
import { dropAbandonedStaging } from './import-staging.store.ts'
import { saveSymbols } from './symbols.store.ts'

const TIMEFRAMES: readonly Timeframe[] = ['1m', '5m', '15m', '1h', '1d']
const FEED = /^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$/
const REJECTS_SHOWN = 3

/**
 * Imports files of bars and of symbols, and folders of them, into one feed. Each file is stored as a whole or not at all; a
 * file that cannot be taken is refused in the report and the others go on. Importing again stores nothing new; after a
 * kill, files that were finished are passed over and the interrupted one is begun again. While one file is merged the next
 * is read. Throws IMPORT_FEED_INVALID, IMPORT_TIMEFRAME_INVALID, IMPORT_ZONE_UNKNOWN, the faults of findFiles, and
 * IMPORT_CANCELLED on `signal`.
 */
export async function importFiles(database: Database, paths: readonly string[], options: ImportOptions): Promise<ImportReport> {
  const rules = rulesFrom(options)
  const startedAt = performance.now()
  const files = await findFiles(paths)
  await tidy(database)
  const teller = progressTeller(files, { now: () => performance.now(), tell: options.onProgress ?? ignore })
  const room: ImportRoom = { database, rules, teller, stillStored: new Map() }
  const imported = await inTurns(files, (file, turn) => importOne(room, file, turn))
  return reportOf(rules.feed, imported, (performance.now() - startedAt) / 1000)
}

async function tidy({ pool }: Database): Promise<void> {
  const client = await pool.connect()
  try {
    await dropAbandonedStaging(client)
  } finally {
    client.release()
  }
}

/** Runs `work` over `files` in order, the reading part of one beside the merging part of the one before, never more than two. */
async function inTurns<T>(files: readonly FoundFile[], work: (file: FoundFile, turn: Turn) => Promise<T>): Promise<T[]> {
  const running: Promise<T>[] = []
  for (const file of files) {
    const before = running.at(-1)
    await running.at(-2)
    const read = Promise.withResolvers<void>()
    const one = work(file, { onRead: read.resolve, toMerge: before?.then(ignore) ?? Promise.resolve() })
    one.catch(ignore)
    running.push(one)
    await Promise.race([read.promise, one])
  }
  return Promise.all(running)
}

async function importOne(room: ImportRoom, { path }: FoundFile, turn: Turn): Promise<ImportedFile> {
  const startedAt = performance.now()
  const result = await resultOf(room, path, turn).catch(refusalOf)
  room.teller.onDone(path)
  return { path, seconds: (performance.now() - startedAt) / 1000, ...result }
}

async function resultOf(room: ImportRoom, path: string, turn: Turn): Promise<ImportResult> {
  const file = await inspectFile(path, room.rules)
  return 'timeframe' in file ? importBars(room, { path, ...file }, turn) : importSymbols(room, path)
}

/** A fault of one file is a result; everything else, an interruption included, ends the import. */
function refusalOf(failure: unknown): ImportResult {
  if (!(failure instanceof Fault) || isCancelled(failure)) throw failure
  return { kind: 'refused', code: failure.code, sentence: failure.message }
}

async function importSymbols({ database }: ImportRoom, path: string): Promise<ImportResult> {
  const rows = (await readSymbols(path)).map(({ symbol, name, sector, line }) => ({
    symbol: symbolFrom(symbol),
    name: name === '' ? symbol : name,
    sector: sector === '' ? undefined : sector,
    line,
    text: [symbol, name, sector].join(','),
  }))
  const known = rows.flatMap(({ symbol, name, sector }) => (symbol === undefined ? [] : [{ symbol, name, sector }]))
  const rejected = rows.filter(({ symbol }) => symbol === undefined).map(({ line, text }) => ({ line, text }))
  const changed = await saveSymbols(database.pool, known)
  return {
    kind: 'symbols',
    symbols: known.length,
    changed,
    rowsRejected: rejected.length,
    examples: rejected.slice(0, REJECTS_SHOWN),
  }
}

function rulesFrom(options: ImportOptions): ImportRules {
  const { feed = 'import', zone } = options
  if (!FEED.test(feed)) {
    throw wrongRequest(
      'IMPORT_FEED_INVALID',
      `\`${feed}\` cannot name a feed; use 1 to 32 letters, digits, dots, dashes and underscores, beginning with a letter or digit.`,
    )
  }
  if (zone !== undefined && !isZone(zone)) {
    throw wrongRequest(
      'IMPORT_ZONE_UNKNOWN',
      `There is no time zone named \`${zone}\`; use a name of the IANA list, for example America/New_York.`,
    )
  }
  return { ...options, feed, timeframe: options.timeframe === undefined ? undefined : timeframeFrom(options.timeframe) }
}

function timeframeFrom(name: string): Timeframe {
  const timeframe = TIMEFRAMES.find((one) => one === name)
  if (timeframe !== undefined) return timeframe
  throw wrongRequest('IMPORT_TIMEFRAME_INVALID', `\`${name}\` is no timeframe; use one of ${TIMEFRAMES.join(', ')}.`)
}

function isZone(zone: string): boolean {
  try {
    Temporal.PlainDate.from('2020-01-01').toZonedDateTime(zone)
    return true
  } catch {
    return false
  }
}

function ignore(): void {}
