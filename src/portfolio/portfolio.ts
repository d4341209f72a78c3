import type { MicroUsd } from '#domain/money.ts'
import type { Side } from '#domain/order.ts'
import { nameOf, type Pair } from '#domain/pair.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import type { EpochMs } from '#domain/units.ts'
import type { Lot } from './lot.ts'

/** Shares of one symbol over all pairs, with the price at which they were last marked. */
export type Holding = { readonly symbol: Symbol_; readonly lot: Lot; readonly lastPrice: number; readonly pricedAt: EpochMs }

/** `opening`: entry orders are alive; `open`: held; `closing`: exit or unwinding orders are alive; `closed`: nothing left. */
export type PairState = 'opening' | 'open' | 'closing' | 'closed'

export type Leg = 'y' | 'x'

export type LegHolding = {
  readonly lot: Lot
  /** Average price of the shares that were last held, in USD; undefined until something filled. */
  readonly entryPrice: number | undefined
}

/** One holding of a pair from its entry's decision to its last fill. At most one of a pair is not `closed`. */
export type PairHolding = {
  readonly pair: Pair
  readonly state: PairState
  readonly direction: 'long' | 'short'
  readonly y: LegHolding
  readonly x: LegHolding
  /** When the entry was decided. */
  readonly openedAt: EpochMs
  /** When leaving was last decided; undefined while it was not. */
  readonly leftAt: EpochMs | undefined
  /** Undefined until something filled; of a closed holding, when it closed. */
  readonly lastFillAt: EpochMs | undefined
  /** Profit of the shares that were closed, less every fee paid so far, entry fees included. */
  readonly realised: MicroUsd
  readonly entrySignalId: string
  /** The z-score at the entry's decision; undefined when it is not known. */
  readonly entryZ: number | undefined
}

/** What a book owns at an instant. Immutable: every change returns another. */
export type Portfolio = {
  readonly cash: MicroUsd
  /** Equity at the start of the trading day, which the daily loss is measured from. */
  readonly startingEquity: MicroUsd
  /** By symbol; a symbol of which nothing is left is not in it. */
  readonly holdings: ReadonlyMap<Symbol_, Holding>
  /** In the order in which their entries were decided. */
  readonly pairs: readonly PairHolding[]
}

/** The part of an order that a portfolio is about. */
export type PairIntent = {
  readonly pair: Pair
  readonly leg: Leg
  readonly side: Side
  readonly purpose: 'enter' | 'exit' | 'unwind'
  readonly at: EpochMs
  readonly signalId: string
  readonly signalZ: number | undefined
}

/** One execution of a part of a leg's order. */
export type PairFill = {
  readonly executionId: string
  readonly clientOrderId: string
  readonly at: EpochMs
  readonly pair: Pair
  readonly leg: Leg
  readonly symbol: Symbol_
  readonly side: Side
  readonly quantityShares: number
  readonly price: number
  readonly fees: MicroUsd
  /** The symbol's last price when the order was decided, in USD. */
  readonly referencePrice: number
}

/** A book with nothing but cash. */
export function emptyPortfolio(cash: MicroUsd): Portfolio {
  return { cash, startingEquity: cash, holdings: new Map(), pairs: [] }
}

/** The holding of `pair` that is not closed, or undefined. */
export function heldPair(portfolio: Portfolio, pair: Pair): PairHolding | undefined {
  const last = lastHolding(portfolio, pair)
  return last?.state === 'closed' ? undefined : last
}

/** The last holding of `pair`, closed or not, or undefined when it was never held. */
export function lastHolding(portfolio: Portfolio, pair: Pair): PairHolding | undefined {
  const name = nameOf(pair)
  return portfolio.pairs.findLast((held) => nameOf(held.pair) === name)
}

/** Signed shares of `symbol` over all pairs; 0 when none are held. */
export function sharesOf(portfolio: Portfolio, symbol: Symbol_): number {
  return portfolio.holdings.get(symbol)?.lot.shares ?? 0
}

/** How a strategy is told of a pair's position. */
export type PositionSeen =
  | {
      readonly kind: 'flat'
      /** When it was last decided to leave the pair; undefined when it was not held before. */
      readonly since: EpochMs | undefined
    }
  | {
      readonly kind: 'open'
      readonly direction: PairHolding['direction']
      readonly entryZ: number | undefined
      readonly openedAt: EpochMs
      /** False when one leg alone is left and no order is alive that would mend it. */
      readonly isHedged: boolean
    }

/** The pair's position; a pair whose entry orders are alive counts as open. */
export function positionIn(portfolio: Portfolio, pair: Pair): PositionSeen {
  const last = lastHolding(portfolio, pair)
  if (last === undefined || last.state === 'closed') return { kind: 'flat', since: last?.leftAt }
  const { direction, entryZ, openedAt, state, y, x } = last
  const isHedged = state !== 'open' || (y.lot.shares !== 0 && x.lot.shares !== 0)
  return { kind: 'open', direction, entryZ, openedAt, isHedged }
}
