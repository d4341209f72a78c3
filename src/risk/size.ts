import type { Pair } from '#domain/pair.ts'
import type { Probability } from '#domain/units.ts'
import type { OrderLeg } from './pair-order.ts'

export type SizeQuestion = {
  readonly pair: Pair
  readonly direction: 'long' | 'short'
  /** β: dollars of x against each dollar of y; negative when both legs go the same way. Finite. */
  readonly hedgeRatio: number
  /** Last prices in USD, positive. */
  readonly prices: { readonly y: number; readonly x: number }
  readonly equityUsd: number
  readonly positionFraction: number
  readonly confidence: Probability
}

/**
 * Both legs of an entry in whole shares. Gross dollars G = equity × position fraction × confidence, so that full
 * confidence takes the full fraction; G / (1 + |β|) of it is y, rounded down, and x is |β| times the dollars that y then
 * has, rounded to the nearest share that keeps both within G. A leg may come out as 0 shares: then nothing can be traded.
 */
export function sizeLegs(question: SizeQuestion): readonly [OrderLeg, OrderLeg] {
  const { pair, direction, hedgeRatio, prices } = question
  const gross = question.equityUsd * question.positionFraction * question.confidence
  const hedge = Math.abs(hedgeRatio)
  const yShares = Math.max(0, Math.floor(gross / (1 + hedge) / prices.y))
  const room = Math.max(0, Math.floor((gross - yShares * prices.y) / prices.x))
  const xShares = Math.min(Math.round((hedge * yShares * prices.y) / prices.x), room)
  const buysY = direction === 'long'
  const buysX = buysY === hedgeRatio < 0
  return [
    { leg: 'y', symbol: pair.y, side: buysY ? 'buy' : 'sell', quantityShares: yShares, referencePrice: prices.y },
    { leg: 'x', symbol: pair.x, side: buysX ? 'buy' : 'sell', quantityShares: xShares, referencePrice: prices.x },
  ]
}

/** Dollars of all legs added up, at reference prices. */
export function grossOf(legs: readonly OrderLeg[]): number {
  return legs.reduce((sum, { quantityShares, referencePrice }) => sum + quantityShares * referencePrice, 0)
}

/** Dollars of x for each dollar of y after rounding to whole shares. */
export function hedgeAchieved([y, x]: readonly [OrderLeg, OrderLeg]): number {
  return (x.quantityShares * x.referencePrice) / (y.quantityShares * y.referencePrice)
}
