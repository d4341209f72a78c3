import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '#database/connection.client.ts'
import { tableOfRows } from '#domain/bar-table.ts'
import { sessionOn } from '#domain/calendar.ts'
import type { Session, SessionDate } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { type EpochMs, epochMs } from '#domain/units.ts'
import { freshDatabase } from '../../test/database.ts'
import { gapsBetween, saveGap } from './bar-gaps.store.ts'
import { forgetLedgerBefore, holesIn, markAnswered, markPresent, markStored } from './bar-ledger.store.ts'
import { saveBarTable } from './bar-table.store.ts'
import { minutesOfSymbol, sessionLedgers, symbolLedgers } from './ledger-views.store.ts'
import { noMinutes, setMinute } from './minute-bits.ts'

let database: Database
beforeAll(async () => {
  database = await freshDatabase()
})
afterAll(() => database.close())

const DAY = '2018-03-28' as SessionDate
const session = sessionOn(DAY) as Session
const [KO, PEP] = ['KO', 'PEP'] as Symbol_[]
const at = (minute: number): EpochMs => epochMs(session.opensAt + minute * 60_000)
const bits = (minutes: readonly number[]) => {
  const set = noMinutes(session)
  for (const minute of minutes) setMinute(set, session, at(minute))
  return set
}
const marks = (symbol: Symbol_, present: readonly number[], repaired: readonly number[] = []) => ({
  symbol,
  present: bits(present),
  repaired: bits(repaired),
})
const question = (feed: string) => ({ feed, from: DAY, through: DAY, symbols: undefined })
const counts = async (feed: string) => {
  const rows = await symbolLedgers(database.pool, question(feed))
  return rows.map(({ symbol, due, present, repaired, noTrade, missing }) => [symbol, due, present, repaired, noTrade, missing])
}

describe('the ledger', () => {
  test('calls a minute missing until a source has answered for it, and only then without trade', async () => {
    const page = { feed: 'a', session }
    await markPresent(database.pool, page, { marks: [marks(KO, [0, 1, 3]), marks(PEP, [])], due: at(4) })
    expect(await counts('a')).toEqual([
      ['KO', 4, 3, 0, 0, 1],
      ['PEP', 4, 0, 0, 0, 4],
    ])
    await markAnswered(database.pool, page, { symbols: [KO, PEP], from: at(2), until: at(4) })
    expect(await counts('a')).toEqual([
      ['KO', 4, 3, 0, 1, 0],
      ['PEP', 4, 0, 0, 2, 2],
    ])
    expect(await holesIn(database.pool, page, undefined)).toEqual([{ symbol: PEP, from: at(0), until: at(2) }])
    expect(await holesIn(database.pool, page, [KO])).toEqual([])
  })

  test('takes back that there was no trade when a bar comes after all', async () => {
    const page = { feed: 'b', session }
    await markAnswered(database.pool, page, { symbols: [KO], from: at(0), until: at(2) })
    await markPresent(database.pool, page, { marks: [marks(KO, [1], [1])], due: at(2) })
    expect(await counts('b')).toEqual([['KO', 2, 1, 1, 1, 0]])
  })

  test('calls repaired only what had not come before, and marking again changes nothing', async () => {
    const page = { feed: 'c', session }
    await markPresent(database.pool, page, { marks: [marks(KO, [0, 1])], due: at(3) })
    for (let time = 0; time < 2; time++) {
      await markPresent(database.pool, page, { marks: [marks(KO, [1, 2], [1, 2])], due: at(3) })
      expect(await counts('c')).toEqual([['KO', 3, 3, 1, 0, 0]])
    }
    await markPresent(database.pool, page, { marks: [marks(KO, [])], due: at(1) })
    expect(await counts('c')).toEqual([['KO', 3, 3, 1, 0, 0]])
  })

  test('tells the minutes of a symbol in runs, with the cause that a gap of the stream gives', async () => {
    const page = { feed: 'd', session }
    const gap = { feed: 'd', from: at(2), until: at(5), cause: 'the stream was closed', barsRepaired: 2 }
    await saveGap(database.pool, { ...gap, until: undefined, repairedAt: undefined, barsRepaired: 0 })
    await saveGap(database.pool, { ...gap, repairedAt: at(6) })
    await markPresent(database.pool, page, { marks: [marks(KO, [0, 1, 5, 6]), marks(PEP, [])], due: at(8) })
    await markPresent(database.pool, page, { marks: [marks(KO, [2, 3], [2, 3])], due: at(8) })
    await markAnswered(database.pool, page, { symbols: [KO], from: at(4), until: at(5) })
    const cause = 'the stream was closed'
    expect(await minutesOfSymbol(database.pool, { feed: 'd', symbol: KO, session })).toEqual([
      { from: at(0), until: at(2), state: 'present', cause: undefined },
      { from: at(2), until: at(4), state: 'repaired', cause },
      { from: at(4), until: at(5), state: 'no-trade', cause: undefined },
      { from: at(5), until: at(7), state: 'present', cause: undefined },
      { from: at(7), until: at(8), state: 'missing', cause: undefined },
      { from: at(8), until: session.closesAt, state: 'not-due', cause: undefined },
    ])
    expect(await minutesOfSymbol(database.pool, { feed: 'none', symbol: KO, session })).toBeUndefined()
    expect(await gapsBetween(database.pool, { feed: 'd', from: at(4), until: at(9) })).toEqual([{ ...gap, repairedAt: at(6) }])
    expect(await gapsBetween(database.pool, { feed: 'd', from: at(5), until: at(9) })).toEqual([])
  })

  test('is made again from the stored bars, and adds up over symbols', async () => {
    const page = { feed: 'e', session }
    const bar = (minute: number) => ({
      openedAt: at(minute),
      open: 1,
      high: 1,
      low: 1,
      close: 1,
      volumeShares: 1,
      vwap: 1,
      trades: 1,
    })
    const table = tableOfRows([0, 1, 389, 390, -1].map((minute) => ({ symbol: KO, ...bar(minute) })))
    const terms = {
      feed: 'e',
      timeframe: '1m',
      receivedAt: at(0),
      stored: 'keep',
      overlap: 'unlikely',
    } as const
    await saveBarTable(database.pool, table, terms)
    await markStored(database.pool, page, { symbols: [KO, PEP], due: session.closesAt })
    expect(await counts('e')).toEqual([
      ['KO', 390, 3, 0, 0, 387],
      ['PEP', 390, 0, 0, 0, 390],
    ])
    expect(await sessionLedgers(database.pool, question('e'))).toEqual([
      { day: DAY, symbols: 2, expected: 780, due: 780, present: 3, repaired: 0, noTrade: 0, missing: 777, symbolsMissing: 2 },
    ])
  })

  test('has 210 minutes on a half day, and forgets old sessions', async () => {
    const half = sessionOn('2018-07-03' as SessionDate) as Session
    await markStored(database.pool, { feed: 'f', session: half }, { symbols: [KO], due: half.closesAt })
    expect(await symbolLedgers(database.pool, { ...question('f'), through: half.date })).toMatchObject([
      { expected: 210, missing: 210 },
    ])
    expect(await forgetLedgerBefore(database.pool, half.date)).toBeGreaterThan(0)
    expect(await counts('e')).toEqual([])
  })
})
