import { nameOf, type Pair } from '#domain/pair.ts'
import { averagePriceOf, costOf, type LotChange, NO_LOT, signedShares, sumOf, tradeLot } from './lot.ts'
import type { Holding, LegHolding, PairFill, PairHolding, PairIntent, Portfolio } from './portfolio.ts'

const NO_LEG: LegHolding = { lot: NO_LOT, entryPrice: undefined }

/**
 * The portfolio once an order is intended: an entry begins a holding of its pair (its second leg joins it), an exit or
 * an unwinding turns it to `closing`. Nothing is owned yet; fills do that.
 */
export function applyIntent(portfolio: Portfolio, intent: PairIntent): Portfolio {
  const index = lastIndexOf(portfolio, intent.pair)
  const last = portfolio.pairs[index]
  if (intent.purpose !== 'enter') {
    return last === undefined ? portfolio : withPair(portfolio, index, { ...last, state: 'closing', leftAt: intent.at })
  }
  if (last?.entrySignalId === intent.signalId) return portfolio
  return { ...portfolio, pairs: [...portfolio.pairs, beginning(intent)] }
}

function beginning({ pair, leg, side, at, signalId, signalZ }: PairIntent): PairHolding {
  const direction = leg === 'y' ? directionOf(side === 'buy') : directionOf(side === 'sell')
  return {
    pair,
    state: 'opening',
    direction,
    y: NO_LEG,
    x: NO_LEG,
    openedAt: at,
    leftAt: undefined,
    lastFillAt: undefined,
    realised: sumOf(),
    entrySignalId: signalId,
    entryZ: signalZ,
  }
}

function directionOf(isLong: boolean): PairHolding['direction'] {
  return isLong ? 'long' : 'short'
}

/** The portfolio after a fill: cash, the symbol's shares and the last holding of its pair. Its mark is the fill's price. */
export function applyFill(portfolio: Portfolio, fill: PairFill): Portfolio {
  return applyFillTo(portfolio, lastIndexOf(portfolio, fill.pair), fill)
}

/** As `applyFill`, into the holding at `index` of `portfolio.pairs`; -1 for a fill that belongs to no holding. */
export function applyFillTo(portfolio: Portfolio, index: number, fill: PairFill): Portfolio {
  const shares = signedShares(fill.side, fill.quantityShares)
  const cash = sumOf(portfolio.cash, -costOf(shares, fill.price), -fill.fees)
  const filled = { ...portfolio, cash, holdings: withHolding(portfolio.holdings, fill, shares) }
  const held = portfolio.pairs[index]
  return held === undefined ? filled : withPair(filled, index, fillPair(held, fill, shares))
}

function fillPair(held: PairHolding, fill: PairFill, shares: number): PairHolding {
  const change = tradeLot(held[fill.leg].lot, shares, fill.price)
  return {
    ...held,
    [fill.leg]: legAfter(held[fill.leg], change),
    realised: sumOf(held.realised, change.realised, -fill.fees),
    lastFillAt: fill.at,
  }
}

function legAfter(before: LegHolding, { lot }: LotChange): LegHolding {
  return { lot, entryPrice: averagePriceOf(lot) ?? before.entryPrice }
}

function withHolding(holdings: Portfolio['holdings'], fill: PairFill, shares: number): Portfolio['holdings'] {
  const next = new Map(holdings)
  const { lot } = tradeLot(holdings.get(fill.symbol)?.lot ?? NO_LOT, shares, fill.price)
  if (lot.shares === 0) next.delete(fill.symbol)
  else next.set(fill.symbol, { symbol: fill.symbol, lot, lastPrice: fill.price, pricedAt: fill.at } satisfies Holding)
  return next
}

/** The portfolio once no order of `pair` is alive any more: its last holding is settled. */
export function settlePair(portfolio: Portfolio, pair: Pair): Portfolio {
  const index = lastIndexOf(portfolio, pair)
  const held = portfolio.pairs[index]
  return held === undefined ? portfolio : { ...portfolio, pairs: portfolio.pairs.toSpliced(index, 1, ...settled(held)) }
}

/**
 * A holding none of whose orders is alive: `open`, or `closed` when nothing is left of it. Nothing at all when it never
 * filled; its orders tell about it.
 */
export function settled(held: PairHolding): readonly PairHolding[] {
  if (held.lastFillAt === undefined) return []
  const isEmpty = held.y.lot.shares === 0 && held.x.lot.shares === 0
  return [{ ...held, state: isEmpty ? 'closed' : 'open' }]
}

function lastIndexOf(portfolio: Portfolio, pair: Pair): number {
  const name = nameOf(pair)
  return portfolio.pairs.findLastIndex((held) => nameOf(held.pair) === name)
}

function withPair(portfolio: Portfolio, index: number, held: PairHolding): Portfolio {
  return { ...portfolio, pairs: portfolio.pairs.with(index, held) }
}
