import { type MicroUsd, microUsd, usdFrom } from '#domain/money.ts'
import type { OrderRequest } from '#domain/order.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import type { EpochMs } from '#domain/units.ts'
import type { FillModel } from './fill-model.ts'

/** Shares of one symbol. Both numbers have the same sign: negative is short. */
export type Position = {
  /** Whole, never 0. */
  readonly quantityShares: number
  /** What the shares were bought for, or minus what they were sold short for. Fees are not in it. */
  readonly cost: MicroUsd
}

/** An order that may still execute, by its client id. */
export type WorkingOrder = {
  readonly request: OrderRequest
  readonly acceptedAt: EpochMs
  /** No bar that opened before this is looked at. */
  readonly worksFrom: EpochMs
  /** Undefined: until cancelled. */
  readonly expiresAt: EpochMs | undefined
  /** Whether it opens or adds to a position; else it reduces one. */
  readonly isOpening: boolean
  readonly filledShares: number
  /** Executions so far. */
  readonly executions: number
  /** Shares times price over all executions, positive. */
  readonly filledValue: MicroUsd
}

/**
 * One account. `cash` = `startingCash` + `realised` − cost of all positions − `feesPaid` − `borrowPaid`, to the
 * micro-dollar, at all times. Finished orders are not kept: they leave in the events.
 */
export type Account = {
  readonly startingCash: MicroUsd
  readonly cash: MicroUsd
  /** Profit of closed shares before fees and borrow. */
  readonly realised: MicroUsd
  readonly feesPaid: MicroUsd
  readonly borrowPaid: MicroUsd
  /** Today's fees, owed and not yet paid. */
  readonly accruedFees: { readonly sec: MicroUsd; readonly taf: MicroUsd }
  readonly positions: ReadonlyMap<Symbol_, Position>
  /** Oldest first within a symbol; a symbol without working orders is absent. */
  readonly working: ReadonlyMap<Symbol_, readonly WorkingOrder[]>
}

/** The last price of a symbol in USD per share, or undefined when none is known. */
export type PriceOf = (symbol: Symbol_) => number | undefined

export const NO_MONEY = 0n as MicroUsd

/** An account that has done nothing yet. */
export function openAccount(startingCash: MicroUsd): Account {
  return {
    startingCash,
    cash: startingCash,
    realised: NO_MONEY,
    feesPaid: NO_MONEY,
    borrowPaid: NO_MONEY,
    accruedFees: { sec: NO_MONEY, taf: NO_MONEY },
    positions: new Map(),
    working: new Map(),
  }
}

/** Signed shares held; 0 when there is no position. */
export function sharesHeld(account: Account, symbol: Symbol_): number {
  return account.positions.get(symbol)?.quantityShares ?? 0
}

export function remainingShares(order: WorkingOrder): number {
  return order.request.quantityShares - order.filledShares
}

/** Mean price of what has executed, in USD per share; undefined before the first execution. */
export function averagePrice(order: WorkingOrder): number | undefined {
  return order.filledShares === 0 ? undefined : usdFrom(order.filledValue) / order.filledShares
}

/**
 * The position after buying (or, negative, selling) `shares` for `value`, which has the sign of `shares`, and the profit
 * of the shares that this closed. Cost leaves in proportion to the shares closed; what goes through zero opens anew.
 */
export function tradePosition(
  held: Position | undefined,
  shares: number,
  value: MicroUsd,
): { readonly position: Position | undefined; readonly realised: MicroUsd } {
  const before = held?.quantityShares ?? 0
  const cost = held?.cost ?? NO_MONEY
  if (before === 0 || before > 0 === shares > 0) {
    return { position: { quantityShares: before + shares, cost: (cost + value) as MicroUsd }, realised: NO_MONEY }
  }
  const closed = Math.min(Math.abs(shares), Math.abs(before))
  const closedCost = (cost * BigInt(closed)) / BigInt(Math.abs(before))
  const closedValue = (value * BigInt(closed)) / BigInt(Math.abs(shares))
  const quantityShares = before + shares
  const isThroughZero = closed < Math.abs(shares)
  const left = isThroughZero ? value - closedValue : cost - closedCost
  return {
    position: quantityShares === 0 ? undefined : { quantityShares, cost: left as MicroUsd },
    realised: (-closedValue - closedCost) as MicroUsd,
  }
}

/** Market values in US dollars: long ≥ 0, short ≤ 0. A position without a price counts at its cost. */
export function marketValue(account: Account, priceOf: PriceOf): { readonly long: number; readonly short: number } {
  let long = 0
  let short = 0
  for (const [symbol, position] of account.positions) {
    const price = priceOf(symbol)
    const value = price === undefined ? usdFrom(position.cost) : price * position.quantityShares
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

/**
 * US dollars that may still be put into new positions, long or short, at least 0: equity times the multiplier, less
 * what positions and working opening orders take.
 */
export function buyingPower(account: Account, priceOf: PriceOf, model: FillModel): number {
  const { long, short } = marketValue(account, priceOf)
  const equity = usdFrom(settledCash(account)) + long + short
  let reserved = 0
  for (const orders of account.working.values()) {
    for (const order of orders) {
      if (order.isOpening) reserved += reservedValue(order.request, remainingShares(order), priceOf(order.request.symbol) ?? 0)
    }
  }
  return Math.max(0, equity * model.marginMultiplier - long + short - reserved)
}

/** Alpaca values an opening order at the market 3 % above the last price, since nobody knows where it will execute. */
const MARKET_ORDER_COLLAR = 1.03

/** What an opening order of `shares` takes of the buying power, in US dollars. A short limit counts at the dearer of limit and collar. */
export function reservedValue(request: OrderRequest, shares: number, price: number): number {
  const collared = price * MARKET_ORDER_COLLAR
  if (request.type === 'market') return collared * shares
  return (request.side === 'buy' ? request.limitPrice : Math.max(request.limitPrice, collared)) * shares
}
