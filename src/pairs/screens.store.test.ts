import { afterAll, beforeAll, expect, test } from 'vitest'
import { LIVE } from '#domain/book.ts'
import type { SessionDate } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { instantFrom, type Probability } from '#domain/units.ts'
import { freshDatabase } from '../../test/database.ts'
import { EXAMPLE_RULES } from './example-market.ts'
import { funnelOf } from './funnel.ts'
import { scored, unscored } from './score-part.ts'
import type { ScreenResult } from './screen.ts'
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
const tail = { tailPValue: 0.02, tailShift: 0.4 }
const parts = {
  fit: scored(0.9),
  volatilityForecast: scored(0.8),
  recentBacktest: unscored('no-trades'),
  residualDiagnostics: scored(1),
}
const pairOf = (y: string, x: string) => ({ pair: { y: y as Symbol_, x: x as Symbol_ }, name: `${y}-${x}` })
const stability = { archPValue: 0.4, ljungBoxPValue: 0.3, volatilityVariation: 0.5 }

const SCREENED: ScreenResult = {
  rows: 2730,
  headRows: 2184,
  funnel: funnelOf(
    [{ verdict: 'screened' }, { verdict: 'screened' }, { verdict: 'unstable' }, { verdict: 'incomplete' }],
    [{ verdict: 'shortlisted' }, { verdict: 'shortlisted' }, { verdict: 'low-correlation' }, { verdict: 'not-testable' }],
  ),
  maskedSpikes: { XOM: 1 },
  symbols: [
    { symbol: 'BP' as Symbol_, observations: 900, verdict: 'incomplete', needed: 2184 },
    {
      symbol: 'CVX' as Symbol_,
      observations: 2730,
      verdict: 'screened',
      maskedSpikes: 0,
      standing: { zScore: -1.5, volatility: undefined },
      stability,
    },
    {
      ...{ symbol: 'T' as Symbol_, observations: 2730, verdict: 'unstable', maskedSpikes: 0 },
      standing: { zScore: undefined, volatility: 0.01 },
      stability: { ...stability, volatilityVariation: 3 },
      failures: ['unsteady-volatility'],
    },
    {
      symbol: 'XOM' as Symbol_,
      observations: 2730,
      verdict: 'screened',
      maskedSpikes: 1,
      standing: { zScore: -1.5, volatility: undefined },
      stability,
    },
  ],
  pairs: [
    {
      ...{ ...pairOf('XOM', 'CVX'), ...known, ...tail, verdict: 'shortlisted', halfLifeBars: 30, adjustedPValue: 0.01 },
      ...{ score: 0.7, parts, rank: 1 },
    },
    {
      ...{ ...pairOf('BP', 'XOM'), ...known, ...tail, verdict: 'shortlisted', halfLifeBars: 60, adjustedPValue: 0.02 },
      ...{ score: 0.5, parts, rank: 2 },
    },
    { ...pairOf('BP', 'CVX'), verdict: 'low-correlation', correlation: 0.2 },
    { ...pairOf('BP', 'T'), verdict: 'not-testable', why: 'too-short' },
  ],
}

const SCREEN: StoredScreen = {
  id: 'screen-1',
  book: LIVE,
  day: '2018-03-28' as SessionDate,
  feed: 'import',
  timeframe: '1m',
  from: instantFrom('2018-03-19T13:30:00Z'),
  until: instantFrom('2018-03-27T20:00:00Z'),
  dataHash: 'abc',
  rules: EXAMPLE_RULES,
  result: SCREENED,
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
  expect(rows[3].detail).toEqual({ observations: 2700, adjustedPValue: 0.01, unscored: { recentBacktest: 'no-trades' } })
})

test('the parts of a score are kept, null where one has no value', async () => {
  await saveScreen(database.pool, SCREEN)
  const { rows } = await database.pool.query(
    `select fit, volatility_forecast, recent_backtest, residual_diagnostics, tail_p_value, tail_shift
     from spreadworks.screened_pairs where screen_id = 'screen-1' and pair in ('XOM-CVX', 'BP-CVX') order by pair desc`,
  )
  expect(rows.map((row) => Object.values(row))).toEqual([
    [0.9, 0.8, null, 1, 0.02, 0.4],
    [null, null, null, null, null, null],
  ])
})

test('every symbol offered is kept with its reason, and the screen with its funnel and its spikes', async () => {
  await saveScreen(database.pool, SCREEN)
  const { rows: symbols } = await database.pool.query(
    `select symbol, verdict, masked_spikes, volatility_variation, detail from spreadworks.screened_symbols
     where screen_id = 'screen-1' order by symbol`,
  )
  expect(symbols.map((row) => Object.values(row))).toEqual([
    ['BP', 'incomplete', null, null, { needed: 2184 }],
    ['CVX', 'screened', 0, 0.5, {}],
    ['T', 'unstable', 0, 3, { failures: ['unsteady-volatility'] }],
    ['XOM', 'screened', 1, 0.5, {}],
  ])
  const { rows: screens } = await database.pool.query(
    `select rows, head_rows, funnel, masked_spikes, symbols_offered, symbols_complete, tested, shortlisted
     from spreadworks.screens where id = 'screen-1'`,
  )
  expect(screens).toEqual([
    {
      ...{ rows: 2730, head_rows: 2184, funnel: SCREENED.funnel, masked_spikes: { XOM: 1 } },
      ...{ symbols_offered: 4, symbols_complete: 3, tested: 4, shortlisted: 2 },
    },
  ])
})

test('a screen that found nothing to try is kept too', async () => {
  const empty = { ...SCREENED, funnel: funnelOf([], []), symbols: [], pairs: [] }
  await saveScreen(database.pool, { ...SCREEN, id: 'empty', result: empty })
  expect(await loadShortlist(database.pool, 'empty')).toEqual([])
})
