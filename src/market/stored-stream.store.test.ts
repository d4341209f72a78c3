import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import type { Bar } from '#domain/bars.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { epochMs, MINUTE_MS, type PriceColumn, type SharesColumn, type TimeColumn } from '#domain/units.ts'
import { virtualTimer } from '#sources/alpaca/virtual-timer.client.ts'
import { freshDatabase } from '../../test/database.ts'
import { DAY, minute } from '../../test/exchange.ts'
import { saveBars } from './bars.store.ts'
import { storedStream } from './stored-stream.store.ts'

const database = await freshDatabase()
const { pool } = database
afterAll(() => database.close())
beforeEach(() =>
  pool.query('truncate spreadworks.bars, spreadworks.bar_revisions, spreadworks.quarantine_audit, spreadworks.quarantine'),
)

const [CVX, XOM] = ['CVX', 'XOM'] as Symbol_[]

async function store(symbol: Symbol_ | undefined, minutes: readonly number[], close: number, feed = 'iex'): Promise<void> {
  if (symbol === undefined) throw new Error('there are two symbols')
  const prices = Float64Array.from(minutes, () => close) as PriceColumn
  await saveBars(
    pool,
    {
      ...{
        symbol,
        openedAt: Float64Array.from(minutes, minute) as TimeColumn,
        open: prices,
        high: prices,
        low: prices,
        close: prices,
      },
      volumeShares: prices as Float64Array as SharesColumn,
    },
    { feed, timeframe: '1m' },
  )
}

/** A stream of both symbols from the open; `heard` is what it brought since it was last asked, as `minute symbol close`. */
async function listening(waitMs = 1000) {
  const timer = virtualTimer(DAY.opensAt)
  const ending = new AbortController()
  const stream = storedStream({ sql: pool, feed: 'iex', timer, from: DAY.opensAt, waitMs, signal: ending.signal })
  const bars: Bar[] = []
  await stream.subscribe([CVX, XOM] as Symbol_[], (some) => bars.push(...some))
  const heard = () =>
    bars.splice(0).map(({ symbol, openedAt, close }) => `${(openedAt - DAY.opensAt) / MINUTE_MS} ${symbol} ${close}`)
  return { timer, stream, ending, heard }
}

describe('a stream of stored bars', () => {
  test('brings what was stored, once, without waiting when every symbol has the last minute', async () => {
    const { stream, heard } = await listening()
    await store(CVX, [0, 1], 10)
    await store(XOM, [1], 20)
    await store(XOM, [1], 99, 'sip')
    await stream.bring(minute(2))
    expect(heard()).toEqual(['0 CVX 10', '1 CVX 10', '1 XOM 20'])
    await stream.bring(minute(2))
    expect(heard()).toEqual([])
  })

  test('waits for a bar of the last minute, and no longer than the limit for one that does not come', async () => {
    const { timer, stream, heard } = await listening()
    await timer.advance(MINUTE_MS)
    await store(CVX, [0], 10)
    const late = stream.bring(minute(1))
    await store(XOM, [0], 20)
    await timer.through(late)
    expect(heard()).toEqual(['0 CVX 10', '0 XOM 20'])
    await store(CVX, [1], 11)
    await timer.advance(minute(2) - timer.now())
    await timer.through(stream.bring(minute(2)))
    expect([heard(), timer.now() - minute(2)]).toEqual([['1 CVX 11'], 1000])
  })

  test('brings what came late and what was corrected, of the last 20 minutes', async () => {
    const { timer, stream, heard } = await listening(0)
    await timer.advance(22 * MINUTE_MS)
    await store(CVX, [0, 5], 10)
    await stream.bring(minute(10))
    heard()
    await store(CVX, [0, 5], 11)
    await store(XOM, [7], 20)
    await stream.bring(minute(22))
    expect(heard()).toEqual(['5 CVX 11', '7 XOM 20'])
  })

  test('never brings a bar that is held in quarantine, and waits for none of it', async () => {
    const { timer, stream, heard } = await listening()
    await store(CVX, [0], 10)
    await store(XOM, [0], 20)
    await pool.query(
      `insert into spreadworks.quarantine (id, symbol, feed, other_feed, rule, first_day, last_day, from_at, until_at, evidence, state, found_at, changed_at)
       values ('q', 'XOM', 'iex', 'iex', 'spike', $1, $1, $2, $3, '{}', 'held', now(), now())`,
      [DAY.date, new Date(minute(0)), new Date(minute(1))],
    )
    await timer.advance(MINUTE_MS)
    await stream.bring(minute(1))
    expect([heard(), timer.now()]).toEqual([['0 CVX 10'], minute(1)])
  })

  test('ends its wait when it is told to', async () => {
    const { timer, stream, ending, heard } = await listening(MINUTE_MS)
    await timer.advance(MINUTE_MS)
    const waiting = stream.bring(minute(1))
    ending.abort()
    await waiting
    expect([heard(), timer.now()]).toEqual([[], epochMs(minute(1))])
  })
})
