import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '#database/connection.client.ts'
import type { BarColumns, BarRange } from '#domain/bars.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { epochMs, instantFrom, type PriceColumn, type SharesColumn, type TimeColumn } from '#domain/units.ts'
import { freshDatabase } from '../../test/database.ts'
import { barsBetween, saveBars, sessionsStored, storedFeeds, symbolsStored } from './bars.store.ts'
import { saveSymbols, sectors, symbolsOfSector } from './symbols.store.ts'
import { storedTape } from './tape.store.ts'

let database: Database
beforeAll(async () => {
  database = await freshDatabase()
})
afterAll(() => database.close())

const OPEN = instantFrom('2018-03-28T13:30:00Z')
const symbol = (text: string) => text as Symbol_
const minuteBars = (ticker: string, closes: readonly number[], from: number = OPEN): BarColumns => {
  const column = (value: (close: number, i: number) => number) => Float64Array.from(closes, value)
  return {
    symbol: symbol(ticker),
    openedAt: column((_, i) => from + i * 60_000) as Float64Array as TimeColumn,
    open: column((close) => close) as Float64Array as PriceColumn,
    high: column((close) => close + 0.1) as Float64Array as PriceColumn,
    low: column((close) => close - 0.1) as Float64Array as PriceColumn,
    close: column((close) => close) as Float64Array as PriceColumn,
    volumeShares: column((_, i) => 100 * i) as Float64Array as SharesColumn,
  }
}
const range = (feed: string): BarRange => ({ feed, timeframe: '1m', from: OPEN, until: epochMs(OPEN + 86_400_000) })
const into = (feed: string, receivedAt = OPEN) => ({ feed, timeframe: '1m' as const, receivedAt })

describe('saving bars', () => {
  test('gives back the very numbers, and again changes nothing', async () => {
    const bars = minuteBars('XOM', [73.88, 1 / 3, 1e-7 + 1])
    expect(await saveBars(database.pool, bars, into('a'))).toEqual({ new: 3, revised: 0 })
    expect(await saveBars(database.pool, bars, into('a'))).toEqual({ new: 0, revised: 0 })
    const stored = await barsBetween(database.pool, [symbol('CVX'), symbol('XOM')], range('a'))
    expect(stored.get(symbol('XOM'))).toEqual(bars)
    expect(stored.get(symbol('CVX'))?.openedAt).toHaveLength(0)
  })

  test('replaces corrected ones and keeps what was known, with when it was', async () => {
    await saveBars(database.pool, minuteBars('KO', [43, 44]), into('a'))
    const corrected = { ...minuteBars('KO', [43, 44.05, 45]) }
    expect(await saveBars(database.pool, corrected, into('a', epochMs(OPEN + 5000)))).toEqual({ new: 1, revised: 1 })
    const { rows } = await database.pool.query(`select close, received_at from spreadworks.bar_revisions where symbol = 'KO'`)
    expect(rows).toEqual([{ close: 44, received_at: new Date(OPEN) }])
    const stored = await barsBetween(database.pool, [symbol('KO')], range('a'))
    expect([...(stored.get(symbol('KO'))?.close ?? [])]).toEqual([43, 44.05, 45])
  })

  test('refuses a bar that breaks a rule, and stores none of its company', async () => {
    await expect(saveBars(database.pool, minuteBars('BAD', [10, -1]), into('a'))).rejects.toThrow(/check/)
    expect(await saveBars(database.pool, minuteBars('BAD', []), into('a'))).toEqual({ new: 0, revised: 0 })
    expect((await barsBetween(database.pool, [symbol('BAD')], range('a'))).get(symbol('BAD'))?.close).toHaveLength(0)
  })
})

test('a range holds its beginning and not its end, and one feed alone', async () => {
  await saveBars(database.pool, minuteBars('V', [1, 2, 3, 4]), into('b'))
  await saveBars(database.pool, minuteBars('V', [9, 9, 9, 9]), into('c'))
  const asked = { ...range('b'), from: epochMs(OPEN + 60_000), until: epochMs(OPEN + 180_000) }
  expect([...((await barsBetween(database.pool, [symbol('V')], asked)).get(symbol('V'))?.close ?? [])]).toEqual([2, 3])
  expect(await symbolsStored(database.pool, asked)).toEqual([{ symbol: 'V', bars: 2 }])
})

test('sessions and feeds are those that hold a bar in trading hours', async () => {
  const before = instantFrom('2018-03-27T12:00:00Z')
  await saveBars(database.pool, minuteBars('T', [1, 2], before), into('d'))
  await saveBars(database.pool, minuteBars('T', [1], instantFrom('2018-12-24T17:59:00Z')), into('d'))
  await saveBars(database.pool, minuteBars('T', [1]), into('d'))
  const sessions = await sessionsStored(database.pool, { feed: 'd', timeframe: '1m' })
  expect(sessions.map(({ date, isHalfDay }) => [date, isHalfDay])).toEqual([
    ['2018-03-28', false],
    ['2018-12-24', true],
  ])
  expect((await storedFeeds(database.pool)).find(({ feed }) => feed === 'd')).toEqual({ feed: 'd', timeframe: '1m', bars: 4 })
})

test('a tape tells stored bars by time, then symbol, and nothing outside its span', async () => {
  await saveBars(database.pool, minuteBars('PEP', [100, 101, 102]), into('e'))
  await saveBars(database.pool, minuteBars('KO', [43, 44], OPEN + 60_000), into('e'))
  await saveSymbols(database.pool, [{ symbol: symbol('KO'), name: 'Coca-Cola', sector: 'Consumer Staples' }])
  const span = { from: OPEN, until: epochMs(OPEN + 120_000) }
  const tape = await storedTape(database.pool, { feed: 'e', symbols: [symbol('PEP'), symbol('KO'), symbol('KO')], ...span })
  expect(tape.listings.map(({ symbol: ticker, name }) => [ticker, name])).toEqual([
    ['KO', 'Coca-Cola'],
    ['PEP', 'PEP'],
  ])
  const rows = await tape.rowsBetween(epochMs(0), epochMs(OPEN + 86_400_000))
  expect([[...rows.openedAt].map((at) => (at - OPEN) / 60_000), [...rows.symbolIndex], [...rows.close]]).toEqual([
    [0, 1, 1],
    [1, 0, 1],
    [100, 43, 101],
  ])
  expect((await tape.rowsBetween(epochMs(0), OPEN)).close).toHaveLength(0)
})

test('symbols are added, corrected and found by their sector', async () => {
  const shell = { symbol: symbol('RDS.A'), name: 'Shell', sector: 'Energy' }
  expect(await saveSymbols(database.pool, [shell, { ...shell, symbol: symbol('BP') }])).toBe(2)
  expect(await saveSymbols(database.pool, [shell])).toBe(0)
  expect(await saveSymbols(database.pool, [{ ...shell, name: 'Royal Dutch Shell', sector: undefined }])).toBe(1)
  expect(await symbolsOfSector(database.pool, 'energy')).toEqual(['BP', 'RDS.A'])
  expect((await sectors(database.pool)).find(({ sector }) => sector === 'Energy')).toEqual({ sector: 'Energy', symbols: 2 })
})
