import { type MicroUsd, usdFrom } from '#domain/money.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import type { EpochMs } from '#domain/units.ts'
import { type DayTrades, NO_DAY_TRADES } from './day-trades.ts'
import type { GroupKind, Instruction, Role } from './instruction.ts'
import { less, type NanoShares, NO_SHARES, sharesFrom } from './shares.ts'

/** Shares of one symbol. Both numbers have the same sign: negative is short. */
export type Position = {
  /** Never 0. */
  readonly quantity: NanoShares
  /** What the shares were bought for, or minus what they were sold short for. Fees are not in it. */
  readonly cost: MicroUsd
}

/**
 * What an order with a stop waits for. `armed` and `trailing` wait; `mark` is the best price since the order was taken
 * in, the highest of a sale and the lowest of a buy. `reached` no longer waits. Prices are in USD per share.
 */
export type Trigger =
  | { readonly kind: 'none' }
  | { readonly kind: 'armed'; readonly stopPrice: number }
  | { readonly kind: 'trailing'; readonly mark: number; readonly stopPrice: number }
  | { readonly kind: 'reached'; readonly mark: number | undefined; readonly stopPrice: number }

/** An order that may still execute, by its client id. */
export type WorkingOrder = {
  readonly instruction: Instruction
  readonly acceptedAt: EpochMs
  /** No bar that opened before this is looked at. */
  readonly worksFrom: EpochMs
  /** Undefined: until cancelled. */
  readonly expiresAt: EpochMs | undefined
  /** Whether it opens or adds to a position; else it reduces one. */
  readonly isOpening: boolean
  /** Whether it waits for the main order of its group. */
  readonly isHeld: boolean
  /** Most shares that may execute; undefined for a purchase for an amount of money that opens a position. */
  readonly most: NanoShares | undefined
  readonly trigger: Trigger
  /** `id` is the client id under which the group's main order came. */
  readonly group: { readonly kind: GroupKind; readonly id: string; readonly role: Role } | undefined
  readonly filled: NanoShares
  /** Executions so far. */
  readonly executions: number
  /** Money moved by all executions, positive. */
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
  readonly dayTrades: DayTrades
  /** As it was at the last close: what the limits of a trading day are reckoned from. Exposure is gross, in US dollars. */
  readonly lastClose: {
    readonly equity: MicroUsd
    readonly exposure: number
    readonly positions: ReadonlyMap<Symbol_, Position>
  }
}

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
    dayTrades: NO_DAY_TRADES,
    lastClose: { equity: startingCash, exposure: 0, positions: new Map() },
  }
}

/** Signed shares held; 0 when there is no position. */
export function sharesHeld(account: Account, symbol: Symbol_): NanoShares {
  return account.positions.get(symbol)?.quantity ?? NO_SHARES
}

/** What may still execute; undefined for a purchase for an amount of money. */
export function remainingShares({ most, filled }: WorkingOrder): NanoShares | undefined {
  return most === undefined ? undefined : less(most, filled)
}

/** Mean price of what has executed, in USD per share; undefined before the first execution. */
export function averagePrice(order: WorkingOrder): number | undefined {
  return order.filled === 0n ? undefined : usdFrom(order.filledValue) / sharesFrom(order.filled)
}

/** The orders of `symbol` that have not ended, oldest first. */
export function workingIn(account: Account, symbol: Symbol_): readonly WorkingOrder[] {
  return account.working.get(symbol) ?? []
}

/** The order of this client id, or undefined when it is not working. */
export function workingOrder(account: Account, clientOrderId: string): WorkingOrder | undefined {
  for (const orders of account.working.values()) {
    const found = orders.find((order) => order.instruction.clientOrderId === clientOrderId)
    if (found) return found
  }
  return undefined
}

/** The account with `order` in the place of the one with its client id, or behind all others of its symbol. */
export function withOrder(account: Account, order: WorkingOrder): Account {
  const { symbol, clientOrderId } = order.instruction
  const before = workingIn(account, symbol)
  const isKnown = before.some((o) => o.instruction.clientOrderId === clientOrderId)
  const orders = isKnown ? before.map((o) => (o.instruction.clientOrderId === clientOrderId ? order : o)) : [...before, order]
  return { ...account, working: new Map(account.working).set(symbol, orders) }
}

/** The account without the order of this symbol and client id. */
export function withoutOrder(account: Account, { symbol, clientOrderId }: Instruction): Account {
  const left = workingIn(account, symbol).filter((o) => o.instruction.clientOrderId !== clientOrderId)
  const working = new Map(account.working)
  if (left.length === 0) working.delete(symbol)
  else working.set(symbol, left)
  return { ...account, working }
}
