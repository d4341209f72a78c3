import { decimalFrom } from '#domain/money.ts'
import { isoFrom } from '#domain/units.ts'
import { averagePrice, remainingShares, type WorkingOrder } from '#matching/account.ts'
import { type Instruction, limitOf } from '#matching/instruction.ts'
import { decimalShares, NO_SHARES } from '#matching/shares.ts'
import type { Execution, LedgerUpdate, OrderRecord } from './order-record.ts'
import { activityIdOf, assetIdOf, usdText } from './trading-json.ts'

/** An order with every key of Alpaca's, null where it has nothing. `legs` are shown under it when there are any. */
export function orderJson(record: OrderRecord, legs: readonly OrderRecord[] = []): object {
  const { order, status, updatedAt } = record
  const { instruction } = order
  const average = averagePrice(order)
  const endedAs = (ending: OrderRecord['status']) => (status === ending ? isoFrom(updatedAt) : null)
  return {
    id: record.id,
    client_order_id: instruction.clientOrderId,
    created_at: isoFrom(order.acceptedAt),
    updated_at: isoFrom(updatedAt),
    submitted_at: isoFrom(order.acceptedAt),
    filled_at: endedAs('filled'),
    expired_at: endedAs('expired'),
    canceled_at: endedAs('canceled'),
    failed_at: endedAs('rejected'),
    replaced_at: endedAs('replaced'),
    replaced_by: record.replacedBy ?? null,
    replaces: record.replaces ?? null,
    asset_id: assetIdOf(instruction.symbol),
    symbol: instruction.symbol,
    asset_class: 'us_equity',
    ...sizeJson(instruction),
    filled_qty: decimalShares(order.filled),
    filled_avg_price: average === undefined ? null : usdText(average),
    order_class: order.group?.kind ?? '',
    order_type: instruction.pricing.type,
    type: instruction.pricing.type,
    side: instruction.side,
    position_intent: `${instruction.side}_to_${order.isOpening ? 'open' : 'close'}`,
    time_in_force: instruction.timeInForce,
    limit_price: textOrNull(limitOf(instruction.pricing)),
    stop_price: 'stopPrice' in order.trigger ? usdText(order.trigger.stopPrice) : null,
    status,
    extended_hours: instruction.isExtendedHours,
    legs: legs.length === 0 ? null : legs.map((leg) => orderJson(leg)),
    ...trailJson(order),
    subtag: null,
    source: null,
    expires_at: order.expiresAt === undefined ? null : isoFrom(order.expiresAt),
  }
}

function textOrNull(price: number | undefined): string | null {
  return price === undefined ? null : usdText(price)
}

function sizeJson({ size }: Instruction): object {
  return size.kind === 'shares'
    ? { notional: null, qty: decimalShares(size.shares) }
    : { notional: decimalFrom(size.value), qty: null }
}

function trailJson({ instruction: { pricing }, trigger }: WorkingOrder): object {
  if (pricing.type !== 'trailing_stop') return { trail_percent: null, trail_price: null, hwm: null }
  const { trail } = pricing
  return {
    trail_percent: trail.kind === 'percent' ? String(trail.percent) : null,
    trail_price: trail.kind === 'price' ? usdText(trail.usd) : null,
    hwm: textOrNull('mark' in trigger ? trigger.mark : undefined),
  }
}

/** Alpaca answers a new order before it has told its event, so the answer says `pending_new`. */
export function placedJson(record: OrderRecord, legs: readonly OrderRecord[]): object {
  return { ...orderJson(record, legs), ...(record.status === 'new' ? { status: 'pending_new' } : {}) }
}

/** The data of one trade_updates message. */
export function tradeUpdateJson(update: LedgerUpdate): object {
  const { event, id, at, record, legs } = update
  const told = { event, execution_id: id, timestamp: isoFrom(at), order: orderJson(record, legs) }
  if (update.event === 'rejected') return { ...told, reason: update.reason }
  if (update.event !== 'fill' && update.event !== 'partial_fill') return told
  const { price, quantity, position } = update.execution
  return { ...told, price: usdText(price), qty: decimalShares(quantity), position_qty: decimalShares(position) }
}

/** One FILL activity. */
export function fillActivityJson(execution: Execution): object {
  const { at, id, record, price, quantity } = execution
  const { instruction, filled } = record.order
  const isComplete = record.status === 'filled'
  return {
    id: activityIdOf(at, id),
    activity_type: 'FILL',
    transaction_time: isoFrom(at),
    type: isComplete ? 'fill' : 'partial_fill',
    price: usdText(price),
    qty: decimalShares(quantity),
    side: instruction.side,
    symbol: instruction.symbol,
    leaves_qty: decimalShares(isComplete ? NO_SHARES : (remainingShares(record.order) ?? NO_SHARES)),
    order_id: record.id,
    cum_qty: decimalShares(filled),
    order_status: record.status,
  }
}
