import type { Bar } from '#domain/bars.ts'
import type { MicroUsd } from '#domain/money.ts'
import type { Side } from '#domain/order.ts'
import { NANO, type NanoShares, nanoShares } from './shares.ts'

/** What an execution costs, how much of a bar one order gets, and what an account may owe. Reasons: docs/exchange.md. */
export type FillModel = {
  /** Basis points of the price paid on every execution at the market. */
  readonly halfSpreadBps: number
  /** Basis points of the price paid on every execution at the market. */
  readonly slippageBps: number
  /** Most of a bar's volume that one order takes, a fraction in (0, 1]. */
  readonly participation: number
  /** US dollars for each million US dollars sold. */
  readonly secFeePerMillion: number
  /** US dollars for each share sold. */
  readonly tafPerShare: number
  /** US dollars, most for one execution. */
  readonly tafMaximum: number
  /** A year of 360 days, on the market value of short positions. */
  readonly borrowRate: number
  /** Gross exposure that one dollar of equity may carry. */
  readonly marginMultiplier: number
}

/** Prices have four decimals, so that a whole number of shares at a price is a whole number of micro-dollars. */
const TICKS_PER_USD = 1e4
const MICRO_USD_PER_TICK = 100n
/** Keeps 100.02 × 1.00015 from being pushed to the next tick by the last bit of a double. */
const TICK_TOLERANCE = 1e-6
const CENT = 10_000n

/** A price of at most four decimals, rounded against the order: up for a buy, down for a sell. USD per share. */
export function roundAgainst(side: Side, price: number): number {
  const ticks = price * TICKS_PER_USD
  return (side === 'buy' ? Math.ceil(ticks - TICK_TOLERANCE) : Math.floor(ticks + TICK_TOLERANCE)) / TICKS_PER_USD
}

/** What an order at the market pays or gets at `price`: half the spread and slippage worse, in USD per share. */
export function marketPrice(side: Side, price: number, model: FillModel): number {
  return worsened(side, price, model.halfSpreadBps + model.slippageBps)
}

/** The price of an auction: one for all, so without a spread, but our own order moves it by the slippage. USD per share. */
export function auctionPrice(side: Side, price: number, model: FillModel): number {
  return worsened(side, price, model.slippageBps)
}

function worsened(side: Side, price: number, bps: number): number {
  const cost = bps / 1e4
  return roundAgainst(side, price * (side === 'buy' ? 1 + cost : 1 - cost))
}

/** Most shares of `bar` that one order gets: whole, at least 1 when anything traded, 0 when nothing did. */
export function capacityOf(bar: Bar, model: FillModel): NanoShares {
  return nanoShares(bar.volumeShares > 0 ? Math.max(1, Math.floor(bar.volumeShares * model.participation)) : 0)
}

/** What a whole number of shares is worth at a price of at most four decimals: exact. Throws RangeError for parts of shares. */
export function tradeValue(price: number, shares: number): MicroUsd {
  return (microUsdAt(price) * BigInt(shares)) as MicroUsd
}

/** What moves for `shares` at a price of at most four decimals, rounded against the order to the micro-dollar; exact for whole shares. */
export function executionValue(side: Side, price: number, shares: NanoShares): MicroUsd {
  const exact = microUsdAt(price) * shares
  return (side === 'buy' ? roundUp(exact, NANO) : exact / NANO) as MicroUsd
}

/** The most shares, to the billionth, that `money` buys at a price of at most four decimals. */
export function sharesFor(money: MicroUsd, price: number): NanoShares {
  return ((money * NANO) / microUsdAt(price)) as NanoShares
}

function microUsdAt(price: number): bigint {
  return BigInt(Math.round(price * TICKS_PER_USD)) * MICRO_USD_PER_TICK
}

/** SEC fee on a sale of `principal`: exact to the millionth, rounded up there; the day's sum is rounded up to the cent. */
export function secFee(principal: MicroUsd, model: FillModel): MicroUsd {
  const perMillion = BigInt(Math.round(model.secFeePerMillion * 1e6))
  return roundUp(principal * perMillion, 1_000_000_000_000n) as MicroUsd
}

/** FINRA's trading activity fee on one sale of `shares`, at most `tafMaximum`, rounded up to the millionth. */
export function tradingActivityFee(shares: number, model: FillModel): MicroUsd {
  const dollars = Math.min(shares * model.tafPerShare, model.tafMaximum)
  return BigInt(Math.ceil(dollars * 1e6 - TICK_TOLERANCE)) as MicroUsd
}

export function roundUpToCent(money: MicroUsd): MicroUsd {
  return (roundUp(money, CENT) * CENT) as MicroUsd
}

function roundUp(numerator: bigint, denominator: bigint): bigint {
  return (numerator + denominator - 1n) / denominator
}
