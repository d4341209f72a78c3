import { z } from 'zod'
import type { Sql } from '#database/connection.client.ts'
import type { Book } from '#domain/book.ts'
import { decimalFrom, type MicroUsd, moneyFrom } from '#domain/money.ts'
import { filledSharesOf, type OrderState } from '#domain/order.ts'
import { nameOf } from '#domain/pair.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { epochMs, isoFrom } from '#domain/units.ts'
import type { PairFill } from '#portfolio/portfolio.ts'
import type { IntendedOrder } from './intend.ts'
import type { SagaOrder } from './saga.ts'
import type { JournalEntry } from './submit.ts'

/**
 * Writes new intents, changed states and fills in one statement: all of them or none. Again changes nothing: an intent
 * and a fill are written once, and an order that is over stays as it is.
 */
export async function recordTrading(sql: Sql, book: Book, entry: JournalEntry): Promise<void> {
  const at = isoFrom(entry.at)
  await sql.query(RECORD, [
    book,
    JSON.stringify(entry.intents.map((order) => intentRow(order, at))),
    JSON.stringify(entry.changed.map((order) => stateRow(order, at))),
    JSON.stringify(entry.fills.map(fillRow)),
  ])
}

/** Every order of a book, ascending by decision, then by client id. */
export async function ordersOf(sql: Sql, book: Book): Promise<SagaOrder[]> {
  return selectOrders(sql, 'where o.book = $1', [book])
}

/** Every order of each decision of which an order is not final: what a restart has to go on with. Ascending by decision. */
export async function unfinishedOrders(sql: Sql, book: Book): Promise<SagaOrder[]> {
  const unfinished = `select decision_id from spreadworks.orders where book = $1 and state in ('intended', 'unknown', 'working')`
  return selectOrders(sql, `where o.book = $1 and o.decision_id in (${unfinished})`, [book])
}

/** Every fill of a book, ascending by instant, then by execution id. */
export async function fillsOf(sql: Sql, book: Book): Promise<PairFill[]> {
  const { rows } = await sql.query(
    `select f.*, o.leg, o.reference_price, d.detail->>'y' as y, d.detail->>'x' as x
     from spreadworks.fills f
     join spreadworks.orders o using (client_order_id)
     join spreadworks.risk_decisions d on d.id = o.decision_id
     where f.book = $1 order by f.at, f.execution_id collate "C"`,
    [book],
  )
  return rows.map(fillFromRow)
}

const RECORD = `
  with intents as (
    insert into spreadworks.orders (client_order_id, book, decision_id, at, pair, leg, symbol, side, quantity_shares, type,
      limit_price, reference_price, purpose, state, updated_at)
    select client_order_id, $1, decision_id, at, pair, leg, symbol, side, quantity_shares, type, limit_price, reference_price,
      purpose, 'intended', updated_at
    from jsonb_to_recordset($2) as t (client_order_id text, decision_id text, at timestamptz, pair text, leg text, symbol text,
      side text, quantity_shares float8, type text, limit_price float8, reference_price float8, purpose text, updated_at timestamptz)
    on conflict do nothing
  ), states as (
    update spreadworks.orders o set (state, broker_order_id, filled_shares, average_price, reason, updated_at) =
      (t.state, coalesce(t.broker_order_id, o.broker_order_id), t.filled_shares, t.average_price, t.reason, t.updated_at)
    from jsonb_to_recordset($3) as t (client_order_id text, state text, broker_order_id text, filled_shares float8,
      average_price float8, reason text, updated_at timestamptz)
    where o.client_order_id = t.client_order_id and o.book = $1
      and o.state in ('intended', 'unknown', 'working') and o.filled_shares <= t.filled_shares
  )
  insert into spreadworks.fills (execution_id, book, client_order_id, at, symbol, side, quantity_shares, price, fees)
  select execution_id, $1, client_order_id, at, symbol, side, quantity_shares, price, fees
  from jsonb_to_recordset($4) as t (execution_id text, client_order_id text, at timestamptz, symbol text, side text,
    quantity_shares float8, price float8, fees numeric)
  on conflict do nothing`

function intentRow(order: IntendedOrder, updatedAt: string) {
  return {
    client_order_id: order.clientOrderId,
    decision_id: order.decisionId,
    at: isoFrom(order.at),
    pair: nameOf(order.pair),
    leg: order.leg,
    symbol: order.symbol,
    side: order.side,
    quantity_shares: order.quantityShares,
    type: order.type,
    limit_price: order.type === 'limit' ? order.limitPrice : null,
    reference_price: order.referencePrice,
    purpose: order.purpose,
    updated_at: updatedAt,
  }
}

function stateRow({ clientOrderId, state, filledUsd }: SagaOrder, updatedAt: string) {
  const filled = filledSharesOf(state)
  return {
    client_order_id: clientOrderId,
    state: state.kind,
    broker_order_id: 'brokerOrderId' in state ? state.brokerOrderId : null,
    filled_shares: filled,
    average_price: filled > 0 ? filledUsd / filled : null,
    reason: state.kind === 'rejected' ? state.reason : null,
    updated_at: updatedAt,
  }
}

function fillRow(fill: PairFill) {
  return {
    execution_id: fill.executionId,
    client_order_id: fill.clientOrderId,
    at: isoFrom(fill.at),
    symbol: fill.symbol,
    side: fill.side,
    quantity_shares: fill.quantityShares,
    price: fill.price,
    fees: decimalFrom(fill.fees),
  }
}

async function selectOrders(sql: Sql, which: string, parameters: readonly unknown[]): Promise<SagaOrder[]> {
  const { rows } = await sql.query(
    `select o.*, d.signal_id, d.detail->>'y' as y, d.detail->>'x' as x, s.z as signal_z
     from spreadworks.orders o
     join spreadworks.risk_decisions d on d.id = o.decision_id
     join spreadworks.signals s on s.id = d.signal_id
     ${which} order by o.at, o.decision_id, o.client_order_id`,
    [...parameters],
  )
  return rows.map(orderFromRow)
}

const Instant = z.date().transform((at) => epochMs(at.getTime()))
const StoredSymbol = z.custom<Symbol_>((text) => typeof text === 'string' && text.length > 0)
const StoredBook = z.custom<Book>((text) => typeof text === 'string')
const StoredMoney = z.string().transform((text, context): MicroUsd => {
  const money = moneyFrom(text)
  if (money !== undefined) return money
  context.addIssue({ code: 'custom', message: `money is decimal text, got ${text}` })
  return z.NEVER
})

const Shared = z.object({
  client_order_id: z.string(),
  book: StoredBook,
  at: Instant,
  y: StoredSymbol,
  x: StoredSymbol,
  leg: z.enum(['y', 'x']),
  symbol: StoredSymbol,
  side: z.enum(['buy', 'sell']),
  quantity_shares: z.number(),
  reference_price: z.number(),
})

const OrderRow = Shared.extend({
  decision_id: z.string(),
  signal_id: z.string(),
  signal_z: z.number().nullable(),
  type: z.enum(['market', 'limit']),
  limit_price: z.number().nullable(),
  purpose: z.enum(['enter', 'exit', 'unwind']),
  state: z.enum(['intended', 'unknown', 'working', 'filled', 'cancelled', 'expired', 'rejected']),
  broker_order_id: z.string().nullable(),
  filled_shares: z.number(),
  average_price: z.number().nullable(),
  reason: z.string().nullable(),
  updated_at: Instant,
})
type OrderRow = z.output<typeof OrderRow>

const FillRow = Shared.extend({ execution_id: z.string(), price: z.number(), fees: StoredMoney })

function orderFromRow(stored: unknown): SagaOrder {
  const row = OrderRow.parse(stored)
  const pricing =
    row.type === 'limit' && row.limit_price !== null
      ? { type: 'limit' as const, limitPrice: row.limit_price }
      : { type: 'market' as const }
  return {
    ...sharedFrom(row),
    ...pricing,
    timeInForce: 'day',
    decisionId: row.decision_id,
    signalId: row.signal_id,
    signalZ: row.signal_z ?? undefined,
    book: row.book,
    at: row.at,
    purpose: row.purpose,
    state: stateFrom(row),
    filledUsd: row.filled_shares * (row.average_price ?? 0),
  }
}

function stateFrom(row: OrderRow): OrderState {
  const { state, filled_shares: filledShares, updated_at: at } = row
  const brokerOrderId = row.broker_order_id ?? ''
  switch (state) {
    case 'intended':
      return { kind: 'intended' }
    case 'unknown':
      return { kind: 'unknown', since: at }
    case 'working':
      return { kind: 'working', brokerOrderId, filledShares }
    case 'filled':
      return { kind: 'filled', brokerOrderId, filledShares, averagePrice: row.average_price ?? Number.NaN, at }
    case 'cancelled':
    case 'expired':
      return { kind: state, brokerOrderId, filledShares, at }
    case 'rejected':
      return { kind: 'rejected', reason: row.reason ?? 'no reason was given', at }
    default:
      return state satisfies never
  }
}

function fillFromRow(stored: unknown): PairFill {
  const row = FillRow.parse(stored)
  return { ...sharedFrom(row), executionId: row.execution_id, at: row.at, price: row.price, fees: row.fees }
}

function sharedFrom(row: z.output<typeof Shared>) {
  return {
    clientOrderId: row.client_order_id,
    pair: { y: row.y, x: row.x },
    leg: row.leg,
    symbol: row.symbol,
    side: row.side,
    quantityShares: row.quantity_shares,
    referencePrice: row.reference_price,
  }
}
