import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '#database/connection.client.ts'
import { PAPER } from '#domain/book.ts'
import { sessionsBetween } from '#domain/calendar.ts'
import type { SessionDate } from '#domain/sessions.ts'
import { symbolFrom } from '#domain/symbol.ts'
import { epochMs, MINUTE_MS, type PriceColumn, type SharesColumn, type TimeColumn } from '#domain/units.ts'
import { saveBars } from '#market/bars.store.ts'
import { freshDatabase } from '../../test/database.ts'
import { openBook } from './books.store.ts'
import { exposureFinding } from './exposure.steps.ts'

const [BEFORE, DAY] = sessionsBetween('2018-03-27' as SessionDate, '2018-03-28' as SessionDate)
const [XOM, CVX] = ['XOM', 'CVX'].map((text) => symbolFrom(text)!)
const AT = epochMs(DAY.opensAt + 60 * MINUTE_MS)

let database: Database
beforeAll(async () => {
  database = await freshDatabase()
})
afterAll(() => database.close())

/** Closes that swing alike until the day begins, and opposite from then on. */
async function storeBars(symbol: typeof XOM, sign: number): Promise<void> {
  const openedAt = [BEFORE, DAY].flatMap(({ opensAt }, day) =>
    Array.from({ length: day === 0 ? 390 : 60 }, (_, m) => opensAt + m * MINUTE_MS),
  )
  const close = openedAt.map((at, t) => 100 + (at < DAY.opensAt ? 1 : sign) * Math.sin(t * t))
  const price = (value: (close: number) => number) => Float64Array.from(close, value) as PriceColumn
  const prices = { open: price((one) => one), high: price(() => 102), low: price(() => 98), close: price((one) => one) }
  const volumeShares = Float64Array.from(close, () => 100) as SharesColumn
  await saveBars(
    database.pool,
    { symbol, openedAt: Float64Array.from(openedAt) as TimeColumn, ...prices, volumeShares },
    { timeframe: '1m', feed: 'iex' },
  )
}

test('the held pairs of a book are told with their value and how their correlation moved since their screen', async () => {
  const { pool } = database
  const asked = { book: PAPER, feed: 'iex', at: AT }
  expect(await exposureFinding(pool, asked, { carryBars: 0 })).toMatchObject({ grossUsd: 0, pairs: [] })
  await openBook(pool, PAPER, { feed: 'iex', speed: '1', parameters: {} })
  const held = (pair: string) =>
    pool.query(
      `insert into spreadworks.positions (book, pair, state, direction, y_shares, x_shares, opened_at, realised, entry_signal_id)
     values ('paper', $1, 'open', 'long', 10, -5, $2, 0, 'signal')`,
      [pair, new Date(DAY.opensAt)],
    )
  await held('XOM-CVX')
  await held('XOM-KO')
  expect((await exposureFinding(pool, asked, { carryBars: 0 })).pairs.map(({ sentence }) => sentence)).toEqual([
    'No screen is stored that chose XOM-CVX',
    'No screen is stored that chose XOM-KO',
  ])
  await pool.query(
    `insert into spreadworks.screens (id, book, day, feed, timeframe, from_at, until_at, data_hash, rules, symbols_offered, symbols_complete, tested,
       correlated, cointegrated, shortlisted) values ('s', 'paper', $1, 'iex', '1m', $2, $3, '', '{}', 2, 2, 1, 1, 1, 1)`,
    [DAY.date, new Date(BEFORE.opensAt), new Date(BEFORE.closesAt)],
  )
  await pool.query(
    `insert into spreadworks.screened_pairs (screen_id, pair, y, x, verdict) values ('s', 'XOM-CVX', 'XOM', 'CVX', 'shortlisted')`,
  )
  await storeBars(XOM, 1)
  await storeBars(CVX, -1)
  const {
    pairs: [pair],
    grossUsd,
    netUsd,
  } = await exposureFinding(pool, asked, { carryBars: 0 })
  expect(pair).toMatchObject({ pair: 'XOM-CVX', hasDrifted: true, drift: { kind: 'measured', bars: 60 } })
  expect(pair?.sentence).toMatch(
    /^XOM-CVX: the correlation of its returns is -\d\.\d\d over 60 bars, and was 1\.00 in its screen$/,
  )
  expect(grossUsd).toBeCloseTo(10 * (100 + Math.sin(449 ** 2)) + 5 * (100 - Math.sin(449 ** 2)), 2)
  expect(netUsd).toBeCloseTo(10 * (100 + Math.sin(449 ** 2)) - 5 * (100 - Math.sin(449 ** 2)), 2)
})
