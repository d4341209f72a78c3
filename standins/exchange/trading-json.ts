import { decimalFrom, type MicroUsd, microUsd, usdFrom } from '#domain/money.ts'
import type { SessionDate } from '#domain/sessions.ts'
import type { Listing } from '#domain/tape.ts'
import { type EpochMs, isoFrom } from '#domain/units.ts'
import type { Account, Position } from '#matching/account.ts'
import { dayTradeCount } from '#matching/day-trades.ts'
import {
  buyingPower,
  equityOf,
  MAINTENANCE_MARGIN,
  type MarginTerms,
  marketValue,
  multiplierOf,
  settledCash,
} from '#matching/margin.ts'
import { decimalShares, type NanoShares, NO_SHARES, sharesFrom } from '#matching/shares.ts'
import { DAY_TRADES_ALLOWED } from '#matching/trading-rules.ts'
import type { SymbolConditions } from './conditions.ts'
import { uuidFrom } from './ids.ts'
import type { LatestBars } from './latest-bars.ts'

/** How Alpaca writes money and prices: as text. */
export function usdText(dollars: number): string {
  return decimalFrom(microUsd(dollars))
}

/** The asset's id, derived from its symbol. */
export function assetIdOf(symbol: string): string {
  return uuidFrom('asset', symbol)
}

/** Alpaca's activity ids sort by time. */
export function activityIdOf(at: EpochMs, id: string): string {
  return `${isoFrom(at).replace(/\D/g, '')}::${id}`
}

/** Regulation T asks for half of what is bought, an account without margin for all of it. */
const MOST_LENT = 2

/** An account with every key of Alpaca's. */
export function accountJson(terms: {
  readonly id: string
  readonly account: Account
  readonly margin: MarginTerms
  readonly createdAt: EpochMs
  readonly balanceAsOf: SessionDate
}): object {
  const { account, margin } = terms
  const { priceOf, choices } = margin
  const { long, short } = marketValue(account, priceOf)
  const equity = decimalFrom(equityOf(account, priceOf))
  const power = buyingPower(account, margin)
  const multiplier = multiplierOf(account, margin)
  const fees = decimalFrom((account.accruedFees.sec + account.accruedFees.taf) as MicroUsd)
  const cash = settledCash(account)
  const dayTrades = dayTradeCount(account.dayTrades)
  return {
    id: terms.id,
    account_number: `PA${terms.id.replace(/-/g, '').slice(0, 10).toUpperCase()}`,
    status: 'ACTIVE',
    crypto_status: 'INACTIVE',
    currency: 'USD',
    buying_power: usdText(power.available),
    regt_buying_power: usdText(power.regulationT),
    daytrading_buying_power: power.dayTrading === 0 ? '0' : usdText(power.dayTrading),
    non_marginable_buying_power: usdText(Math.max(0, usdFrom(cash))),
    options_buying_power: '0',
    cash: decimalFrom(cash),
    accrued_fees: fees,
    pending_reg_taf_fees: fees,
    pending_transfer_in: '0',
    pending_transfer_out: '0',
    portfolio_value: equity,
    pattern_day_trader: dayTrades > DAY_TRADES_ALLOWED,
    trading_blocked: false,
    transfers_blocked: false,
    account_blocked: false,
    trade_suspended_by_user: choices.isTradingSuspended,
    created_at: isoFrom(terms.createdAt),
    multiplier: String(multiplier),
    shorting_enabled: multiplier > 1 && !choices.isShortingRefused,
    equity,
    last_equity: decimalFrom(account.lastClose.equity),
    long_market_value: usdText(long),
    short_market_value: usdText(short),
    position_market_value: usdText(long - short),
    initial_margin: usdText((long - short) / Math.min(MOST_LENT, multiplier)),
    maintenance_margin: usdText((long - short) * MAINTENANCE_MARGIN),
    last_maintenance_margin: usdText(account.lastClose.exposure * MAINTENANCE_MARGIN),
    sma: equity,
    daytrade_count: dayTrades,
    balance_asof: terms.balanceAsOf,
    options_approved_level: 0,
    options_trading_level: 0,
    intraday_adjustments: '0',
  }
}

type PositionTerms = {
  readonly position: Position
  /** As it was at the last close. */
  readonly before: Position | undefined
  readonly latest: LatestBars
  readonly available: NanoShares
}

/** A position at the last price. The day's profit counts from the last close for what was held then, else from the entry. */
export function positionJson({ symbol, exchange }: Listing, { position, before, latest, available }: PositionTerms): object {
  const cost = usdFrom(position.cost)
  const shares = sharesFrom(position.quantity)
  const average = cost / shares
  const price = latest.priceOf(symbol) ?? average
  const previous = latest.previousCloseOf(symbol) ?? price
  const profit = price * shares - cost
  const overnight = sharesHeldSince(before, position)
  const dayCost = overnight * previous + (shares - overnight) * average
  const dayProfit = price * shares - dayCost
  return {
    asset_id: assetIdOf(symbol),
    symbol,
    exchange,
    asset_class: 'us_equity',
    asset_marginable: true,
    qty: decimalShares(position.quantity),
    qty_available: decimalShares((shares < 0 ? -available : available) as NanoShares),
    avg_entry_price: usdText(average),
    side: shares > 0 ? 'long' : 'short',
    market_value: usdText(price * shares),
    cost_basis: decimalFrom(position.cost),
    unrealized_pl: usdText(profit),
    unrealized_plpc: fraction(profit / Math.abs(cost)),
    unrealized_intraday_pl: usdText(dayProfit),
    unrealized_intraday_plpc: fraction(dayProfit / Math.abs(dayCost)),
    current_price: usdText(price),
    lastday_price: usdText(previous),
    change_today: fraction(price / previous - 1),
  }
}

/** Signed shares of `now` that were there before. */
function sharesHeldSince(before: Position | undefined, now: Position): number {
  const held = before?.quantity ?? NO_SHARES
  if (held === NO_SHARES || held > 0n !== now.quantity > 0n) return 0
  const [a, b] = [sharesFrom(held), sharesFrom(now.quantity)]
  return Math.abs(a) < Math.abs(b) ? a : b
}

/** Without an exponent, which strict readers of decimal text refuse. */
function fraction(value: number): string {
  const text = String(value)
  return text.includes('e') ? value.toFixed(18) : text
}

export function assetJson(listing: Listing, { isActive, isTradable, borrow }: SymbolConditions): object {
  const isLent = borrow.isShortable && borrow.isEasy
  return {
    id: assetIdOf(listing.symbol),
    class: 'us_equity',
    exchange: listing.exchange,
    symbol: listing.symbol,
    name: listing.name,
    status: isActive ? 'active' : 'inactive',
    tradable: isActive && isTradable,
    marginable: true,
    shortable: borrow.isShortable,
    easy_to_borrow: isLent,
    borrow_status: isLent ? 'easy_to_borrow' : 'hard_to_borrow',
    fractionable: true,
    maintenance_margin_requirement: MAINTENANCE_MARGIN * 100,
    margin_requirement_long: String(MAINTENANCE_MARGIN * 100),
    margin_requirement_short: String(MAINTENANCE_MARGIN * 100),
    attributes: [],
    cusip: null,
  }
}
