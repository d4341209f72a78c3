import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Database } from '#database/connection.client.ts'
import { sessionsBetween } from '#domain/calendar.ts'
import type { SessionDate } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { epochMs, instantFrom, type PriceColumn, type SharesColumn, type TimeColumn } from '#domain/units.ts'
import { alignOnClock } from '#features/align.ts'
import { lineUpOf } from '#pairs/screened-symbol.ts'
import { freshDatabase } from '../../test/database.ts'
import { barsBetween, saveBars } from './bars.store.ts'
import { checkCloses } from './check-closes.store.ts'
import { decideQuarantine, quarantineEntries, quarantineEntry } from './quarantine.store.ts'
import { saveSplits } from './splits.store.ts'
import { storedTape } from './tape.store.ts'

let database: Database
beforeAll(async () => {
  database = await freshDatabase()
})
beforeEach(async () => {
  await database.pool.query(
    'truncate spreadworks.quarantine cascade; delete from spreadworks.bars; delete from spreadworks.splits',
  )
})
afterAll(() => database.close())

const SESSIONS = sessionsBetween('2026-03-02' as SessionDate, '2026-03-31' as SessionDate)
const NOW = instantFrom('2026-04-01T12:00:00Z')
const KO = 'KO' as Symbol_
const truth = SESSIONS.map((_, i) => 70 + (i % 5))

async function daily(feed: string, closes: readonly number[], symbol = KO): Promise<void> {
  const rows = SESSIONS.flatMap(({ opensAt }, i) => (Number.isNaN(closes[i]) ? [] : [{ opensAt, close: closes[i] }]))
  const price = Float64Array.from(rows, ({ close }) => close) as Float64Array as PriceColumn
  const openedAt = Float64Array.from(rows, (row) => row.opensAt) as Float64Array as TimeColumn
  const volumeShares = price.map(() => 1000) as Float64Array as SharesColumn
  await saveBars(
    database.pool,
    { symbol, openedAt, open: price, high: price, low: price, close: price, volumeShares },
    { timeframe: '1d', feed },
  )
}
const check = (sessions = SESSIONS, at = NOW) =>
  checkCloses(database.pool, { symbols: [KO, 'PEP' as Symbol_], feeds: ['iex', 'yahoo'], sessions }, at)
const planted = (at: number, factor: number, n = 1) => truth.map((price, i) => (at <= i && i < at + n ? price * factor : price))
const list = async () =>
  (await quarantineEntries(database.pool, { states: ['held', 'accepted', 'rejected', 'withdrawn'], limit: 50 })).map(
    (entry) => entry,
  )
const decision = { by: 'ann', note: 'seen elsewhere', at: NOW }

describe('the check of stored closes', () => {
  test('finds nothing where both feeds agree, and nothing of symbols that neither has', async () => {
    await daily('iex', truth)
    await daily('yahoo', truth)
    expect(await check()).toEqual({ symbols: 1, withBothFeeds: 1, held: 0, renewed: 0, withdrawn: 0 })
  })

  test('holds closes as traded against adjusted ones on one basis', async () => {
    const splitAt = 10
    await saveSplits(database.pool, [{ effectiveOn: SESSIONS[splitAt].date, newPerOld: 4 }], {
      ...{ symbol: KO, source: 'yahoo', receivedAt: NOW },
    })
    await daily('iex', planted(0, 4, splitAt))
    await daily('yahoo', truth)
    expect(await check()).toMatchObject({ withBothFeeds: 1, held: 0 })
  })

  test.each([
    ['a price of 100 times', () => planted(8, 100), 'spike', 8, 8],
    ['a half-applied split', () => planted(4, 1 / 4, 7), 'half-applied-split', 4, 10],
    ['an empty day', () => planted(9, Number.NaN), 'empty-day', 9, 9],
    ['an invented split', () => planted(0, 1 / 3, 9), 'invented-split', 0, 8],
  ])('holds back %s in the feed that has it, with the closes as evidence, once', async (_, closes, rule, first, last) => {
    if (rule === 'half-applied-split')
      await saveSplits(database.pool, [{ effectiveOn: '2026-05-01' as SessionDate, newPerOld: 4 }], {
        symbol: KO,
        source: 'yahoo',
        receivedAt: NOW,
      })
    await daily('iex', rule === 'half-applied-split' ? truth.map((price) => price * 4) : truth)
    await daily('yahoo', closes())
    expect(await check()).toMatchObject({ held: 1 })
    expect(await check()).toMatchObject({ held: 0, renewed: 1, withdrawn: 0 })
    const [entry, ...others] = await list()
    expect(others).toEqual([])
    expect(entry).toMatchObject({ symbol: 'KO', feed: 'yahoo', otherFeed: 'iex', rule, state: 'held' })
    expect([entry?.from, entry?.through]).toEqual([SESSIONS[first]?.date, SESSIONS[last]?.date])
    expect(entry?.days.find(({ date }) => date === SESSIONS[first]?.date)).toMatchObject({ isHeld: true })
  })

  test('takes the last minute for the close where no daily bar is stored, unless the session broke off long before its end', async () => {
    await daily('yahoo', truth)
    const minute = (at: number, price: number) => {
      const close = Float64Array.of(price) as Float64Array as PriceColumn
      const openedAt = Float64Array.of(at) as Float64Array as TimeColumn
      const volumeShares = Float64Array.of(1) as Float64Array as SharesColumn
      const bars = { symbol: KO, openedAt, open: close, high: close, low: close, close, volumeShares }
      return saveBars(database.pool, bars, { timeframe: '1m', feed: 'iex' })
    }
    for (const [i, { closesAt }] of SESSIONS.slice(0, 8).entries()) {
      await minute(closesAt - 120_000, truth[i] * 1.3)
      await minute(closesAt - (i === 5 ? 3_600_000 : 60_000), i === 3 ? 100 * truth[i] : truth[i])
    }
    await database.pool.query('delete from spreadworks.bars where opened_at = $1', [new Date(SESSIONS[5].closesAt - 120_000)])
    await check(SESSIONS.slice(0, 8))
    expect((await list()).map(({ feed, rule, from }) => [feed, rule, from]).sort()).toEqual([
      ['iex', 'empty-day', SESSIONS[5]?.date],
      ['iex', 'spike', SESSIONS[3]?.date],
    ])
  })

  test('goes on with an entry while the window moves and the run grows, whatever was decided', async () => {
    await daily('iex', truth)
    await daily('yahoo', planted(0, 1 / 3, 9))
    await check(SESSIONS.slice(0, 12))
    const [{ id }] = await list()
    await decideQuarantine(database.pool, id, { ...decision, action: 'rejected' })
    expect(await check(SESSIONS.slice(3), epochMs(NOW + 1000))).toMatchObject({ held: 0, renewed: 1 })
    const entry = (await list())[0]
    expect(entry).toMatchObject({ id, state: 'rejected', from: SESSIONS[0]?.date, through: SESSIONS[8]?.date })
  })

  test('withdraws what is no longer found once the feed was corrected, and holds it again when it goes back', async () => {
    await daily('iex', truth)
    await daily('yahoo', planted(8, 100))
    await check()
    await daily('yahoo', truth)
    expect(await check(SESSIONS, epochMs(NOW + 1000))).toMatchObject({ held: 0, withdrawn: 1 })
    const [{ id, state }] = await list()
    expect(state).toBe('withdrawn')
    await expect(decideQuarantine(database.pool, id, { ...decision, action: 'accepted' })).rejects.toThrow(
      expect.objectContaining({ code: 'QUARANTINE_WITHDRAWN' }),
    )
    await daily('yahoo', planted(8, 100))
    expect(await check(SESSIONS, epochMs(NOW + 2000))).toMatchObject({ held: 1 })
    expect((await quarantineEntry(database.pool, id))?.audit.map(({ action }) => action)).toEqual(['held', 'withdrawn', 'held'])
  })

  test('leaves an entry that was accepted as it is when it is no longer found', async () => {
    await daily('iex', truth)
    await daily('yahoo', planted(8, 2))
    await check()
    const [{ id }] = await list()
    await decideQuarantine(database.pool, id, { ...decision, action: 'accepted' })
    await daily('yahoo', truth)
    expect(await check()).toMatchObject({ held: 0, renewed: 0, withdrawn: 0 })
    expect(await list()).toMatchObject([{ id, state: 'accepted' }])
  })

  test('leaves an entry as it is while the other feed is missing and nothing can be said', async () => {
    await daily('iex', planted(8, 1.2))
    await daily('yahoo', truth)
    await check()
    await database.pool.query(`delete from spreadworks.bars where feed = 'yahoo'`)
    expect(await check()).toMatchObject({ withdrawn: 0 })
    expect(await list()).toMatchObject([{ state: 'held', rule: 'spike' }])
  })
})

describe('a decision', () => {
  test('is kept with who made it, when and why, may be changed, and is written once', async () => {
    await daily('iex', truth)
    await daily('yahoo', planted(8, 2))
    await check()
    const [{ id }] = await list()
    await decideQuarantine(database.pool, id, { ...decision, action: 'rejected' })
    await decideQuarantine(database.pool, id, { ...decision, action: 'rejected' })
    await decideQuarantine(database.pool, id, { by: 'bob', note: 'it was right', at: epochMs(NOW + 5), action: 'accepted' })
    expect((await quarantineEntry(database.pool, id))?.audit.slice(1)).toEqual([
      { ...decision, action: 'rejected' },
      { by: 'bob', note: 'it was right', at: NOW + 5, action: 'accepted' },
    ])
    const unknown = expect.objectContaining({ code: 'QUARANTINE_UNKNOWN', exitCode: 2 })
    await expect(decideQuarantine(database.pool, 'none', { ...decision, action: 'accepted' })).rejects.toThrow(unknown)
    expect(await quarantineEntry(database.pool, 'none')).toBeUndefined()
  })

  test('decides what is read: bars that are held back or rejected are not, on any timeframe; accepted ones are', async () => {
    await daily('iex', truth)
    await daily('yahoo', planted(8, 2))
    const [first, last] = [SESSIONS[0], SESSIONS[SESSIONS.length - 1]]
    const { opensAt } = SESSIONS[8]
    const minute = {
      symbol: KO,
      openedAt: Float64Array.of(opensAt),
      close: Float64Array.of(70),
      volumeShares: Float64Array.of(1),
    }
    const bars = { ...minute, open: minute.close, high: minute.close, low: minute.close } as Parameters<typeof saveBars>[1]
    await saveBars(database.pool, bars, { timeframe: '1m', feed: 'yahoo' })
    await saveBars(database.pool, bars, { timeframe: '1m', feed: 'iex' })
    const span = { from: first.opensAt, until: last.closesAt }
    const read = async (feed: string, timeframe: '1d' | '1m') =>
      (await barsBetween(database.pool, [KO], { feed, timeframe, ...span })).get(KO)?.openedAt.includes(opensAt)
    const counts = async () => {
      const tape = await storedTape(database.pool, { feed: 'yahoo', symbols: [KO], ...span })
      const rows = await tape.rowsBetween(span.from, span.until)
      return [
        await read('yahoo', '1d'),
        await read('yahoo', '1m'),
        rows.close.length,
        await read('iex', '1d'),
        await read('iex', '1m'),
      ]
    }
    expect(await counts()).toEqual([true, true, 1, true, true])
    await check()
    expect(await counts()).toEqual([false, false, 0, true, true])
    const [{ id }] = await list()
    await decideQuarantine(database.pool, id, { ...decision, action: 'rejected' })
    expect(await counts()).toEqual([false, false, 0, true, true])
    await decideQuarantine(database.pool, id, { ...decision, action: 'accepted' })
    expect(await counts()).toEqual([true, true, 1, true, true])
  })

  test('keeps a symbol of which too much is held back out of a screen, and no other', async () => {
    const PEP = 'PEP' as Symbol_
    for (const feed of ['iex', 'yahoo']) await daily(feed, truth, PEP)
    await daily('iex', truth)
    await daily('yahoo', planted(4, 1 / 4, 10))
    const first = SESSIONS[0]
    const range = { feed: 'yahoo', timeframe: '1d', from: first.opensAt, until: NOW } as const
    const clock = Float64Array.from(SESSIONS, ({ opensAt }) => opensAt) as Float64Array as TimeColumn
    const complete = async () => {
      const bars = await barsBetween(database.pool, [KO, PEP], range)
      const closes = [...bars.values()].map((of) => alignOnClock(of, clock, { carryBars: 0 }))
      const rules = { completeness: 0.8, outOfSampleFraction: 0.2 }
      return lineUpOf({ symbols: [...bars.keys()], closes }, rules).complete.map(({ symbol }) => symbol)
    }
    expect(await complete()).toEqual(['KO', 'PEP'])
    await check()
    expect(await complete()).toEqual(['PEP'])
  })
})
