import { type MicroUsd, microUsd, usdFrom } from '#domain/money.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import type { EpochMs } from '#domain/units.ts'
import { type Account, NO_MONEY, type WorkingOrder, workingOrder } from './account.ts'
import { nextDay } from './day-trades.ts'
import { type FillModel, roundUpToCent } from './fill-model.ts'
import { equityOf, marketValue, type PriceOf } from './margin.ts'
import { end } from './match.ts'
import { type Matched, type OrderMatched, unmoved } from './order-event.ts'
import { sharesFrom } from './shares.ts'

export type CloseTerms = {
  readonly model: FillModel
  /** Until the next session. */
  readonly nights: number
  readonly priceOf: PriceOf
  /** A year of 360 days on market value; undefined: the model's rate. */
  readonly borrowRateOf: (symbol: Symbol_) => number | undefined
}

/** Money that a close took from the account, beside trades. */
export type Charge = {
  readonly kind: 'sec' | 'taf' | 'borrow'
  readonly at: EpochMs
  /** Above 0, whole cents. */
  readonly amount: MicroUsd
}

/** The account after everything that was to end by `at` has expired. An exit expires with its group. */
export function expire(account: Account, at: EpochMs): Matched {
  const isDue = (order: WorkingOrder) => order.expiresAt !== undefined && order.expiresAt <= at
  const due = [...account.working.values()].flat().filter(isDue)
  return due.reduce<Matched>((before, order) => {
    if (!workingOrder(before.account, order.instruction.clientOrderId)) return before
    const { account: after, events } = end(before.account, order, { kind: 'expired', at })
    const ended = events.map((event): OrderMatched => (isDue(event.order) ? { kind: 'expired', at, order: event.order } : event))
    return { account: after, events: [...before.events, ...ended] }
  }, unmoved(account))
}

/**
 * The account after a session's close: day orders that are due expire, the day's SEC and TAF sums are paid, each rounded
 * up to the cent, and shorts pay borrow until the next session, rounded up to the cent, in a year of 360 days.
 */
export function onClose(account: Account, at: EpochMs, terms: CloseTerms): Matched & { readonly charges: readonly Charge[] } {
  const expired = expire(account, at)
  const [sec, taf] = [roundUpToCent(account.accruedFees.sec), roundUpToCent(account.accruedFees.taf)]
  const borrow = borrowFee(account, terms)
  const paid: Account = {
    ...expired.account,
    cash: (account.cash - sec - taf - borrow) as MicroUsd,
    feesPaid: (account.feesPaid + sec + taf) as MicroUsd,
    borrowPaid: (account.borrowPaid + borrow) as MicroUsd,
    accruedFees: { sec: NO_MONEY, taf: NO_MONEY },
  }
  const { long, short } = marketValue(paid, terms.priceOf)
  const charges: readonly Charge[] = [
    { kind: 'sec', at, amount: sec },
    { kind: 'taf', at, amount: taf },
    { kind: 'borrow', at, amount: borrow },
  ]
  return {
    account: {
      ...paid,
      dayTrades: nextDay(paid.dayTrades),
      lastClose: { equity: equityOf(paid, terms.priceOf), exposure: long - short, positions: paid.positions },
    },
    events: expired.events,
    charges: charges.filter(({ amount }) => amount > 0n),
  }
}

const BORROW_YEAR_DAYS = 360

function borrowFee(account: Account, { model, nights, priceOf, borrowRateOf }: CloseTerms): MicroUsd {
  let owed = 0
  for (const [symbol, { quantity, cost }] of account.positions) {
    if (quantity > 0n) continue
    const price = priceOf(symbol)
    const value = price === undefined ? usdFrom(cost) : price * sharesFrom(quantity)
    owed -= value * (borrowRateOf(symbol) ?? model.borrowRate)
  }
  return roundUpToCent(microUsd((owed * nights) / BORROW_YEAR_DAYS))
}
