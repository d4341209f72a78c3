import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '#database/connection.client.ts'
import { freshDatabase } from '../../test/database.ts'
import { importFiles } from './import.store.ts'
import type { ImportOptions, ImportReport } from './import-report.ts'

const HEAD = 'symbol,timestamp,open,high,low,close,volume'
let database: Database
let folder = ''

beforeAll(async () => {
  database = await freshDatabase()
  folder = await mkdtemp(join(tmpdir(), 'spreadworks-import-'))
})
afterAll(async () => {
  await database.close()
  await rm(folder, { recursive: true })
})

const file = async (name: string, lines: readonly string[]) => {
  const path = join(folder, name)
  await writeFile(path, `${lines.join('\n')}\n`)
  return path
}
const minute = (i: number) => new Date(Date.UTC(2018, 2, 28, 13, 30 + i)).toISOString()
const row = (symbol: string, i: number, close = 10 + i / 100) =>
  `${symbol},${minute(i)},${close},${close + 0.5},${close - 0.5},${close},${i}`
const rowsOf = (symbol: string, count: number) => Array.from({ length: count }, (_, i) => row(symbol, i))
const options = (feed: string, more: Partial<ImportOptions> = {}): ImportOptions => ({
  feed,
  timeframe: undefined,
  zone: undefined,
  isSessionOnly: false,
  rejectsFolder: undefined,
  ...more,
})
const onlyFile = ({ files }: ImportReport) => files[0]
const stored = async (feed: string) => {
  const { rows } = await database.pool.query<{ key: string }>(
    `select symbol || ' ' || to_char(opened_at at time zone 'UTC', 'HH24:MI') || ' ' || close as key from spreadworks.bars where feed = $1 order by 1`,
    [feed],
  )
  return rows.map(({ key }) => key)
}

describe('importing', () => {
  test('stores every row once, and again nothing', async () => {
    const path = await file('plain.csv', [HEAD, ...rowsOf('T', 60), ...rowsOf('V', 60)])
    const first = await importFiles(database, [path], options('plain'))
    expect(onlyFile(first)).toMatchObject({ kind: 'imported', timeframe: '1m', symbols: 2, from: minute(0), through: minute(59) })
    expect(first.rows).toEqual({ read: 120, new: 120, alreadyStored: 0, repeated: 0, rejected: 0 })
    const again = await importFiles(database, [path], options('plain'))
    expect(onlyFile(again)).toMatchObject({ kind: 'already-imported' })
    expect(again.rows).toEqual({ read: 120, new: 0, alreadyStored: 120, repeated: 0, rejected: 0 })
  })

  test('brings back rows of a finished import that were deleted since', async () => {
    const path = await file('again.csv', [HEAD, ...rowsOf('KO', 30)])
    await importFiles(database, [path], options('again'))
    await database.pool.query(`delete from spreadworks.bars where feed = 'again' and opened_at < $1`, [minute(3)])
    expect((await importFiles(database, [path], options('again'))).rows).toMatchObject({ new: 3, alreadyStored: 27 })
  })

  test('adds the new rows of a longer file, and sorts rows that come in any order', async () => {
    const rows = rowsOf('A', 40)
    await importFiles(database, [await file('short.csv', [HEAD, ...rows.slice(0, 25)])], options('grow'))
    const longer = await importFiles(
      database,
      [await file('long.csv', [HEAD, ...rows.toReversed(), 'B,2018-03-28T13:30:00Z,1,1,1,1,1'])],
      options('grow'),
    )
    expect(longer.rows).toMatchObject({ new: 16, alreadyStored: 25 })
    expect(await stored('grow')).toHaveLength(41)
  })

  test('keeps rows aside with file, line, reason and text, in the table and in a file', async () => {
    const bad = [
      'C,2018-03-28T13:31:00Z,1,0.5,2,1,5',
      'c,2018-03-28T13:31:00Z,1,1,1,1,5',
      row('C', 0, 11),
      row('C', 0),
      'C,"x,y",1,1,1,1,5',
    ]
    const path = await file('bad.csv', [HEAD, row('C', 0), ...bad, row('C', 2), row('C', 3)])
    const report = await importFiles(database, [path], options('bad', { rejectsFolder: join(folder, 'rejects') }))
    expect(report.rows).toEqual({ read: 8, new: 3, alreadyStored: 0, repeated: 1, rejected: 4 })
    expect(report.rejectedByReason).toEqual({
      'high-below-low': 1,
      'symbol-form': 1,
      'duplicate-differs': 1,
      'stamp-unparsable': 1,
    })
    const { rows } = await database.pool.query(
      'select line::int, reason, text from spreadworks.import_rejects where file = $1 order by line',
      [path],
    )
    expect(rows).toEqual([
      { line: 3, reason: 'high-below-low', text: bad[0] },
      { line: 4, reason: 'symbol-form', text: bad[1] },
      { line: 5, reason: 'duplicate-differs', text: bad[2] },
      { line: 7, reason: 'stamp-unparsable', text: bad[4] },
    ])
    const imported = onlyFile(report)
    const rejectsFile = imported.kind === 'imported' ? imported.rejectsFile : undefined
    const lines = (await readFile(rejectsFile ?? '', 'utf8')).trimEnd().split('\n')
    expect(lines).toHaveLength(5)
    expect(lines.at(4)).toBe(`${path},7,stamp-unparsable,"${bad[4].replaceAll('"', '""')}"`)
  })

  test('keeps the earlier of two lines that tell different things of one bar', async () => {
    const path = await file('earlier.csv', [HEAD, row('L', 0, 10), row('L', 1, 20), row('L', 1, 21), row('L', 0, 11)])
    const report = await importFiles(database, [path], options('earlier'))
    expect(report.rejectedByReason).toEqual({ 'duplicate-differs': 2 })
    expect(await stored('earlier')).toEqual(['L 13:30 10', 'L 13:31 20'])
  })

  test('refuses a file whole that tells other values than the feed, and takes it under a feed of its own', async () => {
    const rows = rowsOf('D', 200)
    await importFiles(database, [await file('one.csv', [HEAD, ...rows])], options('truth'))
    const other = [...rows.slice(0, 197), ...[197, 198, 199, 200].map((i) => row('D', i, 5))]
    const path = await file('other.csv', [HEAD, ...other])
    const before = await stored('truth')
    const report = await importFiles(database, [path], options('truth'))
    expect(onlyFile(report)).toMatchObject({
      kind: 'refused',
      code: 'IMPORT_DISAGREES',
      sentence: expect.stringContaining('3 of 200 rows'),
    })
    expect(onlyFile(report)).toMatchObject({ sentence: expect.stringContaining('--feed NAME') })
    expect(await stored('truth')).toEqual(before)
    expect((await importFiles(database, [path], options('other'))).rows.new).toBe(201)
  })

  test('keeps the stored values where a file differs in one row of a hundred', async () => {
    const rows = rowsOf('E', 100)
    await importFiles(database, [await file('e1.csv', [HEAD, ...rows])], options('e'))
    const report = await importFiles(
      database,
      [await file('e2.csv', [HEAD, ...rows.slice(0, 99), row('E', 99, 5), row('E', 100)])],
      options('e'),
    )
    expect(report.rows).toEqual({ read: 101, new: 1, alreadyStored: 99, repeated: 0, rejected: 1 })
    expect(report.rejectedByReason).toEqual({ 'stored-differs': 1 })
    expect(await stored('e')).toContain('E 15:09 10.99')
  })

  test('goes on past files that it cannot take, and takes symbols', async () => {
    const paths = [
      await file('none.csv', ['a,b', '1,2']),
      await file('symbols.csv', ['symbol,name,sector', 'T,"AT&T, Inc.",Telecom', 'nope!,x,y']),
    ]
    const report = await importFiles(database, [...paths, await file('f.csv', [HEAD, ...rowsOf('F', 3)])], options('f'))
    expect(report.files.map(({ kind }) => kind)).toEqual(['refused', 'symbols', 'imported'])
    expect(report.files[1]).toMatchObject({ symbols: 1, changed: 1, rowsRejected: 1, examples: [{ line: 3, text: 'nope!,x,y' }] })
    expect([report.rows.new, report.refusedFiles]).toEqual([3, 1])
  })

  test('into the feed of Yahoo counts as adjusted as that is', async () => {
    const report = await importFiles(database, [await file('y.csv', [HEAD, ...rowsOf('Y', 2)])], options('yahoo'))
    expect(report.rows.new).toBe(2)
    const { rows } = await database.pool.query(`select distinct adjustment from spreadworks.bars where symbol = 'Y'`)
    expect(rows).toEqual([{ adjustment: 'split' }])
  })

  test('is refused before it begins for a missing path, an unfit feed, an unknown timeframe or zone', async () => {
    const fault = (code: string) => expect.objectContaining({ code, exitCode: 2 })
    await expect(importFiles(database, [join(folder, 'absent.csv')], options('x'))).rejects.toThrow(fault('IMPORT_PATH_MISSING'))
    await expect(importFiles(database, [folder], options("x'y"))).rejects.toThrow(fault('IMPORT_FEED_INVALID'))
    await expect(importFiles(database, [folder], options('x', { timeframe: '2m' }))).rejects.toThrow(
      fault('IMPORT_TIMEFRAME_INVALID'),
    )
    await expect(importFiles(database, [folder], options('x', { zone: 'Mars/Base' }))).rejects.toThrow(
      fault('IMPORT_ZONE_UNKNOWN'),
    )
  })

  test('tells how far it is, and stores nothing when it is interrupted', async () => {
    const path = await file('stop.csv', [HEAD, ...rowsOf('G', 300)])
    const steps: string[] = []
    const onProgress = ({ step, fraction }: { step: string; fraction: number }) =>
      void steps.push(`${step} ${fraction > 0 && fraction <= 1}`)
    const stopped = importFiles(database, [path], options('stop', { signal: AbortSignal.abort(), onProgress }))
    await expect(stopped).rejects.toThrow(expect.objectContaining({ code: 'IMPORT_CANCELLED' }))
    expect(await stored('stop')).toEqual([])
    await importFiles(database, [path], options('stop', { onProgress }))
    expect(steps).toContain('reading true')
    expect(await stored('stop')).toHaveLength(300)
  })
})

describe('several at once, and killed ones', () => {
  const child = async (...args: readonly string[]) => {
    const [connection, importing] = ['../database/connection.client.ts', './import.store.ts'].map(
      (one) => new URL(one, import.meta.url).href,
    )
    const script = await file('child.mjs', [
      `import { databaseAt } from '${connection}'`,
      `import { importFiles } from '${importing}'`,
      'const [url, path, feed] = process.argv.slice(2)',
      "const onProgress = ({ step }) => process.stdout.write(step + '\\n')",
      'await importFiles(databaseAt(url, 3), [path], { feed, isSessionOnly: false, onProgress })',
    ])
    return spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  }
  const rows = ['H', 'I', 'J', 'K'].flatMap((symbol) => rowsOf(symbol, 2000))

  test('one file imported twice at the same time is stored once', async () => {
    const path = await file('twice.csv', [HEAD, ...rows])
    const reports = await Promise.all([1, 2].map(() => importFiles(database, [path], options('twice'))))
    expect(reports.map((report) => report.rows.new).sort()).toEqual([0, 8000])
    expect(await stored('twice')).toHaveLength(8000)
  })

  test('a killed import leaves nothing of its file, and the next one stores all of it', async () => {
    const path = await file('killed.csv', [HEAD, ...rows])
    const killed = await child(database.url, path, 'killed')
    const exit = once(killed, 'exit')
    await Promise.race([once(killed.stdout, 'data'), exit])
    killed.kill('SIGKILL')
    expect(await exit).toEqual([null, 'SIGKILL'])
    const left = await stored('killed')
    const report = await importFiles(database, [path], options('killed'))
    expect([0, 8000]).toContain(left.length)
    expect(report.rows.new + left.length).toBe(8000)
    expect(await stored('killed')).toHaveLength(8000)
    const { rows: tables } = await database.pool.query(`select from pg_tables where tablename like 'import_staging_%'`)
    expect(tables).toHaveLength(0)
  })
})
