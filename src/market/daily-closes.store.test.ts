import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '#database/connection.client.ts'
import { tableOfRows } from '#domain/bar-table.ts'
import { sessionsBetween } from '#domain/calendar.ts'
import type { SessionDate } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { MINUTE_MS, type PriceColumn, type SharesColumn, type TimeColumn } from '#domain/units.ts'
import { freshDatabase } from '../../test/database.ts'
import { saveBarTable } from './bar-table.store.ts'
import { saveBars } from './bars.store.ts'
import { dailyClosesOf } from './daily-closes.store.ts'

let database: Database
beforeAll(async () => {
  database = await freshDatabase()
})
afterAll(() => database.close())

const SESSIONS = sessionsBetween('2018-07-02' as SessionDate, '2018-07-06' as SessionDate)
const [KO, PEP] = ['KO', 'PEP'] as Symbol_[]

async function save(timeframe: '1m' | '1d', bars: readonly (readonly [openedAt: number, close: number])[], feed = 'iex') {
  const openedAt = Float64Array.from(bars, ([at]) => at) as TimeColumn
  const close = Float64Array.from(bars, ([, price]) => price) as PriceColumn
  const volumeShares = Float64Array.from(bars, () => 100) as SharesColumn
  const columns = { symbol: KO, openedAt, open: close, high: close, low: close, close, volumeShares }
  await saveBars(database.pool, columns, { timeframe, feed })
}

test('a session closes at its daily bar where one is stored, whatever its last minute says, and else at that minute', async () => {
  // The second is a half day: its last minute is the one before 13:00.
  await save(
    '1m',
    SESSIONS.map(({ closesAt }, i) => [closesAt - MINUTE_MS, 10 + i]),
  )
  await save('1d', [
    [SESSIONS[0].opensAt, 70],
    [SESSIONS[3].opensAt, 73],
  ])
  await save('1d', [[SESSIONS[1].opensAt, 99]], 'yahoo')
  const closes = await dailyClosesOf(database.pool, [KO, PEP], { feed: 'iex', sessions: SESSIONS })
  expect([...(closes.get(KO) ?? [])]).toEqual([70, 11, 12, 73])
  expect([...(closes.get(PEP) ?? [])]).toEqual([Number.NaN, Number.NaN, Number.NaN, Number.NaN])
})

test('bars of a feed are of one adjustment, by whichever way they come in, and others are refused', async () => {
  const { pool } = database
  await save('1m', [[SESSIONS[2].opensAt, 12]], 'yahoo')
  const table = tableOfRows([
    { symbol: PEP, openedAt: SESSIONS[2].opensAt, open: 9, high: 9, low: 9, close: 9, volumeShares: 1, vwap: 9, trades: 1 },
  ])
  for (const feed of ['yahoo', 'sip'])
    await saveBarTable(pool, table, {
      ...{ feed, timeframe: '1m', receivedAt: SESSIONS[2].closesAt, stored: 'replace', overlap: 'likely' },
    })
  const { rows } = await pool.query(`select feed, adjustment from spreadworks.bars group by feed, adjustment order by feed`)
  expect(rows).toEqual([
    { feed: 'iex', adjustment: 'raw' },
    { feed: 'sip', adjustment: 'raw' },
    { feed: 'yahoo', adjustment: 'split' },
  ])
  const readjusted = (feed: string, adjustment: string) =>
    pool.query(`update spreadworks.bars set adjustment = $2 where feed = $1`, [feed, adjustment])
  await expect(readjusted('iex', 'split')).rejects.toThrow('adjustment_is_of_the_feed')
  await expect(readjusted('yahoo', 'raw')).rejects.toThrow('adjustment_is_of_the_feed')
})
