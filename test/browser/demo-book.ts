import type pg from 'pg'
import { ensureBarPartitions } from '#database/bar-partitions.store.ts'
import type { Sql } from '#database/connection.client.ts'
import { inTransaction } from '#database/transaction.store.ts'
import { randomStream } from '#domain/random.ts'
import { epochMs, instantFrom, isoFrom, MINUTE_MS } from '#domain/units.ts'

/** A rehearsal caught at 14:35 New York of 2018-03-28, small and always the same. */
export const DEMO_BOOK = 'rehearsal:r1'
export const DEMO_DAY = '2018-03-28'
const OPEN = instantFrom('2018-03-28T13:30:00Z')
const SHOWN = instantFrom('2018-03-28T18:35:00Z')

const PAIRS = [
  { y: 'XOM', x: 'CVX', yPrice: 74.2, xPrice: 114.1 },
  { y: 'COP', x: 'EOG', yPrice: 58.9, xPrice: 104.8 },
  { y: 'SLB', x: 'HAL', yPrice: 64.7, xPrice: 46.3 },
  { y: 'VLO', x: 'PSX', yPrice: 92.1, xPrice: 95.4 },
  { y: 'OXY', x: 'APC', yPrice: 64.3, xPrice: 60.2 },
]

type Rows = readonly Readonly<Record<string, unknown>>[]

/** Writes the demonstration's book and everything that home shows of it, at once. */
export async function seedDemoBook(pool: pg.Pool): Promise<void> {
  await ensureBarPartitions(pool, OPEN, SHOWN)
  const sql = await pool.connect()
  await sql.query('begin')
  await insert(sql, 'books', [
    {
      book: DEMO_BOOK,
      kind: 'rehearsal',
      parameters: { days: [DEMO_DAY], symbols: PAIRS.flatMap(({ y, x }) => [y, x]) },
      feed: 'import',
      state: 'open',
      speed: '60',
      shown_at: isoFrom(SHOWN),
      started_at: '2026-01-05T10:00:00Z',
    },
  ])
  await insert(sql, 'bars', barRows())
  await insert(sql, 'screens', [SCREEN])
  await insert(sql, 'screened_symbols', SCREENED_SYMBOLS)
  await insert(sql, 'screened_pairs', screenedRows())
  await insert(sql, 'pair_models', modelRows())
  await insert(sql, 'signals', signalRows())
  await insert(sql, 'risk_decisions', DECISIONS)
  await insert(sql, 'orders', orderRows())
  await insert(sql, 'fills', fillRows())
  await insert(sql, 'positions', POSITIONS)
  await insert(sql, 'equity', equityRows())
  await sql.query('commit')
  sql.release()
}

/** The next minute of the demonstration: a bar, equity, an exit and the clock. */
export async function moveDemoBook(pool: pg.Pool): Promise<void> {
  // In one transaction, as a tick stores itself: whoever listens is told of all of it at once.
  await inTransaction(pool, moveBy)
}

async function moveBy(sql: Sql): Promise<void> {
  const at = isoFrom(epochMs(SHOWN + MINUTE_MS))
  const bar = { open: 75.2, high: 75.5, low: 75.1, close: 75.43, volume: 12_000 }
  await insert(sql, 'bars', [barRow('XOM', SHOWN, bar)])
  await insert(sql, 'equity', [{ book: DEMO_BOOK, at, equity: '101234.56', cash: '99000', gross_exposure: '18000' }])
  await insert(sql, 'signals', [
    signal('s-next', at, 'XOM-CVX', { kind: 'exit', z: -0.42, reasons: ['The spread came back to within 0.50 of its mean.'] }),
  ])
  await insert(sql, 'risk_decisions', [decision('d-next', 's-next', at, 'XOM-CVX')])
  await insert(sql, 'orders', [
    order({
      id: 'o-next',
      decision: 'd-next',
      at,
      pair: 'XOM-CVX',
      leg: 'y',
      side: 'sell',
      shares: 67,
      price: 74.51,
      purpose: 'exit',
      state: 'working',
    }),
  ])
  await sql.query('update spreadworks.books set shown_at = $2 where book = $1', [DEMO_BOOK, at])
}

async function insert(sql: Sql, table: string, rows: Rows): Promise<void> {
  const columns = Object.keys(rows[0] ?? {}).join(', ')
  await sql.query(
    `insert into spreadworks.${table} (${columns}) select ${columns} from jsonb_populate_recordset(null::spreadworks.${table}, $1)`,
    [JSON.stringify(rows)],
  )
}

function minutes(): number[] {
  return Array.from({ length: (SHOWN - OPEN) / MINUTE_MS }, (_, i) => OPEN + i * MINUTE_MS)
}

function barRows(): Rows {
  return PAIRS.flatMap(({ y, x, yPrice, xPrice }) => [...walk(y, yPrice), ...walk(x, xPrice)])
}

function walk(symbol: string, from: number): Rows {
  const random = randomStream(7, symbol)
  let close = from
  return minutes().map((at) => {
    const open = close
    close = Math.round(open * (1 + random.normal() * 0.0004) * 100) / 100
    const [high, low] = [Math.max(open, close) + 0.01, Math.min(open, close) - 0.01]
    return barRow(symbol, at, { open, high, low, close, volume: 1000 + random.below(9000) })
  })
}

type Prices = { readonly open: number; readonly high: number; readonly low: number; readonly close: number }

function barRow(symbol: string, at: number, prices: Prices & { readonly volume: number }) {
  const opened_at = isoFrom(epochMs(at))
  return { symbol, timeframe: '1m', opened_at, feed: 'import', ...prices, adjustment: 'raw', received_at: opened_at }
}

function equityRows(): Rows {
  const random = randomStream(11, 'equity')
  let equity = 100_000
  return minutes().map((at, i) => {
    equity += random.normal() * 9 + (i > 60 ? 3.4 : 0)
    return {
      book: DEMO_BOOK,
      at: isoFrom(epochMs(at + MINUTE_MS)),
      equity: equity.toFixed(2),
      cash: '80000',
      gross_exposure: i > 60 ? '29840.25' : '0',
    }
  })
}

const PAIR_GATES = [
  'tried',
  'correlated',
  'cointegrated',
  'hedged',
  'reverting',
  'false-discovery',
  'out-of-sample',
  'shortlisted',
]

const SCREEN = {
  id: 'screen-1',
  book: DEMO_BOOK,
  day: DEMO_DAY,
  feed: 'import',
  timeframe: '1m',
  from_at: '2018-03-19T13:30:00Z',
  until_at: '2018-03-27T20:00:00Z',
  data_hash: 'abc',
  rules: {
    minimumCorrelation: 0.8,
    maximumPValue: 0.05,
    minimumHalfLifeBars: 2,
    maximumHalfLifeBars: 390,
    falseDiscoveryRate: 1,
    maximumTailPValue: 0.25,
    maximumTailShift: 2,
    minimumScore: 0.7,
    minimumArchPValue: 0,
    minimumLjungBoxPValue: 0,
    maximumVolatilityVariation: 1.5,
  },
  rows: 2730,
  head_rows: 2184,
  funnel: [
    ...[31, 29, 28].map((passed, i) => ({ gate: ['offered', 'complete', 'stable'][i], of: 'symbols', passed })),
    ...[378, 61, 9, 9, 9, 9, 6, 5].map((passed, i) => ({ gate: PAIR_GATES[i], of: 'pairs', passed })),
  ],
  masked_spikes: { SLB: 1 },
  symbols_offered: 31,
  symbols_complete: 29,
  tested: 378,
  correlated: 61,
  cointegrated: 9,
  shortlisted: 5,
  created_at: '2026-01-05T10:00:01Z',
}

/** What a pair has that no gate has measured yet. */
const UNMEASURED = {
  rank: null,
  correlation: null,
  p_value: null,
  hedge_ratio: null,
  intercept: null,
  half_life_bars: null,
  tail_p_value: null,
  tail_shift: null,
  fit: null,
  volatility_forecast: null,
  recent_backtest: null,
  residual_diagnostics: null,
  score: null,
  detail: {},
}

function screenedRows(): Rows {
  const found = PAIRS.map(({ y, x }, i) => ({
    pair: `${y}-${x}`,
    y,
    x,
    rank: i + 1,
    ...cointegrated(i),
    ...{ fit: 0.99 - i * 0.05, volatility_forecast: 0.94 - i * 0.03, residual_diagnostics: 0.5 },
    ...{ tail_p_value: 0.01 + i * 0.04, tail_shift: 0.2 + i * 0.3, score: 0.91 - i * 0.05, verdict: 'shortlisted' },
    recent_backtest: i === 3 ? null : 0.9 - i * 0.1,
    detail: { adjustedPValue: 0.3 + i * 0.05, ...(i === 3 ? { unscored: { recentBacktest: 'no-trades' } } : {}) },
  }))
  const stopped = [
    { pair: 'APA-DVN', ...cointegrated(5), tail_p_value: 0.03, tail_shift: 0.4, score: 0.58, verdict: 'low-score' },
    { pair: 'EOG-PXD', ...cointegrated(6), tail_p_value: 0.61, tail_shift: 2.84, verdict: 'broke-out-of-sample' },
    { pair: 'HES-MRO', correlation: 0.88, p_value: 0.21, hedge_ratio: 0.7, intercept: 0.2, verdict: 'not-cointegrated' },
    { pair: 'KMI-XOM', correlation: 0.41, verdict: 'low-correlation' },
  ]
  return [...found, ...stopped].map((row) => {
    const [y, x] = row.pair.split('-')
    return { screen_id: 'screen-1', ...UNMEASURED, y, x, ...row }
  })
}

function cointegrated(i: number) {
  const regression = { hedge_ratio: 0.82 + i * 0.1, intercept: 0.1, half_life_bars: 31 + i * 14 }
  return { correlation: 0.97 - i * 0.02, p_value: 0.0004 + i * 0.006, ...regression, detail: { adjustedPValue: 0.3 + i * 0.05 } }
}

const SCREENED_SYMBOLS: Rows = [
  {
    ...{ symbol: 'BTU', verdict: 'incomplete', observations: 1644, masked_spikes: null, detail: { needed: 2184 } },
    ...{ arch_p_value: null, ljung_box_p_value: null, volatility_variation: null },
  },
  {
    ...{
      symbol: 'WLL',
      verdict: 'unstable',
      observations: 2718,
      masked_spikes: 0,
      detail: { failures: ['unsteady-volatility'] },
    },
    ...{ arch_p_value: 0.91, ljung_box_p_value: 0.44, volatility_variation: 2.31 },
  },
  ...PAIRS.flatMap(({ y, x }) => [y, x]).map((symbol, i) => ({
    ...{ symbol, verdict: 'screened', observations: 2730 - i, masked_spikes: symbol === 'SLB' ? 1 : 0, detail: {} },
    ...{ arch_p_value: 0.002 * i, ljung_box_p_value: 0.03 * i, volatility_variation: 0.38 + 0.04 * i },
  })),
].map((row) => ({ screen_id: 'screen-1', ...row }))

function modelRows(): Rows {
  return PAIRS.map(({ y, x }, i) => ({
    id: `m-${i}`,
    book: DEMO_BOOK,
    pair: `${y}-${x}`,
    y,
    x,
    day: DEMO_DAY,
    screen_id: 'screen-1',
    model: {},
    weights: '\\x00',
    content_hash: `${i}`,
    scores: { f1: 0.63 - i * 0.03, auc: 0.66 - i * 0.02, sharpe: i < 4 ? 1.4 - i * 0.5 : 'no-trades', epochs: 42 + i },
    is_promoted: i < 3,
    gate_reasons:
      i < 3 ? [] : [`F1 of ${(0.63 - i * 0.03).toFixed(2)} on the test part is below the 0.55 that promotion asks for.`],
    run_id: null,
    version: `${i + 1}`,
    trained_at: '2026-01-05T10:00:02Z',
  }))
}

type SignalGiven = { readonly kind: string; readonly z: number; readonly reasons: readonly string[] }

function signal(id: string, at: string, pair: string, { kind, z, reasons }: SignalGiven) {
  const model = PAIRS.findIndex((one) => `${one.y}-${one.x}` === pair)
  return {
    id,
    book: DEMO_BOOK,
    at,
    pair,
    model_id: `m-${model}`,
    strategy: 'garch-gru',
    kind,
    confidence: 0.71,
    z,
    probability: 0.64,
    reasons,
    numbers: {},
  }
}

function decision(id: string, signalId: string, at: string, pair: string, refusal?: string) {
  return {
    id,
    book: DEMO_BOOK,
    signal_id: signalId,
    at,
    pair,
    verdict: refusal === undefined ? 'approved' : 'refused',
    reason: refusal ?? null,
    detail: {},
  }
}

const AT = {
  first: '2018-03-28T14:35:00Z',
  second: '2018-03-28T15:50:00Z',
  third: '2018-03-28T17:20:00Z',
  fourth: '2018-03-28T18:05:00Z',
  last: '2018-03-28T18:35:00Z',
}

function signalRows(): Rows {
  const holds = PAIRS.slice(0, 4).map(({ y, x }) =>
    signal(`hold-${y}`, AT.last, `${y}-${x}`, { kind: 'hold', z: 0.8, reasons: ['The spread is within its bands.'] }),
  )
  return [
    signal('s-1', AT.first, 'XOM-CVX', {
      kind: 'enter-long',
      z: -2.31,
      reasons: [
        'The spread is 2.31 standard deviations below its mean.',
        'The model gives a move back 64 % for the next minute.',
      ],
    }),
    signal('s-2', AT.second, 'SLB-HAL', {
      kind: 'enter-short',
      z: 2.74,
      reasons: ['The spread is 2.74 standard deviations above its mean.', 'Volatility is calm: 0.8 of its average.'],
    }),
    signal('s-3', AT.third, 'COP-EOG', {
      kind: 'enter-long',
      z: -2.08,
      reasons: ['The spread is 2.08 standard deviations below its mean.'],
    }),
    signal('s-4', AT.fourth, 'SLB-HAL', {
      kind: 'exit',
      z: 0.44,
      reasons: ['The spread came back to within 0.50 of its mean after 135 minutes.'],
    }),
    signal('s-5', AT.fourth, 'VLO-PSX', {
      kind: 'enter-short',
      z: 2.2,
      reasons: ['The spread is 2.20 standard deviations above its mean.'],
    }),
    {
      ...signal('s-6', AT.last, 'OXY-APC', { kind: 'stand-aside', z: 0, reasons: ['APC has no price for the last minute'] }),
      z: null,
      probability: null,
      confidence: 0,
    },
    ...holds,
  ]
}

const DECISIONS: Rows = [
  decision('d-1', 's-1', AT.first, 'XOM-CVX'),
  decision('d-2', 's-2', AT.second, 'SLB-HAL'),
  decision('d-3', 's-3', AT.third, 'COP-EOG'),
  decision('d-4', 's-4', AT.fourth, 'SLB-HAL'),
  decision('d-5', 's-5', AT.fourth, 'VLO-PSX', 'Risk refused VLO-PSX: gross exposure would reach 104 % of the 100 % limit.'),
]

type OrderGiven = {
  readonly id: string
  readonly decision: string
  readonly at: string
  readonly pair: string
  readonly leg: 'y' | 'x'
  readonly side: 'buy' | 'sell'
  readonly shares: number
  readonly price: number
  readonly purpose: 'enter' | 'exit'
  readonly state: 'filled' | 'working' | 'rejected'
}

function order({ id, decision: decisionId, at, pair, leg, side, shares, price, purpose, state }: OrderGiven) {
  const [y, x] = pair.split('-')
  const filled = state === 'filled' ? shares : 0
  return {
    client_order_id: id,
    book: DEMO_BOOK,
    decision_id: decisionId,
    at,
    pair,
    leg,
    symbol: leg === 'y' ? y : x,
    side,
    quantity_shares: shares,
    type: 'market',
    limit_price: null,
    reference_price: price,
    purpose,
    state,
    broker_order_id: `b-${id}`,
    filled_shares: filled,
    average_price: filled > 0 ? price : null,
    reason: state === 'rejected' ? 'The broker has no shares of PSX to lend.' : null,
    updated_at: at,
  }
}

function orderRows(): Rows {
  return [
    order({
      id: 'o-1',
      decision: 'd-1',
      at: AT.first,
      pair: 'XOM-CVX',
      leg: 'y',
      side: 'buy',
      shares: 67,
      price: 74.12,
      purpose: 'enter',
      state: 'filled',
    }),
    order({
      id: 'o-2',
      decision: 'd-1',
      at: AT.first,
      pair: 'XOM-CVX',
      leg: 'x',
      side: 'sell',
      shares: 44,
      price: 114.3,
      purpose: 'enter',
      state: 'filled',
    }),
    order({
      id: 'o-3',
      decision: 'd-2',
      at: AT.second,
      pair: 'SLB-HAL',
      leg: 'y',
      side: 'sell',
      shares: 77,
      price: 64.9,
      purpose: 'enter',
      state: 'filled',
    }),
    order({
      id: 'o-4',
      decision: 'd-2',
      at: AT.second,
      pair: 'SLB-HAL',
      leg: 'x',
      side: 'buy',
      shares: 108,
      price: 46.2,
      purpose: 'enter',
      state: 'filled',
    }),
    order({
      id: 'o-5',
      decision: 'd-3',
      at: AT.third,
      pair: 'COP-EOG',
      leg: 'y',
      side: 'buy',
      shares: 85,
      price: 58.75,
      purpose: 'enter',
      state: 'filled',
    }),
    order({
      id: 'o-6',
      decision: 'd-3',
      at: AT.third,
      pair: 'COP-EOG',
      leg: 'x',
      side: 'sell',
      shares: 48,
      price: 104.9,
      purpose: 'enter',
      state: 'filled',
    }),
    order({
      id: 'o-7',
      decision: 'd-4',
      at: AT.fourth,
      pair: 'SLB-HAL',
      leg: 'y',
      side: 'buy',
      shares: 77,
      price: 64.4,
      purpose: 'exit',
      state: 'filled',
    }),
    order({
      id: 'o-8',
      decision: 'd-4',
      at: AT.fourth,
      pair: 'SLB-HAL',
      leg: 'x',
      side: 'sell',
      shares: 108,
      price: 46.4,
      purpose: 'exit',
      state: 'working',
    }),
  ]
}

function fillRows(): Rows {
  const fill = (id: string, orderId: string, symbol: string, side: string, quantity_shares: number, price: number) => ({
    execution_id: id,
    book: DEMO_BOOK,
    client_order_id: orderId,
    at: '2018-03-28T14:36:00Z',
    symbol,
    side,
    quantity_shares,
    price,
    fees: '0.04',
  })
  return [
    fill('f-1', 'o-1', 'XOM', 'buy', 40, 74.12),
    fill('f-2', 'o-1', 'XOM', 'buy', 27, 74.12),
    fill('f-3', 'o-2', 'CVX', 'sell', 44, 114.3),
  ]
}

const POSITIONS: Rows = [
  {
    book: DEMO_BOOK,
    pair: 'XOM-CVX',
    state: 'open',
    direction: 'long',
    y_shares: 67,
    x_shares: -44,
    y_price: 74.12,
    x_price: 114.3,
    opened_at: AT.first,
    closed_at: null,
    realised: '-0.08',
    entry_signal_id: 's-1',
  },
  {
    book: DEMO_BOOK,
    pair: 'COP-EOG',
    state: 'open',
    direction: 'long',
    y_shares: 85,
    x_shares: -48,
    y_price: 58.75,
    x_price: 104.9,
    opened_at: AT.third,
    closed_at: null,
    realised: '0',
    entry_signal_id: 's-3',
  },
  {
    book: DEMO_BOOK,
    pair: 'SLB-HAL',
    state: 'closing',
    direction: 'short',
    y_shares: 0,
    x_shares: 108,
    y_price: 64.9,
    x_price: 46.2,
    opened_at: AT.second,
    closed_at: null,
    realised: '38.42',
    entry_signal_id: 's-2',
  },
  {
    book: DEMO_BOOK,
    pair: 'VLO-PSX',
    state: 'closed',
    direction: 'short',
    y_shares: 0,
    x_shares: 0,
    y_price: 91.8,
    x_price: 95.1,
    opened_at: '2018-03-28T13:50:00Z',
    closed_at: '2018-03-28T14:20:00Z',
    realised: '21.07',
    entry_signal_id: 's-5',
  },
]
