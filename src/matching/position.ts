import type { MicroUsd } from '#domain/money.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { type Account, NO_MONEY, type Position, sharesHeld } from './account.ts'
import { noteTrade } from './day-trades.ts'
import { fewer, magnitudeOf, more, type NanoShares, NO_SHARES } from './shares.ts'

/**
 * The position after buying (or, negative, selling) `shares` for `value`, which has the sign of `shares`, and the profit
 * of the shares that this closed. Cost leaves in proportion to the shares closed; what goes through zero opens anew.
 */
export function tradePosition(
  held: Position | undefined,
  shares: NanoShares,
  value: MicroUsd,
): { readonly position: Position | undefined; readonly realised: MicroUsd } {
  const before = held?.quantity ?? NO_SHARES
  const cost = held?.cost ?? NO_MONEY
  if (before === 0n || before > 0n === shares > 0n) {
    return { position: { quantity: more(before, shares), cost: (cost + value) as MicroUsd }, realised: NO_MONEY }
  }
  const closed = fewer(magnitudeOf(shares), magnitudeOf(before))
  const closedCost = (cost * closed) / magnitudeOf(before)
  const closedValue = (value * closed) / magnitudeOf(shares)
  const quantity = more(before, shares)
  const left = closed < magnitudeOf(shares) ? value - closedValue : cost - closedCost
  return {
    position: quantity === 0n ? undefined : { quantity, cost: left as MicroUsd },
    realised: (-closedValue - closedCost) as MicroUsd,
  }
}

/** Moves cash against shares; `value` is positive, `shares` signed. Counts the day trade that this may complete. */
export function trade(
  account: Account,
  symbol: Symbol_,
  { shares, value }: { readonly shares: NanoShares; readonly value: MicroUsd },
): Account {
  const signed = (shares < 0n ? -value : value) as MicroUsd
  const before = sharesHeld(account, symbol)
  const { position, realised } = tradePosition(account.positions.get(symbol), shares, signed)
  const positions = new Map(account.positions)
  if (position === undefined) positions.delete(symbol)
  else positions.set(symbol, position)
  const closes = before !== 0n && before > 0n !== shares > 0n
  const opens = !closes || magnitudeOf(shares) > magnitudeOf(before)
  return {
    ...account,
    cash: (account.cash - signed) as MicroUsd,
    realised: (account.realised + realised) as MicroUsd,
    positions,
    dayTrades: noteTrade(account.dayTrades, symbol, { opens, closes }),
  }
}
