import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { from as copyFrom } from 'pg-copy-streams'
import { ensureBarPartitions } from '#database/bar-partitions.store.ts'
import type { Database } from '#database/connection.client.ts'
import { openDatabase } from '#database/open-database.client.ts'
import { sessionsBetween } from '#domain/calendar.ts'
import { randomStream } from '#domain/random.ts'
import { minutesOf, type Session, type SessionDate } from '#domain/sessions.ts'
import { epochMs, isoFrom, MINUTE_MS } from '#domain/units.ts'
import { importFiles } from '#market/import.store.ts'
import { type Bench, type BenchResult, median } from './result.ts'

const SYMBOLS = 36
const RUNS = 3
const CHUNK = 1 << 16

/** 36 symbols over 29 sessions of 1-minute bars, as the text of a CSV file and as lines of COPY with the table's columns. */
type Market = { readonly rows: number; readonly csv: string; readonly copyLines: string; readonly sessions: readonly Session[] }

/**
 * A CSV file of 407,160 bars imported (read, checked, staged, compared, merged), packed and not, against COPY FROM STDIN of
 * the same rows into the same table with its keys and partitions. Runs alternate, and the table is emptied before each.
 */
export const bench: Bench = {
  id: 'import',
  run: async (): Promise<BenchResult[]> => {
    const folder = await mkdtemp(join(tmpdir(), 'spreadworks-bench-'))
    try {
      // The server runs as a user of its own when this is root, and must reach its data.
      await chmod(folder, 0o755)
      return await onOwnServer(folder)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  },
}

async function onOwnServer(folder: string): Promise<BenchResult[]> {
  const database = await openDatabase({
    url: undefined,
    poolConnections: 5,
    home: folder,
    minimumFreeMb: 256,
    onNotice: () => {},
  })
  try {
    return await measure(database, folder)
  } finally {
    await database.close()
  }
}

async function measure(database: Database, folder: string): Promise<BenchResult[]> {
  const market = randomMarket()
  const [plain, packed] = [join(folder, 'bars.csv'), join(folder, 'bars.csv.gz')]
  await writeFile(plain, market.csv)
  await writeFile(packed, await promisify(gzip)(market.csv))
  const [first, last] = [market.sessions.at(0), market.sessions.at(-1)]
  await ensureBarPartitions(database.pool, first?.opensAt ?? epochMs(0), last?.closesAt ?? epochMs(0))
  const copies: number[] = []
  const imports = new Map<string, number[]>([plain, packed].map((path) => [path, []]))
  for (let run = -1; run < RUNS; run++) {
    const copy = await timed(database, () => bareCopy(database, market))
    if (run >= 0) copies.push(copy)
    for (const [path, times] of imports) {
      const seconds = await timed(database, () => importOnce(database, path, market.rows))
      if (run >= 0) times.push(seconds)
    }
  }
  const peer = median(copies)
  return [...imports].map(([path, times]) => resultOf(path, { rows: market.rows, seconds: median(times), peerSeconds: peer }))
}

function resultOf(
  path: string,
  { rows, seconds, peerSeconds }: { rows: number; seconds: number; peerSeconds: number },
): BenchResult {
  const rate = Math.round(rows / peerSeconds).toLocaleString('en-US')
  return {
    id: path.endsWith('.gz') ? 'import-gz' : 'import',
    size: `${rows.toLocaleString('en-US')} bars`,
    value: rows / seconds,
    unit: 'rows/s',
    peer: 'COPY FROM STDIN',
    ratio: peerSeconds / seconds,
    note: `the bare COPY stores ${rate} rows/s; at least 0.5 of it is wanted`,
  }
}

/** Seconds of `work` on an empty table. */
async function timed({ pool }: Database, work: () => Promise<void>): Promise<number> {
  await pool.query('truncate spreadworks.bars, spreadworks.imports cascade')
  await pool.query('checkpoint')
  const startedAt = performance.now()
  await work()
  return (performance.now() - startedAt) / 1000
}

async function importOnce(database: Database, path: string, rows: number): Promise<void> {
  const options = { feed: 'import', timeframe: undefined, zone: undefined, isSessionOnly: false, rejectsFolder: undefined }
  const report = await importFiles(database, [path], options)
  if (report.rows.new !== rows) throw new Error(`${report.rows.new} of ${rows} rows were imported`)
}

async function bareCopy({ pool }: Database, { copyLines }: Market): Promise<void> {
  const client = await pool.connect()
  const columns = 'symbol, timeframe, opened_at, feed, open, high, low, close, volume'
  await pipeline(
    Readable.from(chunksOf(copyLines)),
    client.query(copyFrom(`copy spreadworks.bars (${columns}) from stdin with (format csv)`)),
  )
  client.release()
}

function* chunksOf(text: string): Generator<Buffer> {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += CHUNK) yield bytes.subarray(at, at + CHUNK)
}

function randomMarket(): Market {
  const sessions = sessionsBetween('2018-02-16' as SessionDate, '2018-03-29' as SessionDate)
  const csv: string[] = ['symbol,timestamp,open,high,low,close,volume']
  const copyLines: string[] = []
  for (let s = 0; s < SYMBOLS; s++) {
    const random = randomStream(1, 'import-bench', s)
    const symbol = `S${String(s).padStart(3, '0')}`
    let price = 20 + 10 * random.below(30)
    for (const session of sessions) {
      for (let minute = 0; minute < minutesOf(session); minute++) {
        const open = price
        price = Math.max(1, price * (1 + 0.0005 * random.normal()))
        const [high, low] = [Math.max(open, price) + 0.02, Math.min(open, price) - 0.02]
        const values = [...[open, high, low, price].map((value) => value.toFixed(2)), random.below(50_000)].join(',')
        const at = isoFrom(epochMs(session.opensAt + minute * MINUTE_MS)).replace('.000Z', 'Z')
        csv.push(`${symbol},${at},${values}`)
        copyLines.push(`${symbol},1m,${at},import,${values}`)
      }
    }
  }
  return { rows: copyLines.length, csv: `${csv.join('\n')}\n`, copyLines: `${copyLines.join('\n')}\n`, sessions }
}
