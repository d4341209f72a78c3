import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '#database/connection.client.ts'
import { type TableRow, tableOfRows } from '#domain/bar-table.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { epochMs, instantFrom } from '#domain/units.ts'
import { freshDatabase } from '../../test/database.ts'
import { type SaveTerms, saveBarTable } from './bar-table.store.ts'
import { sessionsStored, storedFeeds } from './bars.store.ts'

let database: Database
beforeAll(async () => {
  database = await freshDatabase()
})
afterAll(() => database.close())

const OPEN = instantFrom('2018-03-28T13:30:00Z')
const row = (symbol: string, minute: number, close: number): TableRow => ({
  symbol: symbol as Symbol_,
  openedAt: OPEN + minute * 60_000,
  open: close,
  high: close + 1,
  low: close / 2,
  close,
  volumeShares: 100 * Math.abs(minute),
  vwap: minute === 0 ? Number.NaN : close + 0.25,
  trades: minute === 0 ? Number.NaN : 7,
})
const into = (feed: string, terms: Partial<SaveTerms> = {}): SaveTerms => ({
  ...{ feed, timeframe: '1m', receivedAt: OPEN, stored: 'keep', overlap: 'unlikely' },
  ...terms,
})
const save = (rows: readonly TableRow[], terms: SaveTerms) => saveBarTable(database.pool, tableOfRows(rows), terms)
const stored = async (feed: string) => {
  const { rows } = await database.pool.query(
    `select symbol, ((extract(epoch from opened_at) * 1000 - $2) / 60000)::int as minute, close, volume, vwap, trades, received_at
     from spreadworks.bars where feed = $1 order by symbol, opened_at`,
    [feed, OPEN],
  )
  return rows
}
const closes = async (feed: string) => (await stored(feed)).map((bar) => [bar.symbol, bar.minute, bar.close])

describe('saving a table of bars', () => {
  test('keeps every number, and null where vwap and trades are not told', async () => {
    expect(await save([row('XOM', 0, 73.88), row('BRK.B', 1, 1 / 3)], into('a'))).toEqual({ new: 2, revised: 0 })
    expect(await stored('a')).toEqual([
      { symbol: 'BRK.B', minute: 1, close: 1 / 3, volume: 100, vwap: 1 / 3 + 0.25, trades: 7, received_at: new Date(OPEN) },
      { symbol: 'XOM', minute: 0, close: 73.88, volume: 0, vwap: null, trades: null, received_at: new Date(OPEN) },
    ])
  })

  test.each(['unlikely', 'likely'] as const)('again changes nothing, when overlap is thought %s', async (overlap) => {
    const rows = [row('KO', 0, 43), row('KO', 1, 44)]
    const terms = into(`again ${overlap}`, { overlap })
    expect(await save(rows, terms)).toEqual({ new: 2, revised: 0 })
    expect(await save([...rows, row('KO', 2, 45)], terms)).toEqual({ new: 1, revised: 0 })
    expect(await save(rows, { ...terms, stored: 'replace' })).toEqual({ new: 0, revised: 0 })
  })

  test("a stream's first word never undoes a correction; a correction replaces it, and the revision tells what was known", async () => {
    await save([row('KO', 0, 43)], into('b'))
    const corrected = into('b', { stored: 'replace', receivedAt: epochMs(OPEN + 90_000) })
    expect(await save([row('KO', 0, 43.05)], corrected)).toEqual({ new: 0, revised: 1 })
    expect(await save([row('KO', 0, 43)], into('b', { receivedAt: epochMs(OPEN + 99_000) }))).toEqual({ new: 0, revised: 0 })
    expect(await closes('b')).toEqual([['KO', 0, 43.05]])
    const { rows } = await database.pool.query(`select close, received_at from spreadworks.bar_revisions where feed = 'b'`)
    expect(rows).toEqual([{ close: 43, received_at: new Date(OPEN) }])
  })

  test('what became known earlier does not replace what became known later', async () => {
    await save([row('KO', 0, 43)], into('c', { receivedAt: epochMs(OPEN + 90_000) }))
    expect(await save([row('KO', 0, 42)], into('c', { stored: 'replace' }))).toEqual({ new: 0, revised: 0 })
    expect(await closes('c')).toEqual([['KO', 0, 43]])
  })

  test('of two bars of one key in one table the last counts', async () => {
    expect(await save([row('KO', 0, 43), row('KO', 0, 44)], into('d'))).toEqual({ new: 1, revised: 0 })
    expect(await closes('d')).toEqual([['KO', 0, 44]])
  })

  test('refuses a table with a bar that breaks a rule, and stores none of it', async () => {
    await expect(save([row('KO', 0, 43), row('KO', 1, -1)], into('e'))).rejects.toThrow(/check/)
    await expect(save([row('KO', 0, 43), row('KO', 1, -1)], into('e', { overlap: 'likely' }))).rejects.toThrow(/check/)
    expect(await closes('e')).toEqual([])
    expect(await save([], into('e'))).toEqual({ new: 0, revised: 0 })
  })

  test('from two writers at once stores every bar once', async () => {
    const rows = Array.from({ length: 200 }, (_, i) => row(`S${i}`, 0, 10))
    const saved = await Promise.all([save(rows, into('f')), save(rows, into('f')), save(rows, into('f', { overlap: 'likely' }))])
    expect(saved.reduce((sum, one) => sum + one.new, 0)).toBe(200)
    expect(await closes('f')).toHaveLength(200)
  })
})

describe('the counts of stored bars', () => {
  const counted = async (feed: string) => (await storedFeeds(database.pool)).find((one) => one.feed === feed)?.bars

  test('follow every way of writing: copied, merged, inserted, deleted', async () => {
    await save([row('KO', 0, 43), row('KO', 1, 44)], into('g'))
    await save([row('KO', 1, 44), row('KO', 2, 45)], into('g'))
    expect(await counted('g')).toBe(3)
    await database.pool.query(
      `insert into spreadworks.bars select 'PEP', timeframe, opened_at, feed, open, high, low, close, volume from spreadworks.bars where feed = 'g'`,
    )
    expect(await counted('g')).toBe(6)
    await database.pool.query(`delete from spreadworks.bars where feed = 'g' and symbol = 'KO'`)
    expect(await counted('g')).toBe(3)
    await database.pool.query(`delete from spreadworks.bars where feed = 'g'`)
    expect(await counted('g')).toBeUndefined()
  })

  test("tell the sessions that are left when a day's bars in trading hours are gone", async () => {
    await save([row('KO', -60, 43), row('KO', 0, 44), row('KO', 1440, 44)], into('h'))
    const dates = async () => (await sessionsStored(database.pool, { feed: 'h', timeframe: '1m' })).map(({ date }) => date)
    expect(await dates()).toEqual(['2018-03-28', '2018-03-29'])
    await database.pool.query(`delete from spreadworks.bars where feed = 'h' and opened_at = $1`, [new Date(OPEN)])
    expect(await dates()).toEqual(['2018-03-29'])
  })
})
