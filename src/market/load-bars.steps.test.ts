import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Database } from '#database/connection.client.ts'
import { tableOfRows } from '#domain/bar-table.ts'
import { sessionOn } from '#domain/calendar.ts'
import { ok, refuse } from '#domain/outcome.ts'
import type { Session, SessionDate } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { type EpochMs, epochMs, MINUTE_MS } from '#domain/units.ts'
import type { BarsCursor } from '#sources/alpaca/history.ts'
import { virtualTimer } from '#sources/alpaca/virtual-timer.client.ts'
import { freshDatabase } from '../../test/database.ts'
import { symbolLedgers } from './ledger-views.store.ts'
import { type HistorySource, loadBars, loadPage, minutesQuestion } from './load-bars.steps.ts'
import { repairSession } from './repair.steps.ts'

let database: Database
beforeAll(async () => {
  database = await freshDatabase()
})
afterAll(() => database.close())
beforeEach(async () => {
  await database.pool.query('truncate spreadworks.bars, spreadworks.bar_ledger')
})

const DAY = '2018-03-28' as SessionDate
const session = sessionOn(DAY) as Session
const [KO, PEP] = ['KO', 'PEP'] as Symbol_[]
const at = (minute: number): EpochMs => epochMs(session.opensAt + minute * MINUTE_MS)
const question = minutesQuestion([KO, PEP], at(0), at(6))

type Minutes = Readonly<Record<string, readonly number[]>>

/** A source that has bars of these minutes and tells `pageSize` of them at a time. */
function sourceOf(feed: string, minutes: () => Minutes, pageSize = 3): HistorySource & { asked: number } {
  const source = {
    feed,
    asked: 0,
    page: async ({ symbols, from, until }: typeof question, cursor: BarsCursor | undefined) => {
      source.asked++
      const bar = { open: 1, high: 2, low: 1, close: 1, volumeShares: 1, vwap: 1, trades: 1 }
      const all = Object.entries(minutes()).flatMap(([symbol, of]) =>
        of.map((minute) => ({ symbol: symbol as Symbol_, openedAt: at(minute), ...bar })),
      )
      const asked = all.filter((one) => symbols.includes(one.symbol) && from <= one.openedAt && one.openedAt < until)
      const first = Number(cursor?.pageToken ?? 0)
      const rows = asked.slice(first, first + pageSize)
      const next =
        first + pageSize < asked.length ? { pageToken: String(first + pageSize), since: undefined, symbol: KO } : undefined
      return ok({ table: tableOfRows(rows), next })
    },
  }
  return source
}
const away = (feed: string): HistorySource => ({ feed, page: async () => refuse({ kind: 'unreachable', cause: 'no network' }) })
const through = (source: HistorySource, now = session.closesAt) => ({ pool: database.pool, source, timer: virtualTimer(now) })
const counts = async (feed: string) => {
  const rows = await symbolLedgers(database.pool, { feed, from: DAY, through: DAY, symbols: undefined })
  return rows.map(({ symbol, due, present, repaired, noTrade, missing }) => [symbol, due, present, repaired, noTrade, missing])
}
const MINUTES: Minutes = { KO: [0, 1, 2, 5], PEP: [1, 3] }
const load = { question, caller: 'test', purpose: 'history' as const }

describe('loading recorded bars', () => {
  test('stores every page, and says of each minute that it was there or had no trade', async () => {
    expect(await loadBars(through(sourceOf('a', () => MINUTES)), load)).toEqual(ok({ new: 6, revised: 0 }))
    expect(await counts('a')).toEqual([
      ['KO', 6, 4, 0, 2, 0],
      ['PEP', 6, 2, 0, 4, 0],
    ])
  })

  test('goes on from a cursor in another process; a page done twice changes nothing', async () => {
    const dependencies = through(sourceOf('b', () => MINUTES))
    const first = await loadPage(dependencies, load, undefined)
    if (!first.ok) throw new Error(first.why.kind)
    expect(first.value).toMatchObject({ new: 3, next: { pageToken: '3' } })
    expect((await counts('b'))[0]).toEqual(['KO', 6, 3, 0, 0, 3])
    expect(await loadPage(dependencies, load, undefined)).toMatchObject({ value: { new: 0, revised: 0 } })
    const kept: BarsCursor = JSON.parse(JSON.stringify(first.value.next))
    expect(await loadPage(dependencies, load, kept)).toEqual(ok({ new: 3, revised: 0, bars: 3, next: undefined }))
    expect((await counts('b'))[0]).toEqual(['KO', 6, 4, 0, 2, 0])
  })

  test('does not say that nothing traded in a minute that closed just now', async () => {
    await loadBars(
      through(
        sourceOf('c', () => ({ KO: [0], PEP: [1] })),
        epochMs(at(6) + 10_000),
      ),
      load,
    )
    expect(await counts('c')).toEqual([
      ['KO', 5, 1, 0, 4, 0],
      ['PEP', 5, 1, 0, 4, 0],
    ])
  })

  test('says of no minute that nothing traded when the source has a silence that says nothing', async () => {
    await loadBars(through({ ...sourceOf('g', () => MINUTES), silence: 'unknown' }), load)
    expect(await counts('g')).toEqual([
      ['KO', 6, 4, 0, 0, 2],
      ['PEP', 6, 2, 0, 0, 4],
    ])
  })

  test('says nothing of a symbol, or of a session, of which the source has no bar at all', async () => {
    const days = minutesQuestion([KO, PEP], at(0), epochMs(at(6) + 86_400_000))
    const minutes = { KO: [0, 1, 2, 5] }
    await loadBars(
      through(
        sourceOf('h', () => minutes),
        epochMs(session.closesAt + 2 * 86_400_000),
      ),
      { ...load, question: days },
    )
    expect(await counts('h')).toEqual([['KO', 390, 4, 0, 386, 0]])
    const rows = await symbolLedgers(database.pool, {
      feed: 'h',
      from: DAY,
      through: '2018-03-29' as SessionDate,
      symbols: undefined,
    })
    expect(rows.map(({ symbol, day }) => `${symbol} ${day}`)).toEqual([`KO ${DAY}`])
  })

  test('keeps what was stored when the source stops answering', async () => {
    const source = sourceOf('d', () => MINUTES)
    const stopping: HistorySource = {
      ...source,
      page: async (...asked) => (asked[1] ? refuse({ kind: 'unreachable', cause: 'cut' }) : source.page(...asked)),
    }
    expect(await loadBars(through(stopping), load)).toEqual(refuse({ kind: 'unreachable', cause: 'cut' }))
    expect(await counts('d')).toEqual([['KO', 6, 3, 0, 0, 3]])
  })
})

describe('a repair', () => {
  test('asks for what is missing alone, and what comes counts as repaired', async () => {
    let minutes: Minutes = { KO: [0, 1], PEP: [1, 3] }
    const source = sourceOf('e', () => minutes, 100)
    await loadPage(through(source, at(0)), load, undefined)
    minutes = MINUTES
    const plan = { session, symbols: [KO, PEP], due: at(6), caller: 'test' }
    expect(await repairSession(through(source), plan)).toEqual(ok({ repaired: 2, revised: 0, symbolsMissing: 0 }))
    expect(await counts('e')).toEqual([
      ['KO', 6, 4, 2, 2, 0],
      ['PEP', 6, 2, 0, 4, 0],
    ])
    const asked = source.asked
    expect(await repairSession(through(source), plan)).toEqual(ok({ repaired: 0, revised: 0, symbolsMissing: 0 }))
    expect(source.asked).toBe(asked)
  })

  test('leaves minutes missing while the source is away', async () => {
    const plan = { session, symbols: [KO], due: at(6), caller: 'test' }
    expect(await repairSession(through(away('f')), plan)).toMatchObject({ ok: false, why: { kind: 'unreachable' } })
    expect(await counts('f')).toEqual([['KO', 6, 0, 0, 0, 6]])
  })
})
