import type { MicroUsd } from '#domain/money.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import type { EpochMs } from '#domain/units.ts'
import { costOf, signedShares, sumOf } from './lot.ts'
import type { Holding, PairFill, Portfolio } from './portfolio.ts'

export type Prices = ReadonlyMap<Symbol_, number>

export type Exposure = {
  /** Market value of long and short holdings added up. */
  readonly gross: MicroUsd
  /** Long less short. */
  readonly net: MicroUsd
}

/** Equity at one instant, as it is stored. */
export type EquityPoint = {
  readonly at: EpochMs
  readonly equity: MicroUsd
  readonly cash: MicroUsd
  readonly grossExposure: MicroUsd
}

export type Profit = {
  /** At reference prices: what the decisions earned before it cost anything to carry them out. */
  readonly gross: MicroUsd
  /** Slippage (fill against reference price) and fees; negative when fills were better than their references. */
  readonly costs: MicroUsd
  /** gross − costs: money received less money paid, plus what is still held at its mark. */
  readonly net: MicroUsd
}

/** The portfolio with its holdings marked at `prices`. A holding without a finite price keeps its last, with its age. */
export function markToMarket(portfolio: Portfolio, at: EpochMs, prices: Prices): Portfolio {
  const mark = (holding: Holding): Holding => {
    const price = prices.get(holding.symbol)
    return price !== undefined && Number.isFinite(price) ? { ...holding, lastPrice: price, pricedAt: at } : holding
  }
  return { ...portfolio, holdings: new Map([...portfolio.holdings].map(([symbol, holding]) => [symbol, mark(holding)])) }
}

/** Cash and the market value of every holding. */
export function equityOf(portfolio: Portfolio): MicroUsd {
  return sumOf(portfolio.cash, exposureOf(portfolio).net)
}

/** Long and short market value at the last marks. */
export function exposureOf(portfolio: Portfolio): Exposure {
  const values = [...portfolio.holdings.values()].map(({ lot, lastPrice }) => costOf(lot.shares, lastPrice))
  return { gross: sumOf(...values.map((value) => (value < 0n ? -value : value))), net: sumOf(...values) }
}

/** The portfolio as a point of its equity curve. */
export function equityPoint(portfolio: Portfolio, at: EpochMs): EquityPoint {
  return { at, equity: equityOf(portfolio), cash: portfolio.cash, grossExposure: exposureOf(portfolio).gross }
}

/** The portfolio at the start of a trading day: today's losses are measured from what it is worth now. */
export function startDay(portfolio: Portfolio): Portfolio {
  return { ...portfolio, startingEquity: equityOf(portfolio) }
}

/**
 * Profit of `fills`, what they leave open valued at `marks`. To the millionth of a dollar, gross − costs = net.
 * Throws RangeError when a symbol that is left open has no mark.
 */
export function profitOf(fills: readonly PairFill[], marks: Prices): Profit {
  const leftOpen = openValue(fills, marks)
  const spentAtReference = sumOf(...fills.map((fill) => costAt(fill, fill.referencePrice)))
  const spent = sumOf(...fills.map((fill) => costAt(fill, fill.price)))
  const fees = sumOf(...fills.map((fill) => fill.fees))
  return {
    gross: sumOf(leftOpen, -spentAtReference),
    costs: sumOf(spent, -spentAtReference, fees),
    net: sumOf(leftOpen, -spent, -fees),
  }
}

function costAt(fill: PairFill, price: number): MicroUsd {
  return costOf(signedShares(fill.side, fill.quantityShares), price)
}

function openValue(fills: readonly PairFill[], marks: Prices): MicroUsd {
  const shares = new Map<Symbol_, number>()
  for (const { symbol, side, quantityShares } of fills) {
    shares.set(symbol, (shares.get(symbol) ?? 0) + signedShares(side, quantityShares))
  }
  return sumOf(
    ...[...shares].filter(([, left]) => left !== 0).map(([symbol, left]) => costOf(left, marks.get(symbol) ?? Number.NaN)),
  )
}
