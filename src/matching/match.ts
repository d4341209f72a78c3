import type { Bar } from '#domain/bars.ts'
import { type MicroUsd, microUsd } from '#domain/money.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import type { EpochMs } from '#domain/units.ts'
import {
  type Account,
  marketValue,
  NO_MONEY,
  type Position,
  type PriceOf,
  remainingShares,
  sharesHeld,
  tradePosition,
  type WorkingOrder,
} from './account.ts'
import {
  capacityShares,
  executionPrice,
  type FillModel,
  roundUpToCent,
  secFee,
  tradeValue,
  tradingActivityFee,
} from './fill-model.ts'

/** What happened to an order, which is shown as it is afterwards. */
export type OrderMatched =
  | {
      readonly kind: 'fill'
      readonly at: EpochMs
      readonly order: WorkingOrder
      readonly quantityShares: number
      readonly price: number
      /** Exact; the day's sum is rounded up to the cent when it is paid at the close. */
      readonly fees: MicroUsd
      /** Signed shares held after the execution. */
      readonly positionShares: number
      readonly isComplete: boolean
    }
  | { readonly kind: 'cancelled' | 'expired'; readonly at: EpochMs; readonly order: WorkingOrder }

export type Matched = { readonly account: Account; readonly events: readonly OrderMatched[] }

const NOTHING: readonly OrderMatched[] = []

/**
 * The account after `bar` of one symbol has closed at `closedAt`, and what happened. An order executes on the first bar
 * that opened at or after `worksFrom`, at a price made from that bar's opening or its limit, and never on an earlier
 * one. What the bar's volume does not allow goes on; the rest of an immediate order is cancelled.
 */
export function onBar(account: Account, bar: Bar, terms: { readonly model: FillModel; readonly closedAt: EpochMs }): Matched {
  const orders = account.working.get(bar.symbol)
  if (!orders?.some((order) => order.worksFrom <= bar.openedAt)) return { account, events: NOTHING }
  const events: OrderMatched[] = []
  const left: WorkingOrder[] = []
  let after = account
  for (const order of orders) {
    if (bar.openedAt < order.worksFrom) {
      left.push(order)
      continue
    }
    const executed = execute(after, order, { bar, ...terms })
    after = executed.account
    events.push(...executed.events)
    if (remainingShares(executed.order) === 0) continue
    if (order.request.timeInForce === 'ioc') events.push({ kind: 'cancelled', at: terms.closedAt, order: executed.order })
    else left.push(executed.order)
  }
  return { account: { ...after, working: withEntry(account.working, bar.symbol, left.length > 0 ? left : undefined) }, events }
}

/**
 * The account after a session's close: day orders that are due expire, the day's SEC and TAF sums are paid, each rounded
 * up to the cent, and shorts pay borrow for `nights` until the next session, rounded up to the cent, in a year of 360 days.
 */
export function onClose(
  account: Account,
  at: EpochMs,
  terms: { readonly model: FillModel; readonly nights: number; readonly priceOf: PriceOf },
): Matched {
  const isDue = (order: WorkingOrder) => order.expiresAt !== undefined && order.expiresAt <= at
  const due = [...account.working.values()].flat().filter(isDue)
  const working = new Map(
    [...account.working]
      .map(([symbol, orders]) => [symbol, orders.filter((o) => !isDue(o))] as const)
      .filter(([, orders]) => orders.length > 0),
  )
  const fees = roundUpToCent(account.accruedFees.sec) + roundUpToCent(account.accruedFees.taf)
  const borrow = borrowFee(account, terms)
  return {
    account: {
      ...account,
      working,
      cash: (account.cash - fees - borrow) as MicroUsd,
      feesPaid: (account.feesPaid + fees) as MicroUsd,
      borrowPaid: (account.borrowPaid + borrow) as MicroUsd,
      accruedFees: { sec: NO_MONEY, taf: NO_MONEY },
    },
    events: due.map((order) => ({ kind: 'expired', at, order })),
  }
}

const BORROW_YEAR_DAYS = 360

function borrowFee(
  account: Account,
  { model, nights, priceOf }: { readonly model: FillModel; readonly nights: number; readonly priceOf: PriceOf },
): MicroUsd {
  const { short } = marketValue(account, priceOf)
  return roundUpToCent(microUsd((-short * model.borrowRate * nights) / BORROW_YEAR_DAYS))
}

function execute(
  account: Account,
  order: WorkingOrder,
  { bar, model, closedAt }: { readonly bar: Bar; readonly model: FillModel; readonly closedAt: EpochMs },
): { readonly account: Account; readonly order: WorkingOrder; readonly events: readonly OrderMatched[] } {
  const price = executionPrice(order.request, bar, model)
  const quantityShares = price === undefined ? 0 : Math.min(remainingShares(order), capacityShares(bar, model))
  if (price === undefined || quantityShares === 0) return { account, order, events: NOTHING }
  const value = tradeValue(price, quantityShares)
  const isSale = order.request.side === 'sell'
  const sec = isSale ? secFee(value, model) : NO_MONEY
  const taf = isSale ? tradingActivityFee(quantityShares, model) : NO_MONEY
  const traded = trade(account, bar.symbol, { shares: isSale ? -quantityShares : quantityShares, value })
  const filled: WorkingOrder = {
    ...order,
    filledShares: order.filledShares + quantityShares,
    executions: order.executions + 1,
    filledValue: (order.filledValue + value) as MicroUsd,
  }
  return {
    account: {
      ...traded,
      accruedFees: { sec: (account.accruedFees.sec + sec) as MicroUsd, taf: (account.accruedFees.taf + taf) as MicroUsd },
    },
    order: filled,
    events: [
      {
        kind: 'fill',
        at: closedAt,
        order: filled,
        quantityShares,
        price,
        fees: (sec + taf) as MicroUsd,
        positionShares: sharesHeld(traded, bar.symbol),
        isComplete: remainingShares(filled) === 0,
      },
    ],
  }
}

/** Moves cash against shares; `value` is positive, `shares` signed. */
function trade(
  account: Account,
  symbol: Symbol_,
  { shares, value }: { readonly shares: number; readonly value: MicroUsd },
): Account {
  const signed = (shares < 0 ? -value : value) as MicroUsd
  const { position, realised } = tradePosition(account.positions.get(symbol), shares, signed)
  return {
    ...account,
    cash: (account.cash - signed) as MicroUsd,
    realised: (account.realised + realised) as MicroUsd,
    positions: withEntry<Position>(account.positions, symbol, position),
  }
}

function withEntry<T>(map: ReadonlyMap<Symbol_, T>, symbol: Symbol_, value: T | undefined): ReadonlyMap<Symbol_, T> {
  const copy = new Map(map)
  if (value === undefined) copy.delete(symbol)
  else copy.set(symbol, value)
  return copy
}
