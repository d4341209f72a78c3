import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '#database/connection.client.ts'
import { epochMs } from '#domain/units.ts'
import { DEMO_BOOK, seedDemoBook } from '../../test/browser/demo-book.ts'
import { freshDatabase } from '../../test/database.ts'
import { bookNamed, bookOfFirstSight, newestBooks } from './books.store.ts'
import { equityPoints } from './equity.store.ts'
import { overviewOf } from './home.store.ts'
import { modelsOf } from './models.store.ts'
import { positionsOf } from './positions.store.ts'
import { latestScreen } from './screens.store.ts'
import type { BookView } from './views.ts'
import { ScreenView } from './views.ts'
import { whyOrder } from './why.store.ts'

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

test('home leaves out holds, says what the last tick made, and shows a refusal beside its signal', async () => {
  const home = await overviewOf(database.pool, book, { now: epochMs(0), counted: undefined })
  expect(home.signals.map((signal) => signal.kind)).not.toContain('hold')
  expect(home.lastTick?.counts).toEqual({ hold: 4, 'stand-aside': 1 })
  expect(home.signals.find((signal) => signal.id === 's-5')).toMatchObject({
    verdict: 'refused',
    refusal: expect.stringContaining('104 %'),
  })
})

test('a position is priced by the last bar that had closed, never by a later one', async () => {
  const asked = { book: DEMO_BOOK, feed: 'import', which: 'held' as const }
  const at = epochMs(Date.parse('2018-03-28T15:00:00Z'))
  const { rows } = await database.pool.query<{ profit: string }>(
    `select (67 * (y.close - 74.12) - 44 * (x.close - 114.3))::numeric(20, 2)::text as profit from spreadworks.bars y, spreadworks.bars x
     where y.symbol = 'XOM' and x.symbol = 'CVX' and y.opened_at = '2018-03-28T14:59:00Z' and x.opened_at = y.opened_at`,
  )
  const held = await positionsOf(database.pool, { ...asked, at })
  expect(held.find((position) => position.pair === 'XOM-CVX')?.unrealisedUsd).toEqual({ kind: 'known', value: rows[0].profit })
})

test('a position of a feed that has no bars has unknown profit', async () => {
  const held = await positionsOf(database.pool, { book: DEMO_BOOK, feed: 'iex', at: epochMs(book.shownAt ?? 0), which: 'held' })
  expect(held.map((position) => position.unrealisedUsd.kind)).toEqual(['unknown', 'unknown', 'unknown'])
})

test('equity since an instant begins with the mark of that instant', async () => {
  const all = await equityPoints(database.pool, DEMO_BOOK)
  const last = all.at(-1)
  expect(await equityPoints(database.pool, DEMO_BOOK, epochMs(last?.at ?? 0))).toEqual([last])
})

test('an order is explained from the bars before its signal to its fills', async () => {
  const why = await whyOrder(database.pool, 'o-1')
  expect(why?.bars.map((bar) => [bar.symbol, new Date(bar.openedAt).toISOString()])).toEqual([
    ['XOM', '2018-03-28T14:34:00.000Z'],
    ['CVX', '2018-03-28T14:34:00.000Z'],
  ])
  expect(why).toMatchObject({
    model: { pair: 'XOM-CVX' },
    signal: { id: 's-1' },
    decision: { verdict: 'approved' },
    fills: [{ id: 'f-1' }, { id: 'f-2' }],
  })
  expect(await whyOrder(database.pool, 'none')).toBeUndefined()
})

test('models and the screen come with their scores, reasons and verdicts', async () => {
  const models = await modelsOf(database.pool, DEMO_BOOK)
  const screen = await latestScreen(database.pool, { book: DEMO_BOOK })
  expect(models.at(0)).toMatchObject({ pair: 'COP-EOG', isPromoted: true, scores: { f1: { kind: 'known', value: 0.6 } } })
  expect(models.find(({ pair }) => pair === 'OXY-APC')?.scores.sharpe).toEqual({
    kind: 'unknown',
    reason: 'No value, since there were no trades.',
  })
  expect(screen?.verdicts).toEqual({
    shortlisted: 5,
    'broke-out-of-sample': 1,
    'low-correlation': 1,
    'low-score': 1,
    'not-cointegrated': 1,
  })
  expect(screen).toMatchObject({ rules: { maximumPValue: 0.05 }, bestAdjustedPValue: 0.3 })
  expect(screen?.pairs.at(0)).toMatchObject({ rank: 1, pair: 'XOM-CVX', adjustedPValue: 0.3, fit: 0.99, tailShift: 0.2 })
  expect(screen?.pairs.at(3)).toMatchObject({ recentBacktest: null, unscored: { recentBacktest: 'no-trades' } })
})

test('a screen says of every symbol why it was left out, those first, and shows the pairs of one verdict when asked', async () => {
  const screen = await latestScreen(database.pool, { book: DEMO_BOOK, verdict: 'broke-out-of-sample' })
  expect(screen?.symbols.slice(0, 3)).toMatchObject([
    { symbol: 'BTU', verdict: 'incomplete', needed: 2184, maskedSpikes: null },
    { symbol: 'WLL', verdict: 'unstable', failures: ['unsteady-volatility'] },
    { symbol: 'SLB', verdict: 'screened', maskedSpikes: 1 },
  ])
  expect(screen?.pairs.map(({ pair }) => pair)).toEqual(['EOG-PXD'])
  expect(screen?.funnel.at(-2)).toEqual({ gate: 'out-of-sample', of: 'pairs', passed: 6 })
  expect(ScreenView.parse(screen)).toEqual(screen)
})

test('a critical alert of the book stands on home until somebody acknowledges it or it is over', async () => {
  await database.pool.query(
    `insert into spreadworks.alerts (id, key, book, at, last_at, severity, title, body, acknowledged_at, resolved_at)
     select id, id, book, at::timestamptz, at::timestamptz, severity, title, body, seen::timestamptz, over::timestamptz from (values
       ('a1', $1, '2018-03-28T15:00:00Z', 'critical', 'Open exposure', 'APC is held alone.', null, null),
       ('a2', $1, '2018-03-28T15:01:00Z', 'critical', 'Open exposure', 'APC was held alone.', '2018-03-28T15:02:00Z', null),
       ('a3', $1, '2018-03-28T15:03:00Z', 'warning', 'Late bars', 'Bars came late.', null, null),
       ('a4', 'paper', '2018-03-28T15:04:00Z', 'critical', 'Open exposure', 'Another book.', null, null),
       ('a5', $1, '2018-03-28T15:05:00Z', 'critical', 'Market stream away', 'It is back.', null, '2018-03-28T15:06:00Z')
     ) as row (id, book, at, severity, title, body, seen, over)`,
    [DEMO_BOOK],
  )
  const { alerts } = await overviewOf(database.pool, book, { now: epochMs(0), counted: undefined })
  expect(alerts).toEqual([
    { id: 'a1', at: Date.parse('2018-03-28T15:00:00Z'), title: 'Open exposure', body: 'APC is held alone.' },
  ])
})

test('an open book is shown first, then the newest; a generated market is marked', async () => {
  await database.pool.query(
    `insert into spreadworks.books (book, kind, parameters, feed, state, started_at) values
     ('rehearsal:r2', 'rehearsal', '{}', 'simulated', 'closed', '2026-02-01'), ('rehearsal:r3', 'rehearsal', '{}', 'import', 'closed', '2026-03-01')`,
  )
  expect((await bookOfFirstSight(database.pool))?.book).toBe(DEMO_BOOK)
  await database.pool.query(`update spreadworks.books set state = 'closed' where book = $1`, [DEMO_BOOK])
  expect((await bookOfFirstSight(database.pool))?.book).toBe('rehearsal:r3')
  expect((await newestBooks(database.pool, 3)).map((one) => one.isSimulated)).toEqual([false, true, false])
})
