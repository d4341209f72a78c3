import {
  bigint,
  boolean,
  customType,
  date,
  doublePrecision,
  integer,
  jsonb,
  numeric,
  pgSchema,
  text,
  timestamp,
} from './drizzle.client.ts'

/**
 * The tables for typed queries. The migrations decide what exists; a test holds these columns against a migrated database.
 * `bytea` is what drizzle lacks.
 */
const house = pgSchema('spreadworks')
const bytea = customType<{ data: Uint8Array; driverData: Buffer }>({ dataType: () => 'bytea' })
const instant = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' })
const money = (name: string) => numeric(name, { precision: 20, scale: 6 })

export const symbols = house.table('symbols', {
  symbol: text('symbol').primaryKey(),
  name: text('name').notNull(),
  sector: text('sector'),
  exchange: text('exchange').notNull().default('NYSE'),
  isActive: boolean('is_active').notNull().default(true),
  isSimulated: boolean('is_simulated').notNull().default(false),
  updatedAt: instant('updated_at').notNull().defaultNow(),
})

export const bars = house.table('bars', {
  symbol: text('symbol').notNull(),
  timeframe: text('timeframe').notNull(),
  openedAt: instant('opened_at').notNull(),
  feed: text('feed').notNull(),
  open: doublePrecision('open').notNull(),
  high: doublePrecision('high').notNull(),
  low: doublePrecision('low').notNull(),
  close: doublePrecision('close').notNull(),
  volume: doublePrecision('volume').notNull(),
  vwap: doublePrecision('vwap'),
  trades: integer('trades'),
  adjustment: text('adjustment').notNull().default('raw'),
  receivedAt: instant('received_at').notNull().defaultNow(),
})

export const barRevisions = house.table('bar_revisions', {
  symbol: text('symbol').notNull(),
  timeframe: text('timeframe').notNull(),
  openedAt: instant('opened_at').notNull(),
  feed: text('feed').notNull(),
  supersededAt: instant('superseded_at').notNull().defaultNow(),
  open: doublePrecision('open').notNull(),
  high: doublePrecision('high').notNull(),
  low: doublePrecision('low').notNull(),
  close: doublePrecision('close').notNull(),
  volume: doublePrecision('volume').notNull(),
  receivedAt: instant('received_at').notNull(),
})

export const imports = house.table('imports', {
  id: text('id').primaryKey(),
  path: text('path').notNull(),
  contentHash: text('content_hash').notNull(),
  feed: text('feed').notNull(),
  timeframe: text('timeframe').notNull(),
  state: text('state', { enum: ['staging', 'merging', 'done', 'refused'] }).notNull(),
  rowsRead: bigint('rows_read', { mode: 'number' }).notNull().default(0),
  rowsNew: bigint('rows_new', { mode: 'number' }).notNull().default(0),
  rowsSame: bigint('rows_same', { mode: 'number' }).notNull().default(0),
  rowsRejected: bigint('rows_rejected', { mode: 'number' }).notNull().default(0),
  refusal: text('refusal'),
  startedAt: instant('started_at').notNull().defaultNow(),
  endedAt: instant('ended_at'),
})

export const importRejects = house.table('import_rejects', {
  importId: text('import_id').notNull(),
  file: text('file').notNull(),
  line: bigint('line', { mode: 'number' }).notNull(),
  reason: text('reason').notNull(),
  text: text('text').notNull(),
})

export const books = house.table('books', {
  book: text('book').primaryKey(),
  kind: text('kind', { enum: ['live', 'paper', 'rehearsal', 'backtest'] }).notNull(),
  parameters: jsonb('parameters').notNull(),
  feed: text('feed'),
  state: text('state', { enum: ['preparing', 'open', 'closed', 'failed', 'cancelled'] }).notNull(),
  speed: text('speed'),
  shownAt: instant('shown_at'),
  startedAt: instant('started_at').notNull().defaultNow(),
  endedAt: instant('ended_at'),
  report: jsonb('report'),
  certificate: text('certificate'),
})

export const screens = house.table('screens', {
  id: text('id').primaryKey(),
  book: text('book').notNull(),
  day: date('day', { mode: 'string' }).notNull(),
  feed: text('feed').notNull(),
  timeframe: text('timeframe').notNull(),
  fromAt: instant('from_at').notNull(),
  untilAt: instant('until_at').notNull(),
  dataHash: text('data_hash').notNull(),
  rules: jsonb('rules').notNull(),
  symbolsOffered: integer('symbols_offered').notNull(),
  symbolsComplete: integer('symbols_complete').notNull(),
  tested: integer('tested').notNull(),
  correlated: integer('correlated').notNull(),
  cointegrated: integer('cointegrated').notNull(),
  shortlisted: integer('shortlisted').notNull(),
  createdAt: instant('created_at').notNull().defaultNow(),
})

export const screenedPairs = house.table('screened_pairs', {
  screenId: text('screen_id').notNull(),
  pair: text('pair').notNull(),
  y: text('y').notNull(),
  x: text('x').notNull(),
  rank: integer('rank'),
  correlation: doublePrecision('correlation'),
  pValue: doublePrecision('p_value'),
  hedgeRatio: doublePrecision('hedge_ratio'),
  intercept: doublePrecision('intercept'),
  halfLifeBars: doublePrecision('half_life_bars'),
  score: doublePrecision('score'),
  verdict: text('verdict').notNull(),
  detail: jsonb('detail').notNull().default({}),
})

export const pairModels = house.table('pair_models', {
  id: text('id').primaryKey(),
  book: text('book').notNull(),
  pair: text('pair').notNull(),
  y: text('y').notNull(),
  x: text('x').notNull(),
  day: date('day', { mode: 'string' }).notNull(),
  screenId: text('screen_id').notNull(),
  model: jsonb('model').notNull(),
  weights: bytea('weights').notNull(),
  scores: jsonb('scores').notNull(),
  contentHash: text('content_hash').notNull(),
  isPromoted: boolean('is_promoted').notNull().default(false),
  gateReasons: jsonb('gate_reasons').notNull().default([]),
  runId: text('run_id'),
  version: text('version'),
  trainedAt: instant('trained_at').notNull().defaultNow(),
})

export const signals = house.table('signals', {
  id: text('id').primaryKey(),
  book: text('book').notNull(),
  at: instant('at').notNull(),
  pair: text('pair').notNull(),
  modelId: text('model_id').notNull(),
  strategy: text('strategy').notNull(),
  kind: text('kind', { enum: ['enter-long', 'enter-short', 'exit', 'hold', 'stand-aside'] }).notNull(),
  confidence: doublePrecision('confidence').notNull(),
  z: doublePrecision('z'),
  probability: doublePrecision('probability'),
  reasons: jsonb('reasons').notNull(),
  numbers: jsonb('numbers').notNull(),
})

export const riskDecisions = house.table('risk_decisions', {
  id: text('id').primaryKey(),
  book: text('book').notNull(),
  signalId: text('signal_id').notNull(),
  at: instant('at').notNull(),
  pair: text('pair').notNull(),
  verdict: text('verdict', { enum: ['approved', 'refused'] }).notNull(),
  reason: text('reason'),
  detail: jsonb('detail').notNull(),
})

export const orders = house.table('orders', {
  clientOrderId: text('client_order_id').primaryKey(),
  book: text('book').notNull(),
  decisionId: text('decision_id').notNull(),
  at: instant('at').notNull(),
  pair: text('pair').notNull(),
  leg: text('leg', { enum: ['y', 'x'] }).notNull(),
  symbol: text('symbol').notNull(),
  side: text('side', { enum: ['buy', 'sell'] }).notNull(),
  quantityShares: doublePrecision('quantity_shares').notNull(),
  type: text('type').notNull(),
  limitPrice: doublePrecision('limit_price'),
  referencePrice: doublePrecision('reference_price').notNull(),
  purpose: text('purpose', { enum: ['enter', 'exit', 'unwind'] }).notNull(),
  state: text('state', {
    enum: ['intended', 'unknown', 'working', 'filled', 'cancelled', 'expired', 'rejected'],
  }).notNull(),
  brokerOrderId: text('broker_order_id'),
  filledShares: doublePrecision('filled_shares').notNull().default(0),
  averagePrice: doublePrecision('average_price'),
  reason: text('reason'),
  updatedAt: instant('updated_at').notNull(),
})

export const fills = house.table('fills', {
  executionId: text('execution_id').notNull(),
  book: text('book').notNull(),
  clientOrderId: text('client_order_id').notNull(),
  at: instant('at').notNull(),
  symbol: text('symbol').notNull(),
  side: text('side').notNull(),
  quantityShares: doublePrecision('quantity_shares').notNull(),
  price: doublePrecision('price').notNull(),
  fees: money('fees').notNull().default('0'),
})

export const positions = house.table('positions', {
  book: text('book').notNull(),
  pair: text('pair').notNull(),
  state: text('state', { enum: ['opening', 'open', 'closing', 'closed'] }).notNull(),
  direction: text('direction', { enum: ['long', 'short'] }).notNull(),
  yShares: doublePrecision('y_shares').notNull(),
  xShares: doublePrecision('x_shares').notNull(),
  yPrice: doublePrecision('y_price'),
  xPrice: doublePrecision('x_price'),
  openedAt: instant('opened_at').notNull(),
  closedAt: instant('closed_at'),
  realised: money('realised').notNull().default('0'),
  entrySignalId: text('entry_signal_id').notNull(),
})

export const equity = house.table('equity', {
  book: text('book').notNull(),
  at: instant('at').notNull(),
  equity: money('equity').notNull(),
  cash: money('cash').notNull(),
  grossExposure: money('gross_exposure').notNull(),
})

export const alerts = house.table('alerts', {
  id: text('id').primaryKey(),
  book: text('book'),
  at: instant('at').notNull(),
  severity: text('severity', { enum: ['info', 'warning', 'critical'] }).notNull(),
  title: text('title').notNull(),
  body: text('body').notNull(),
  acknowledgedAt: instant('acknowledged_at'),
})

export const flowLogs = house.table('flow_logs', {
  id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
  flowId: text('flow_id').notNull(),
  step: text('step'),
  at: instant('at').notNull().defaultNow(),
  level: text('level').notNull(),
  message: text('message').notNull(),
  fields: jsonb('fields').notNull().default({}),
})

export const settings = house.table('settings', {
  key: text('key').primaryKey(),
  value: jsonb('value').notNull(),
  changedAt: instant('changed_at').notNull().defaultNow(),
  changedBy: text('changed_by').notNull(),
})
