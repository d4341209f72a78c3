import { type MicroUsd, microUsd, usdFrom } from '#domain/money.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { type Account, remainingShares, type WorkingOrder } from './account.ts'
import type { FillModel } from './fill-model.ts'
import type { Instruction } from './instruction.ts'
import { type NanoShares, sharesFrom } from './shares.ts'
import type { AccountChoices, TradingRules } from './trading-rules.ts'

/** The last price of a symbol in USD per share, or undefined when none is known. */
export type PriceOf = (symbol: Symbol_) => number | undefined

/** What limits an account's exposure, beside the account itself. */
export type MarginTerms = {
  readonly model: FillModel
  readonly rules: TradingRules
  readonly choices: AccountChoices
  readonly priceOf: PriceOf
}

/** Market values in US dollars: long ≥ 0, short ≤ 0. A position without a price counts at its cost. */
export function marketValue(account: Account, priceOf: PriceOf): { readonly long: number; readonly short: number } {
  let long = 0
  let short = 0
  for (const [symbol, position] of account.positions) {
    const price = priceOf(symbol)
    const value = price === undefined ? usdFrom(position.cost) : price * sharesFrom(position.quantity)
    if (value > 0) long += value
    else short += value
  }
  return { long, short }
}

/** Cash less the fees that today's sales already owe. */
export function settledCash(account: Account): MicroUsd {
  return (account.cash - account.accruedFees.sec - account.accruedFees.taf) as MicroUsd
}

/** What the account would be worth at the last prices, to the micro-dollar of those prices. */
export function equityOf(account: Account, priceOf: PriceOf): MicroUsd {
  const { long, short } = marketValue(account, priceOf)
  return (settledCash(account) + microUsd(long + short)) as MicroUsd
}

/** Share of gross exposure that must stay covered by equity; Alpaca's figure for shares above $2.50 held long. */
export const MAINTENANCE_MARGIN = 0.3

/** Regulation T lends one dollar for each owned; an account that may day trade has four times its equity within a day. */
const REGULATION_T_MULTIPLIER = 2
const DAY_TRADING_MULTIPLIER = 4

/**
 * Gross exposure that one dollar of equity may carry: the least of the fill model's figure, the owner's choice and 4;
 * at most 2 below the day traders' minimum, 1 below the minimum for margin.
 */
export function multiplierOf({ lastClose }: Account, { model, rules, choices }: MarginTerms): number {
  const equity = usdFrom(lastClose.equity)
  if (equity < rules.marginMinimumUsd) return 1
  const most = equity < rules.dayTradingMinimumUsd ? REGULATION_T_MULTIPLIER : DAY_TRADING_MULTIPLIER
  return Math.min(model.marginMultiplier, choices.maxMultiplier, most)
}

/** US dollars that may still be put into new positions, at least 0, by three reckonings; `available` is the one in force. */
export type BuyingPower = { readonly available: number; readonly regulationT: number; readonly dayTrading: number }

/**
 * Regulation T: equity times the multiplier, at most 2, less what positions and working opening orders take. Day trading,
 * for a multiplier of 4: four times the equity beyond maintenance at the last close, less what has been opened since.
 */
export function buyingPower(account: Account, terms: MarginTerms): BuyingPower {
  const { long, short } = marketValue(account, terms.priceOf)
  const exposure = long - short
  const equity = usdFrom(settledCash(account)) + long + short
  const reserved = reservedBy(account, terms.priceOf)
  const multiplier = multiplierOf(account, terms)
  const isDayTrader = multiplier === DAY_TRADING_MULTIPLIER
  const regulationT = Math.max(0, equity * (isDayTrader ? REGULATION_T_MULTIPLIER : multiplier) - exposure - reserved)
  if (!isDayTrader) return { available: regulationT, regulationT, dayTrading: 0 }
  const { lastClose } = account
  const excess = usdFrom(lastClose.equity) - lastClose.exposure * MAINTENANCE_MARGIN
  const opened = Math.max(0, exposure - lastClose.exposure)
  const dayTrading = Math.max(0, excess * DAY_TRADING_MULTIPLIER - opened - reserved)
  return { available: dayTrading, regulationT, dayTrading }
}

/** US dollars of buying power that working opening orders take, at least 0. */
export function reservedBy(account: Account, priceOf: PriceOf): number {
  let reserved = 0
  for (const orders of account.working.values()) {
    for (const order of orders) if (order.isOpening && !order.isHeld) reserved += reservedFor(order, priceOf)
  }
  return reserved
}

function reservedFor(order: WorkingOrder, priceOf: PriceOf): number {
  const { instruction, filledValue } = order
  if (instruction.size.kind === 'value') return usdFrom((instruction.size.value - filledValue) as MicroUsd)
  return reservedValue(instruction, remainingShares(order) ?? instruction.size.shares, priceOf(instruction.symbol) ?? 0)
}

/** Alpaca values an opening order at the market 3 % above the last price, since nobody knows where it will execute. */
const MARKET_ORDER_COLLAR = 1.03

/**
 * What an opening order of `shares` takes of the buying power, in US dollars: a buy with a limit at that limit, a buy with a
 * stop 3 % above the dearer of stop and price, any short sale at the dearer of limit and price with 3 % added.
 */
export function reservedValue({ pricing, side }: Instruction, shares: NanoShares, price: number): number {
  const count = sharesFrom(shares)
  const collared = price * MARKET_ORDER_COLLAR
  if ('limitPrice' in pricing) return (side === 'buy' ? pricing.limitPrice : Math.max(pricing.limitPrice, collared)) * count
  if (side === 'buy' && pricing.type === 'stop') return Math.max(pricing.stopPrice * MARKET_ORDER_COLLAR, collared) * count
  return collared * count
}
