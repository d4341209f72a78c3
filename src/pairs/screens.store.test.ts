import { afterAll, beforeAll, expect, test } from 'vitest'
import { LIVE } from '#domain/book.ts'
import type { SessionDate } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { instantFrom, type Probability } from '#domain/units.ts'
import { freshDatabase } from '../../test/database.ts'
import { loadShortlist, type StoredScreen, saveScreen } from './screens.store.ts'

let database: Awaited<ReturnType<typeof freshDatabase>>
beforeAll(async () => {
  database = await freshDatabase()
  await database.pool.query(
    `insert into spreadworks.books (book, kind, parameters, state) values ('live', 'live', '{}', 'open') on conflict do nothing`,
  )
})
afterAll(() => database.close())

const known = { correlation: 0.95, pValue: 0.001 as Probability, alpha: 0.2, beta: 1.1, observations: 2700 }
const pairOf = (y: string, x: string) => ({ pair: { y: y as Symbol_, x: x as Symbol_ }, name: `${y}-${x}` })

const SCREEN: StoredScreen = {
  id: 'screen-1',
  book: LIVE,
  day: '2018-03-28' as SessionDate,
  feed: 'import',
  timeframe: '1m',
  from: instantFrom('2018-03-19T13:30:00Z'),
  until: instantFrom('2018-03-27T20:00:00Z'),
  dataHash: 'abc',
  rules: {
    completeness: 0.8,
    minimumCorrelation: 0.8,
    maximumPValue: 0.05,
    minimumHalfLifeBars: 2,
    maximumHalfLifeBars: 390,
    falseDiscoveryRate: 0.25,
    maximum: 20,
  },
  result: {
    offered: 4,
    complete: 4,
    maskedSpikes: { XOM: 1 },
    tested: 4,
    correlated: 2,
    cointegrated: 2,
    shortlisted: 2,
    pairs: [
      { ...pairOf('XOM', 'CVX'), ...known, verdict: 'shortlisted', halfLifeBars: 30, adjustedPValue: 0.01, score: 0.7, rank: 1 },
      { ...pairOf('BP', 'XOM'), ...known, verdict: 'shortlisted', halfLifeBars: 60, adjustedPValue: 0.02, score: 0.5, rank: 2 },
      { ...pairOf('BP', 'CVX'), verdict: 'low-correlation', correlation: 0.2 },
      { ...pairOf('BP', 'T'), verdict: 'not-testable', why: 'too-short' },
    ],
  },
}

test('a shortlist comes back as it was found, best first, and writing it again changes nothing', async () => {
  await saveScreen(database.pool, SCREEN)
  await saveScreen(database.pool, SCREEN)
  const shortlist = await loadShortlist(database.pool, 'screen-1')
  const { observations, ...numbers } = known
  expect(shortlist).toEqual([
    { ...pairOf('XOM', 'CVX'), ...numbers, halfLifeBars: 30, score: 0.7, rank: 1 },
    { ...pairOf('BP', 'XOM'), ...numbers, halfLifeBars: 60, score: 0.5, rank: 2 },
  ])
})

test('every pair tried is kept with its verdict; what its gate had not reached is null', async () => {
  await saveScreen(database.pool, SCREEN)
  const { rows } = await database.pool.query(
    `select pair, verdict, rank, correlation, p_value, detail from spreadworks.screened_pairs where screen_id = 'screen-1' order by pair`,
  )
  expect(rows).toHaveLength(4)
  expect(rows[0]).toEqual({ pair: 'BP-CVX', verdict: 'low-correlation', rank: null, correlation: 0.2, p_value: null, detail: {} })
  expect(rows[1].detail).toEqual({ why: 'too-short' })
  expect(rows[3].detail).toEqual({ observations: 2700, adjustedPValue: 0.01 })
})

test('a screen that found nothing to try is kept too', async () => {
  const empty = { ...SCREEN.result, tested: 0, correlated: 0, cointegrated: 0, shortlisted: 0, pairs: [] }
  await saveScreen(database.pool, { ...SCREEN, id: 'empty', result: empty })
  expect(await loadShortlist(database.pool, 'empty')).toEqual([])
})
