import { type MicroUsd, microUsd, usdFrom } from '#domain/money.ts'
import type { Side } from '#domain/order.ts'

/** Shares held at one average cost. */
export type Lot = {
  /** Signed: a short lot is negative. */
  readonly shares: number
  /** What was paid for them; negative for a short lot, which was received. */
  readonly cost: MicroUsd
}

export type LotChange = { readonly lot: Lot; readonly realised: MicroUsd }

export const NO_LOT: Lot = { shares: 0, cost: sumOf() }

/** Average price in USD per share; undefined for no shares. */
export function averagePriceOf({ shares, cost }: Lot): number | undefined {
  return shares === 0 ? undefined : usdFrom(cost) / shares
}

/** Shares that a fill adds: negative when it sells. */
export function signedShares(side: Side, quantityShares: number): number {
  return side === 'buy' ? quantityShares : -quantityShares
}

/** The sum of amounts of money. */
export function sumOf(...amounts: readonly bigint[]): MicroUsd {
  return amounts.reduce((sum, amount) => sum + amount, 0n) as MicroUsd
}

/** Money that `shares` signed shares cost at `price`: negative when they are sold. */
export function costOf(shares: number, price: number): MicroUsd {
  return microUsd(shares * price)
}

/**
 * The lot after `shares` signed shares were traded at `price`, by average cost, and the profit realised on the part that
 * was closed. Exact: once a lot is back at nothing, its realised profits add up to all money received less all money paid.
 */
export function tradeLot(lot: Lot, shares: number, price: number): LotChange {
  const cost = costOf(shares, price)
  if (lot.shares * shares >= 0) return { lot: { shares: lot.shares + shares, cost: sumOf(lot.cost, cost) }, realised: sumOf() }
  if (Math.abs(shares) > Math.abs(lot.shares)) return tradeThroughZero(lot, shares, price)
  const released = (lot.cost * fixed(-shares)) / fixed(lot.shares)
  return { lot: { shares: lot.shares + shares, cost: sumOf(lot.cost, -released) }, realised: sumOf(-cost, -released) }
}

function tradeThroughZero(lot: Lot, shares: number, price: number): LotChange {
  const left = lot.shares + shares
  const cost = costOf(left, price)
  const received = -(costOf(shares, price) - cost)
  return { lot: { shares: left, cost }, realised: sumOf(received, -lot.cost) }
}

/** Shares in millionths, so that a fraction of a share divides exactly as well. */
function fixed(shares: number): bigint {
  return BigInt(Math.round(shares * 1e6))
}
