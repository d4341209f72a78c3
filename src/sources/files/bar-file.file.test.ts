import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Timeframe } from '#domain/bars.ts'
import type { BarBatch } from './bar-batch.ts'
import { inspectFile, readBars } from './bar-file.file.ts'
import { readBarsInThread } from './bar-file-pool.worker.ts'

const HEAD = 'symbol,timestamp,open,high,low,close,volume'
let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spreadworks-files-'))
})
afterAll(() => rm(folder, { recursive: true }))

const file = async (name: string, content: string | Buffer) => {
  const path = join(folder, name)
  await writeFile(path, content)
  return path
}
const read = async (path: string, options: { timeframe?: Timeframe; zone?: string; isSessionOnly?: boolean } = {}) => {
  const { timeframe = '1m', zone, isSessionOnly = false } = options
  const batches: BarBatch[] = []
  const onBatch = async (batch: BarBatch) => void batches.push(batch)
  const tally = await readBars(path, { options: { file: path, timeframe, zone, isSessionOnly }, onBatch })
  const symbols = batches.flatMap((batch) => batch.newSymbols)
  const rows = batches.flatMap((b) =>
    Array.from({ length: b.rows }, (_, i) => [
      symbols[b.symbolIndex[i]],
      new Date(b.openedAt[i]).toISOString(),
      b.close[i],
      b.volumeShares[i],
    ]),
  )
  return { tally, rows, rejects: batches.flatMap((batch) => batch.rejects) }
}
const inspect = (path: string, zone?: string) => inspectFile(path, { timeframe: undefined, zone })
const fault = (code: string) => expect.objectContaining({ code, exitCode: 2 })

describe('what a file is', () => {
  const rows = (stamps: readonly string[]) => stamps.map((stamp) => `A,${stamp},1,1,1,1,0`).join('\n')

  test.each([
    ['1m', ['2018-03-28T13:30:00Z', '2018-03-28T13:31:00Z', '2018-03-28T13:34:00Z']],
    ['5m', ['2018-03-28T13:40:00Z', '2018-03-28T13:30:00Z', '2018-03-28T13:35:00Z']],
    ['1h', ['2018-03-28T13:30:00Z', '2018-03-28T14:30:00Z']],
    ['1d', ['2018-03-28', '2018-03-29', '2018-04-02']],
    ['1d', ['2018-03-28']],
  ])('is %s by its stamps', async (timeframe, stamps) => {
    expect(await inspect(await file('frame.csv', `${HEAD}\n${rows(stamps)}`))).toMatchObject({ timeframe })
  })

  test('cannot be told from one instant, from gaps that are no timeframe, or from naive stamps', async () => {
    await expect(inspect(await file('one.csv', `${HEAD}\n${rows(['2018-03-28T13:30:00Z'])}`))).rejects.toThrow(
      fault('IMPORT_TIMEFRAME_UNKNOWN'),
    )
    await expect(inspect(await file('week.csv', `${HEAD}\n${rows(['2018-03-21', '2018-03-28'])}`))).rejects.toThrow(
      fault('IMPORT_TIMEFRAME_UNKNOWN'),
    )
    const naive = await file('naive.csv', `${HEAD}\n${rows(['2018-03-28 09:30', '2018-03-28 09:31'])}`)
    await expect(inspect(naive)).rejects.toThrow(fault('IMPORT_ZONE_MISSING'))
    expect(await inspect(naive, 'America/New_York')).toMatchObject({ timeframe: '1m' })
  })

  test('is read by the names of its columns, in any order and case, and says which it has no use for', async () => {
    const path = await file('named.csv', '\uFEFFVolume,Close,LOW,high,Open,Date,Symbol,adj_close\r\n7,2,1,3,2,2018-03-28,T,2\r\n')
    expect(await inspect(path)).toMatchObject({ timeframe: '1d', header: { kind: 'bars', unused: ['adj_close'] } })
    expect((await read(path, { timeframe: '1d' })).rows).toEqual([['T', '2018-03-28T13:30:00.000Z', 2, 7]])
  })

  test('is symbols when it has symbol, name and sector', async () => {
    expect(await inspect(await file('symbols.csv', 'symbol,name,sector\nT,"AT&T, Inc.",Telecom\n'))).toMatchObject({
      header: { kind: 'symbols' },
    })
  })

  test.each([
    ['IMPORT_COLUMNS_MISSING', 'Date,XLF,XLK\n2018-03-28,1,2\n'],
    ['IMPORT_COLUMNS_REPEATED', `${HEAD},date\n`],
    ['IMPORT_FILE_EMPTY', ''],
    ['IMPORT_GZIP_TRUNCATED', gzipSync(`${HEAD}\n${'A,2018-03-28T13:30:00Z,1,1,1,1,0\n'.repeat(99)}`).subarray(0, 70)],
    ['IMPORT_GZIP_BROKEN', Buffer.concat([gzipSync(HEAD).subarray(0, 12), Buffer.alloc(40, 255)])],
  ])('is refused as %s', async (code, content) => {
    await expect(inspect(await file('bad.csv', content))).rejects.toThrow(fault(code))
  })
})

describe('rows', () => {
  test('of tickers that look like other things stay text', async () => {
    const row = (ticker: string) => `${ticker},2018-03-28T13:30:00Z,1,1,1,1,0`
    const { rows } = await read(
      await file('tickers.csv', [HEAD, ...['T', 'V', 'NA', 'TRUE', '"NAN"', 'BRK.B', 'E1'].map(row)].join('\n')),
    )
    expect(rows.map(([symbol]) => symbol)).toEqual(['T', 'V', 'NA', 'TRUE', 'NAN', 'BRK.B', 'E1'])
  })

  test.each([
    ['price-missing', '2018-03-28T13:30:00Z,NaN,3,1,2,5'],
    ['price-missing', '2018-03-28T13:30:00Z,2,,1,2,5'],
    ['price-unparsable', '2018-03-28T13:30:00Z,2,3,1,two,5'],
    ['price-not-positive', '2018-03-28T13:30:00Z,2,3,0,2,5'],
    ['high-below-low', '2018-03-28T13:30:00Z,2,1,3,2,5'],
    ['open-outside-range', '2018-03-28T13:30:00Z,4,3,1,2,5'],
    ['close-outside-range', '2018-03-28T13:30:00Z,2,3,1,0.5,5'],
    ['volume-missing', '2018-03-28T13:30:00Z,2,3,1,2,'],
    ['volume-unparsable', '2018-03-28T13:30:00Z,2,3,1,2,5k'],
    ['volume-negative', '2018-03-28T13:30:00Z,2,3,1,2,-5'],
    ['stamp-unparsable', '28.03.2018,2,3,1,2,5'],
    ['stamp-without-time', '2018-03-28,2,3,1,2,5'],
    ['stamp-without-zone', '2018-03-28T13:30:00,2,3,1,2,5'],
    ['stamp-off-minute', '2018-03-28T13:30:07Z,2,3,1,2,5'],
    ['outside-calendar', '2006-03-28T14:30:00Z,2,3,1,2,5'],
    ['outside-session', '2018-03-28T13:29:00Z,2,3,1,2,5'],
    ['fields-count', '2018-03-28T13:30:00Z,2,3,1,2'],
    ['fields-broken', '2018-03-28T13:30:00Z,2,3,1,2,"5"0'],
  ])('are kept aside as %s', async (reason, rest) => {
    const good = 'A,2018-03-28T13:30:00Z,2,3,1,2,5'
    const { rows, rejects } = await read(await file('rule.csv', `${HEAD}\nB,${rest}\n${good}\n`), { isSessionOnly: true })
    expect(rejects).toEqual([{ line: 2, reason, text: `B,${rest}` }])
    expect(rows).toEqual([['A', '2018-03-28T13:30:00.000Z', 2, 5]])
  })

  test('a daily date on which the exchange was shut is no bar', async () => {
    const path = await file('shut.csv', `${HEAD}\nA,2018-03-30,2,3,1,2,5\na,2018-03-29,2,3,1,2,5\n`)
    const { rejects } = await read(path, { timeframe: '1d' })
    expect(rejects.map(({ reason }) => reason)).toEqual(['no-session', 'symbol-form'])
  })

  test('a thread reads what the reader reads, and tells its faults', async () => {
    const lines = Array.from(
      { length: 40_000 },
      (_, i) => `S${i % 7},${new Date(1_522_243_800_000 + i * 60_000).toISOString()},2,3,1,2,${i}`,
    )
    const path = await file('thread.csv.gz', gzipSync(`${HEAD}\n${lines.join('\n')}\n`, { level: 1 }))
    const options = { file: path, timeframe: '1m' as const, zone: undefined, isSessionOnly: false }
    const reading = readBarsInThread(path, options)
    let volume = 0
    let next = await reading.next()
    for (; next.done !== true; next = await reading.next()) {
      volume += next.value.batch.volumeShares.subarray(0, next.value.batch.rows).reduce((sum, v) => sum + v, 0)
    }
    expect(volume).toBe((40_000 * 39_999) / 2)
    expect(next.value).toEqual((await read(path)).tally)
    const empty = readBarsInThread(await file('none.csv', ''), options)
    await expect(empty.next()).rejects.toThrow(fault('IMPORT_FILE_EMPTY'))
  })
})

const RECORDED = join(import.meta.dirname, '../../../../shared/data/daily/sp500_daily.csv.gz')

test.skipIf(!existsSync(RECORDED))(
  'the defects of the recorded daily bars are found (skipped without ../shared/data)',
  async () => {
    const { rejects, tally } = await read(RECORDED, { timeframe: '1d' })
    expect(tally.rows + rejects.length).toBe(373_112)
    expect(rejects.map(({ reason, text }) => `${reason} ${text.slice(0, text.indexOf(',', 8)).replace(',', ' ')}`)).toEqual([
      'high-below-low AOS 2014-05-19',
      'open-outside-range CHD 2014-05-19',
      'price-missing ES 2015-07-17',
      'close-outside-range LNT 2016-05-19',
      'price-missing VRTX 2015-05-12',
    ])
  },
)
