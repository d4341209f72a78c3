import { createHash } from 'node:crypto'
import { usdFrom } from '#domain/money.ts'
import { nameOf, type Pair } from '#domain/pair.ts'
import { bySymbol } from '#domain/symbol.ts'
import type { EpochMs } from '#domain/units.ts'
import { heldPair, type Leg, type PairHolding } from '#portfolio/portfolio.ts'
import { equityOf } from '#portfolio/value.ts'
import type { ActionableSignal } from '#signals/signal.ts'
import {
  type Circumstances,
  isPending,
  type Objection,
  objectionToEntering,
  objectionToLegs,
  type RefusalCode,
} from './limits.ts'
import { type OrderLeg, type PairOrder, pendingOf } from './pair-order.ts'
import { grossOf, hedgeAchieved, sizeLegs } from './size.ts'

declare const approved: unique symbol

/** Something that risk has approved. Only this file can make one, and execution takes nothing else. */
export type Approved<T> = T & { readonly [approved]: true }

type Decision = { readonly id: string; readonly signalId: string; readonly at: EpochMs; readonly pair: Pair }

export type Approval = Decision & {
  readonly kind: 'approved'
  readonly order: Approved<PairOrder>
  readonly figures: Readonly<Record<string, number>>
}

export type Refusal = Decision & {
  readonly kind: 'refused'
  readonly reason: RefusalCode
  /** For a person: `Risk refused XOM-CVX: gross exposure would reach 104.00 % of equity, and the limit is 100.00 %.` */
  readonly sentence: string
  readonly figures: Readonly<Record<string, number>>
}

export type RiskDecision = Approval | Refusal

/**
 * What risk says of one signal. An exit closes what is held, no more, and is refused only when nothing is held or orders
 * of the pair are still working. An entry is sized by `sizeLegs` and refused by the first limit that it breaks.
 * Pure; the decision's id derives from the signal's, and so from its book.
 */
export function assess(signal: ActionableSignal, now: Circumstances): RiskDecision {
  return signal.kind === 'exit' ? assessExit(signal, now) : assessEntry(signal, now)
}

/**
 * What risk says of all signals of one tick: exits first, then entries by falling confidence, then by name, each seeing
 * what was approved before it. In that order.
 */
export function assessInTurn(signals: readonly ActionableSignal[], now: Circumstances): RiskDecision[] {
  const decisions: RiskDecision[] = []
  let pendingOrders = now.pendingOrders
  for (const signal of [...signals].sort(byUrgency)) {
    const decision = assess(signal, { ...now, pendingOrders })
    decisions.push(decision)
    if (decision.kind === 'approved') pendingOrders = [...pendingOrders, ...pendingOf(decision.order)]
  }
  return decisions
}

function byUrgency(a: ActionableSignal, b: ActionableSignal): number {
  const isExit = (signal: ActionableSignal) => Number(signal.kind === 'exit')
  return isExit(b) - isExit(a) || b.confidence - a.confidence || bySymbol(nameOf(a.pair), nameOf(b.pair))
}

function assessExit(signal: ActionableSignal, now: Circumstances): RiskDecision {
  if (isPending(now, signal.pair)) return refuse(signal, pendingObjection)
  const held = heldPair(now.portfolio, signal.pair)
  const legs = held ? (['y', 'x'] as const).flatMap((leg) => closingLeg(held, leg, now)) : []
  if (legs.length === 0) return refuse(signal, nothingHeld)
  return approve(signal, legs, { grossUsd: grossOf(legs) })
}

const pendingObjection: Objection = { reason: 'already-pending', words: 'orders of this pair are still working', figures: {} }
const nothingHeld: Objection = { reason: 'nothing-held', words: 'nothing of this pair is held', figures: {} }

function closingLeg(held: PairHolding, leg: Leg, { prices, portfolio }: Circumstances): readonly OrderLeg[] {
  const symbol = held.pair[leg]
  const { lot, entryPrice } = held[leg]
  if (lot.shares === 0) return []
  const referencePrice = prices.get(symbol) ?? portfolio.holdings.get(symbol)?.lastPrice ?? entryPrice ?? Number.NaN
  return [{ leg, symbol, side: lot.shares > 0 ? 'sell' : 'buy', quantityShares: Math.abs(lot.shares), referencePrice }]
}

function assessEntry(signal: ActionableSignal, now: Circumstances): RiskDecision {
  const forbidden = objectionToEntering(now, signal.pair, signal.at)
  if (forbidden) return refuse(signal, forbidden)
  const { hedgeRatio } = signal.numbers
  if (hedgeRatio === undefined)
    return refuse(signal, { reason: 'no-hedge-ratio', words: 'its signal names no hedge ratio', figures: {} })
  const legs = entryLegs(signal, now, hedgeRatio)
  if (legs.some(({ quantityShares }) => quantityShares === 0)) return refuse(signal, tooSmall(legs))
  const broken = objectionToLegs(now, legs)
  return broken
    ? refuse(signal, broken)
    : approve(signal, legs, { grossUsd: grossOf(legs), hedgeRatio, hedgeAchieved: hedgeAchieved(legs) })
}

function entryLegs(
  { pair, kind, confidence }: ActionableSignal,
  { portfolio, limits, prices }: Circumstances,
  hedgeRatio: number,
) {
  return sizeLegs({
    pair,
    direction: kind === 'enter-long' ? 'long' : 'short',
    hedgeRatio,
    prices: { y: prices.get(pair.y) ?? Number.NaN, x: prices.get(pair.x) ?? Number.NaN },
    equityUsd: usdFrom(equityOf(portfolio)),
    positionFraction: limits.positionFraction,
    confidence,
  })
}

function tooSmall([y, x]: readonly [OrderLeg, OrderLeg]): Objection {
  const short = y.quantityShares === 0 ? y : x
  const words = `its size comes to less than one share of ${short.symbol} at $${short.referencePrice.toFixed(2)}`
  return { reason: 'too-small', words, figures: { price: short.referencePrice } }
}

function approve(signal: ActionableSignal, legs: readonly OrderLeg[], figures: Approval['figures']): Approval {
  const decision = decisionOn(signal)
  const { book, at, pair, z, id, kind } = signal
  const purpose = kind === 'exit' ? 'exit' : 'enter'
  const order: PairOrder = { decisionId: decision.id, signalId: id, signalZ: z, book, at, pair, purpose, legs }
  return { ...decision, kind: 'approved', order: order as Approved<PairOrder>, figures }
}

function refuse(signal: ActionableSignal, { reason, words, figures }: Objection): Refusal {
  return { ...decisionOn(signal), kind: 'refused', reason, sentence: `Risk refused ${nameOf(signal.pair)}: ${words}.`, figures }
}

function decisionOn({ id, at, pair }: ActionableSignal): Decision {
  return { id: createHash('sha256').update(`decision\n${id}`).digest('hex').slice(0, 32), signalId: id, at, pair }
}
