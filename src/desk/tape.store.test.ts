import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '#database/connection.client.ts'
import { epochMs, instantFrom, MINUTE_MS } from '#domain/units.ts'
import { DEMO_BOOK, seedDemoBook } from '../../test/browser/demo-book.ts'
import { freshDatabase } from '../../test/database.ts'
import type { BarCount } from './bar-count.ts'
import { bookNamed } from './books.store.ts'
import { tapeOf } from './tape.store.ts'
import type { BookView, TapeRow, TapeView } from './views.ts'

const SYMBOLS = 10
const OPEN = instantFrom('2018-03-28T13:30:00Z')

let database: Database
let book: BookView

beforeAll(async () => {
  database = await freshDatabase()
  await seedDemoBook(database.pool)
  const found = await bookNamed(database.pool, DEMO_BOOK)
  if (found === undefined) throw new Error('the demonstration has its book')
  book = found
})

afterAll(() => database.close())

async function marketAfter(minutes: number, counted?: BarCount): Promise<{ tape: TapeView; counted: BarCount }> {
  const market = await tapeOf(database.pool, { book, at: epochMs(OPEN + minutes * MINUTE_MS), counted })
  if (market === undefined) throw new Error('the book has begun')
  return market
}

async function tapeAfter(minutes: number): Promise<TapeView> {
  return (await marketAfter(minutes)).tape
}

async function closesOf(symbol: string): Promise<number[]> {
  const { rows } = await database.pool.query<{ close: number }>(
    `select close from spreadworks.bars where symbol = $1 and feed = 'import' order by opened_at`,
    [symbol],
  )
  return rows.map((row) => row.close)
}

test('a bar is on the tape once it has closed, not before', async () => {
  const closes = await closesOf('XOM')
  const rowAfter = async (minutes: number): Promise<TapeRow | undefined> =>
    (await tapeAfter(minutes)).rows.find((row) => row.symbol === 'XOM')
  expect(await rowAfter(0.9)).toBeUndefined()
  expect((await rowAfter(1))?.last).toBe(closes[0])
  expect((await rowAfter(1.9))?.last).toBe(closes[0])
  expect((await rowAfter(2))?.last).toBe(closes[1])
})

test('the last hour has a price for every minute, and none for those before the open', async () => {
  const closes = await closesOf('XOM')
  const early = (await tapeAfter(2)).rows.find((row) => row.symbol === 'XOM')
  expect(early?.closes).toEqual([...Array(58).fill(null), ...closes.slice(0, 2)])
  const late = (await tapeAfter(100)).rows.find((row) => row.symbol === 'XOM')
  expect(late).toMatchObject({ closes: closes.slice(40, 100), lastOpenedAt: OPEN + 99 * MINUTE_MS })
})

test('held symbols come first, then the widest moves', async () => {
  const { rows } = await tapeAfter(300)
  const held = rows.filter((row) => row.isHeld)
  expect(rows.slice(0, 6)).toEqual(held)
  expect(held.map((row) => row.symbol).sort()).toEqual(['COP', 'CVX', 'EOG', 'HAL', 'SLB', 'XOM'])
  const moves = rows.slice(6).map((row) => Math.abs(row.change))
  expect(moves).toEqual([...moves].sort((a, b) => b - a))
})

test('bars counted on from an earlier count are those counted from the open, whatever the second', async () => {
  expect((await tapeAfter(0)).bars).toBe(0)
  for (const minutes of [20, 20.5, 21]) {
    const { tape, counted } = await marketAfter(minutes)
    expect([tape.bars, counted.bars]).toEqual([Math.floor(minutes) * SYMBOLS, Math.floor(minutes - 10) * SYMBOLS])
    expect((await marketAfter(40, counted)).tape.bars).toBe(40 * SYMBOLS)
  }
})

test('a bar that was stored some minutes late is counted', async () => {
  const taken = `delete from spreadworks.bars where symbol = 'APC' and opened_at = '2018-03-28T13:44:00Z' returning *`
  const { rows } = await database.pool.query<object>(taken)
  const { counted } = await marketAfter(20)
  await database.pool.query('insert into spreadworks.bars select * from jsonb_populate_recordset(null::spreadworks.bars, $1)', [
    JSON.stringify(rows),
  ])
  expect((await marketAfter(21, counted)).tape.bars).toBe(21 * SYMBOLS)
})

test('there is no tape of a book whose clock has not begun', async () => {
  const asked = { book: { ...book, shownAt: null }, at: epochMs(Date.now()), counted: undefined }
  expect(await tapeOf(database.pool, asked)).toBeUndefined()
})
