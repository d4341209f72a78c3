import { decimalFrom, type MicroUsd, microUsd, usdFrom } from '#domain/money.ts'
import type { Listing } from '#domain/tape.ts'
import { type EpochMs, isoFrom } from '#domain/units.ts'
import { type Account, averagePrice, buyingPower, equityOf, marketValue, type Position, settledCash } from '#matching/account.ts'
import type { FillModel } from '#matching/fill-model.ts'
import { uuidFrom } from './ids.ts'
import type { LatestBars } from './latest-bars.ts'
import type { Execution, LedgerUpdate, OrderRecord } from './ledger.ts'

/** How Alpaca writes money and prices: as text. */
function usdText(dollars: number): string {
  return decimalFrom(microUsd(dollars))
}

/** The asset's id, derived from its symbol. */
export function assetIdOf(symbol: string): string {
  return uuidFrom('asset', symbol)
}

/** An order with every key of Alpaca's, null where it has nothing. */
export function orderJson(record: OrderRecord): object {
  const { order, status, updatedAt } = record
  const { request } = order
  const average = averagePrice(order)
  const endedAs = (ending: OrderRecord['status']) => (status === ending ? isoFrom(updatedAt) : null)
  return {
    id: record.id,
    client_order_id: request.clientOrderId,
    created_at: isoFrom(order.acceptedAt),
    updated_at: isoFrom(updatedAt),
    submitted_at: isoFrom(order.acceptedAt),
    filled_at: endedAs('filled'),
    expired_at: endedAs('expired'),
    canceled_at: endedAs('canceled'),
    failed_at: null,
    replaced_at: null,
    replaced_by: null,
    replaces: null,
    asset_id: assetIdOf(request.symbol),
    symbol: request.symbol,
    asset_class: 'us_equity',
    notional: null,
    qty: String(request.quantityShares),
    filled_qty: String(order.filledShares),
    filled_avg_price: average === undefined ? null : usdText(average),
    order_class: '',
    order_type: request.type,
    type: request.type,
    side: request.side,
    position_intent: `${request.side}_to_${order.isOpening ? 'open' : 'close'}`,
    time_in_force: request.timeInForce,
    limit_price: request.type === 'limit' ? usdText(request.limitPrice) : null,
    stop_price: null,
    status,
    extended_hours: false,
    legs: null,
    trail_percent: null,
    trail_price: null,
    hwm: null,
    subtag: null,
    source: null,
    expires_at: order.expiresAt === undefined ? null : isoFrom(order.expiresAt),
  }
}

/** The data of one trade_updates message. */
export function tradeUpdateJson(update: LedgerUpdate): object {
  const told = { event: update.event, execution_id: update.id, timestamp: isoFrom(update.at), order: orderJson(update.record) }
  if (update.event !== 'fill' && update.event !== 'partial_fill') return told
  const { price, quantityShares, positionShares } = update.execution
  return { ...told, price: usdText(price), qty: String(quantityShares), position_qty: String(positionShares) }
}

/** Alpaca's activity ids sort by time. */
export function activityIdOf({ at, id }: Execution): string {
  return `${isoFrom(at).replace(/\D/g, '')}::${id}`
}

/** One FILL activity. */
export function fillActivityJson(execution: Execution): object {
  const { at, record, price, quantityShares } = execution
  const { request, filledShares } = record.order
  const isComplete = record.status === 'filled'
  return {
    id: activityIdOf(execution),
    activity_type: 'FILL',
    transaction_time: isoFrom(at),
    type: isComplete ? 'fill' : 'partial_fill',
    price: usdText(price),
    qty: String(quantityShares),
    side: request.side,
    symbol: request.symbol,
    leaves_qty: String(request.quantityShares - filledShares),
    order_id: record.id,
    cum_qty: String(filledShares),
    order_status: record.status,
  }
}

/** Share of gross exposure that must stay covered by equity; Alpaca's figure for shares above $2.50 held long. */
const MAINTENANCE_MARGIN = 0.3

export function accountJson(terms: {
  readonly id: string
  readonly account: Account
  readonly model: FillModel
  readonly latest: LatestBars
  readonly lastEquity: MicroUsd
  readonly createdAt: EpochMs
}): object {
  const { account, model, latest } = terms
  const { long, short } = marketValue(account, latest.priceOf)
  const equity = decimalFrom(equityOf(account, latest.priceOf))
  const buying = usdText(buyingPower(account, latest.priceOf, model))
  const fees = decimalFrom((account.accruedFees.sec + account.accruedFees.taf) as MicroUsd)
  const cash = settledCash(account)
  const maintenance = usdText((long - short) * MAINTENANCE_MARGIN)
  return {
    id: terms.id,
    account_number: `PA${terms.id.replace(/-/g, '').slice(0, 10).toUpperCase()}`,
    status: 'ACTIVE',
    crypto_status: 'INACTIVE',
    currency: 'USD',
    buying_power: buying,
    regt_buying_power: buying,
    daytrading_buying_power: '0',
    non_marginable_buying_power: usdText(Math.max(0, usdFrom(cash))),
    options_buying_power: '0',
    cash: decimalFrom(cash),
    accrued_fees: fees,
    pending_reg_taf_fees: fees,
    pending_transfer_in: '0',
    pending_transfer_out: '0',
    portfolio_value: equity,
    pattern_day_trader: false,
    trading_blocked: false,
    transfers_blocked: false,
    account_blocked: false,
    trade_suspended_by_user: false,
    created_at: isoFrom(terms.createdAt),
    multiplier: String(model.marginMultiplier),
    shorting_enabled: model.marginMultiplier > 1,
    equity,
    last_equity: decimalFrom(terms.lastEquity),
    long_market_value: usdText(long),
    short_market_value: usdText(short),
    position_market_value: usdText(long - short),
    initial_margin: usdText((long - short) / model.marginMultiplier),
    maintenance_margin: maintenance,
    last_maintenance_margin: maintenance,
    sma: equity,
    daytrade_count: 0,
    balance_asof: isoFrom(terms.createdAt).slice(0, 10),
    options_approved_level: 0,
    options_trading_level: 0,
    intraday_adjustments: '0',
  }
}

/** A position at the last price. Figures of the day count from the entry. */
export function positionJson(listing: Listing, position: Position, latest: LatestBars, availableShares: number): object {
  const { symbol } = listing
  const cost = usdFrom(position.cost)
  const average = cost / position.quantityShares
  const price = latest.priceOf(symbol) ?? average
  const previous = latest.previousCloseOf(symbol) ?? price
  const profit = price * position.quantityShares - cost
  const profitFraction = String(profit / Math.abs(cost))
  return {
    asset_id: assetIdOf(symbol),
    symbol,
    exchange: listing.exchange,
    asset_class: 'us_equity',
    asset_marginable: true,
    qty: String(position.quantityShares),
    qty_available: String(availableShares),
    avg_entry_price: usdText(average),
    side: position.quantityShares > 0 ? 'long' : 'short',
    market_value: usdText(price * position.quantityShares),
    cost_basis: decimalFrom(position.cost),
    unrealized_pl: usdText(profit),
    unrealized_plpc: profitFraction,
    unrealized_intraday_pl: usdText(profit),
    unrealized_intraday_plpc: profitFraction,
    current_price: usdText(price),
    lastday_price: usdText(previous),
    change_today: String(price / previous - 1),
  }
}

export function assetJson(listing: Listing): object {
  return {
    id: assetIdOf(listing.symbol),
    class: 'us_equity',
    exchange: listing.exchange,
    symbol: listing.symbol,
    name: listing.name,
    status: 'active',
    tradable: true,
    marginable: true,
    shortable: listing.shortable,
    easy_to_borrow: listing.shortable,
    borrow_status: listing.shortable ? 'easy_to_borrow' : 'not_available',
    fractionable: false,
    maintenance_margin_requirement: MAINTENANCE_MARGIN * 100,
    margin_requirement_long: String(MAINTENANCE_MARGIN * 100),
    margin_requirement_short: String(MAINTENANCE_MARGIN * 100),
    attributes: [],
    cusip: null,
  }
}
