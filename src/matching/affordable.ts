import { type MicroUsd, usdFrom } from '#domain/money.ts'
import type { EpochMs } from '#domain/units.ts'
import { type Account, NO_MONEY, remainingShares, sharesHeld, workingIn } from './account.ts'
import { availableShares, heldForOrders, opens, reducingOrders } from './availability.ts'
import { dayTradeCount } from './day-trades.ts'
import type { Instruction } from './instruction.ts'
import { buyingPower, type MarginTerms, multiplierOf, type PriceOf, reservedValue } from './margin.ts'
import type { OrderRefused } from './refused.ts'
import { fewer, isWhole, magnitudeOf, more, type NanoShares, NO_SHARES, nanoShares, sharesFrom } from './shares.ts'
import { type Borrow, DAY_TRADES_ALLOWED } from './trading-rules.ts'

/** The circumstances under which an order arrives. */
export type AcceptanceTerms = MarginTerms & {
  readonly at: EpochMs
  /** `at` in a session, else the next open. */
  readonly worksFrom: EpochMs
  /** When the order ends by itself; undefined for one that waits until cancelled. */
  readonly expiresAt: EpochMs | undefined
  /** Of the symbol that is ordered. */
  readonly borrow: Borrow
}

/** An order for an amount of money that closes sets shares aside for a price 3 % lower, as far as there are any. */
const VALUE_RESERVE = 1.03

/** Most shares that an order may execute: what it says; for money what is set aside, or undefined when it opens a position. */
export function sharesAtMost(
  account: Account,
  { size, symbol }: Instruction,
  { priceOf, isOpening }: { readonly priceOf: PriceOf; readonly isOpening: boolean },
): NanoShares | undefined {
  if (size.kind === 'shares') return size.shares
  const price = priceOf(symbol)
  if (isOpening || price === undefined) return undefined
  return fewer(nanoShares((usdFrom(size.value) / price) * VALUE_RESERVE), availableShares(account, symbol))
}

/** Why `instruction` may not take shares off the position, if it may not. */
export function cannotReduce(account: Account, instruction: Instruction, terms: AcceptanceTerms): OrderRefused | undefined {
  const { symbol, size } = instruction
  const requested = size.kind === 'shares' ? size.shares : sharesWorth(size.value, terms.priceOf(symbol) ?? Number.NaN)
  return lackingShares(account, instruction, requested) ?? dayTradeRefused(account, instruction, { isOpening: false, ...terms })
}

function sharesWorth(value: MicroUsd, price: number): NanoShares {
  return nanoShares(usdFrom(value) / price)
}

/** Why `requested` shares are not there to be taken off the position, if they are not. */
export function lackingShares(account: Account, { symbol, side }: Instruction, requested: NanoShares): OrderRefused | undefined {
  const available = opens(account, { symbol, side }) ? NO_SHARES : availableShares(account, symbol)
  if (requested <= available) return undefined
  return {
    kind: 'insufficient-shares',
    requested: sharesFrom(requested),
    existing: sharesFrom(magnitudeOf(sharesHeld(account, symbol))),
    held: sharesFrom(heldForOrders(account, symbol)),
    available: sharesFrom(available),
    heldBy: reducingOrders(account, symbol),
  }
}

/** Why `instruction` may not open a position or add to one, if it may not. */
export function cannotOpen(account: Account, instruction: Instruction, terms: AcceptanceTerms): OrderRefused | undefined {
  const price = terms.priceOf(instruction.symbol)
  const { size } = instruction
  const shares = size.kind === 'shares' ? size.shares : undefined
  return (
    cannotShort(account, instruction, terms) ??
    (price === undefined ? { kind: 'no-price' } : undefined) ??
    dayTradeRefused(account, instruction, { isOpening: true, ...terms }) ??
    lackingBuyingPower(account, instruction, { ...terms, shares })
  )
}

/** Why the buying power does not carry `shares` of `instruction`, or the money that it names, if it does not. */
export function lackingBuyingPower(
  account: Account,
  instruction: Instruction,
  terms: AcceptanceTerms & { readonly shares: NanoShares | undefined },
): OrderRefused | undefined {
  const { size } = instruction
  const value = size.kind === 'value' ? size.value : NO_MONEY
  const price = terms.priceOf(instruction.symbol) ?? 0
  const needed = terms.shares === undefined ? usdFrom(value) : reservedValue(instruction, terms.shares, price)
  const power = buyingPower(account, terms)
  const available = instruction.isExtendedHours ? power.regulationT : power.available
  return needed > available ? { kind: 'insufficient-buying-power', needed, available } : undefined
}

function cannotShort(account: Account, instruction: Instruction, terms: AcceptanceTerms): OrderRefused | undefined {
  const { side, size } = instruction
  if (side === 'buy') return undefined
  const { borrow, choices } = terms
  if (choices.isShortingRefused || multiplierOf(account, terms) <= 1) return { kind: 'shorting-refused' }
  if (!borrow.isShortable || !borrow.isEasy) return { kind: 'not-shortable' }
  if (size.kind === 'value' || !isWhole(size.shares)) return { kind: 'fractional-short' }
  if (borrow.availableShares === undefined) return undefined
  const taken = shortOrOrdered(account, instruction)
  const available = Math.max(0, borrow.availableShares - sharesFrom(taken))
  return sharesFrom(size.shares) > available ? { kind: 'borrow-exhausted', available } : undefined
}

/** Shares that are short already or would be if every working short sale of the symbol executed. */
function shortOrOrdered(account: Account, { symbol }: Instruction): NanoShares {
  const held = sharesHeld(account, symbol)
  const isShortSale = (o: ReturnType<typeof workingIn>[number]) => o.isOpening && !o.isHeld && o.instruction.side === 'sell'
  return workingIn(account, symbol)
    .filter(isShortSale)
    .reduce((sum, order) => more(sum, remainingShares(order) ?? NO_SHARES), held < 0n ? magnitudeOf(held) : NO_SHARES)
}

/**
 * Why the rules for pattern day traders refuse `instruction`, if they do: below their minimum of equity a fourth day trade
 * in five sessions is stopped, before something is opened, before it is closed on its day, or both, as the owner chose.
 */
function dayTradeRefused(
  account: Account,
  { symbol }: Instruction,
  { rules, choices, isOpening }: AcceptanceTerms & { readonly isOpening: boolean },
): OrderRefused | undefined {
  if (usdFrom(account.lastClose.equity) >= rules.dayTradingMinimumUsd) return undefined
  const dayTrades = dayTradeCount(account.dayTrades)
  if (dayTrades < DAY_TRADES_ALLOWED) return undefined
  const isChecked = choices.dayTradesCheckedAt === 'both' || (choices.dayTradesCheckedAt === 'entry') === isOpening
  const wouldCount = isOpening || account.dayTrades.opened.has(symbol)
  return isChecked && wouldCount ? { kind: 'day-trading', dayTrades } : undefined
}
