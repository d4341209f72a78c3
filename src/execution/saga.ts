/**
 * One pair order as a saga: both legs filled, or nothing of it left. Pure: `next` answers what is to be done, and a saga
 * is nothing but its orders and how far it may still go, so that stored orders are enough to go on from any instant.
 *
 *  entry  both legs work → both filled: complete
 *                        → one falls short, or time is up: the other is cancelled, what filled is sold back: unwound
 *  exit   legs work      → all filled: complete
 *                        → one falls short: the rest is tried again
 *  either                → attempts used up, or halted, with shares left over: exposed, and the shares are named
 */
import { filledSharesOf, isFinal, nextOrderState, type OrderState } from '#domain/order.ts'
import type { EpochMs } from '#domain/units.ts'
import { signedShares } from '#portfolio/lot.ts'
import type { Leg } from '#portfolio/portfolio.ts'
import type { Approved } from '#risk/assess.ts'
import type { PairOrder } from '#risk/pair-order.ts'
import { followUp, followUpIdOf, type IntendedOrder, intend } from './intend.ts'
import type { OrderNews } from './order-events.ts'

/** An order of a saga as it stands. `filledUsd` is shares times price over its known executions. */
export type SagaOrder = IntendedOrder & { readonly state: OrderState; readonly filledUsd: number }

export type Saga = {
  /** As intended: each leg's first order, then what followed. */
  readonly orders: readonly SagaOrder[]
  /** `time-up`: an entry that is not complete is taken back. `halted`: nothing more is sent. */
  readonly reach: 'free' | 'time-up' | 'halted'
  /** Client ids of orders whose cancelling was asked for. */
  readonly cancelling: readonly string[]
}

export type SagaEvent =
  | OrderNews
  | { readonly kind: 'cancel-failed'; readonly clientOrderId: string }
  | { readonly kind: 'time-limit'; readonly at: EpochMs }
  | { readonly kind: 'halt'; readonly at: EpochMs }
  /** Everything that is not final is asked about: after a start, a reconnect, or a while of silence. */
  | { readonly kind: 'look'; readonly at: EpochMs }

export type SagaAction =
  | { readonly kind: 'submit'; readonly order: IntendedOrder }
  | { readonly kind: 'ask'; readonly clientOrderId: string }
  | { readonly kind: 'cancel'; readonly clientOrderId: string; readonly brokerOrderId: string }

export type SagaStep = { readonly saga: Saga; readonly actions: readonly SagaAction[] }

/** Signed shares of each leg that the saga has left over. */
export type Residual = Readonly<Record<Leg, number>>

export type Ending =
  | { readonly kind: 'complete' }
  | { readonly kind: 'unwound' }
  | { readonly kind: 'exposed'; readonly residual: Residual }

/** Orders that follow a leg's first one before the saga gives up. */
const ATTEMPTS = [1, 2, 3]

/** The saga of an approved order, and its first orders to be sent. */
export function begin(approved: Approved<PairOrder>, flowKey: string): SagaStep {
  const intended = intend(approved, flowKey)
  return {
    saga: { orders: intended.map(asIntended), reach: 'free', cancelling: [] },
    actions: intended.map((order) => ({ kind: 'submit', order })),
  }
}

/** The saga that the stored orders of one decision make, in any order. Follow it with `look`, and with `time-limit` if it has passed. */
export function restore(orders: readonly SagaOrder[]): Saga {
  const legs = (['y', 'x'] as const).map((leg) => asIntendedInTurn(orders.filter((order) => order.leg === leg)))
  return { orders: legs.flat(), reach: 'free', cancelling: [] }
}

/** A leg's first order, then its follow-ups by attempt, which their ids tell. */
function asIntendedInTurn(orders: readonly SagaOrder[]): readonly SagaOrder[] {
  const attemptAfter = (first: SagaOrder, order: SagaOrder): number =>
    ATTEMPTS.findIndex((attempt) => followUpIdOf(first.clientOrderId, attempt) === order.clientOrderId)
  const first = orders.find((candidate) => orders.every((order) => order === candidate || attemptAfter(candidate, order) >= 0))
  return first === undefined ? orders : [...orders].sort((a, b) => attemptAfter(first, a) - attemptAfter(first, b))
}

/** The saga after `event` and what is to be done. Events may come twice, late or out of order. */
export function next(saga: Saga, event: SagaEvent): SagaStep {
  switch (event.kind) {
    case 'order':
      return afterNews(saga, event)
    case 'cancel-failed':
      return { saga: { ...saga, cancelling: saga.cancelling.filter((id) => id !== event.clientOrderId) }, actions: [] }
    case 'time-limit':
      return pursue({ ...saga, reach: saga.reach === 'halted' ? 'halted' : 'time-up' }, event.at)
    case 'halt':
      return pursue({ ...saga, reach: 'halted' }, event.at)
    case 'look':
      return look(saga, event.at)
    default:
      return event satisfies never
  }
}

/** How the saga ended, or undefined while it has not. */
export function endingOf(saga: Saga): Ending | undefined {
  if (!saga.orders.every(({ state }) => isFinal(state))) return undefined
  const residual = residualOf(saga)
  if (residual.y === 0 && residual.x === 0) return isTakenBack(saga) ? { kind: 'unwound' } : { kind: 'complete' }
  const canGoOn = (['y', 'x'] as const).some((leg) => residual[leg] !== 0 && mayFollowUp(saga, leg))
  return canGoOn ? undefined : { kind: 'exposed', residual }
}

/** Shares that are still to be traded back: what an exit has not closed yet, or what a failed entry has filled. */
export function residualOf(saga: Saga): Residual {
  return { y: residualOfLeg(saga, 'y'), x: residualOfLeg(saga, 'x') }
}

function residualOfLeg(saga: Saga, leg: Leg): number {
  const [first, ...followUps] = ordersOfLeg(saga, leg)
  if (first === undefined) return 0
  const filled = [first, ...followUps].reduce((sum, order) => sum + signedShares(order.side, filledSharesOf(order.state)), 0)
  if (first.purpose === 'exit') return filled - signedShares(first.side, first.quantityShares)
  return isTakenBack(saga) ? filled : filled - signedShares(first.side, first.quantityShares)
}

/** Whether an entry is to be undone: time is up or a leg has fallen short, unless both had filled before. */
function isTakenBack(saga: Saga): boolean {
  const entries = saga.orders.filter(({ purpose }) => purpose === 'enter')
  if (entries.length === 0 || entries.every(isFull)) return false
  return saga.reach !== 'free' || entries.some((order) => isFinal(order.state) && !isFull(order))
}

function isFull(order: SagaOrder): boolean {
  return filledSharesOf(order.state) >= order.quantityShares
}

function afterNews(saga: Saga, news: OrderNews): SagaStep {
  const order = saga.orders.find(({ clientOrderId }) => clientOrderId === news.clientOrderId)
  if (order === undefined) return { saga, actions: [] }
  const { event } = news
  if (event.kind === 'not-found') return afterNotFound(saga, order, news.at)
  if (isMissingFills(order, event)) return { saga, actions: [{ kind: 'ask', clientOrderId: order.clientOrderId }] }
  const changed = withOrder(saga, {
    ...order,
    state: nextOrderState(order.state, event),
    filledUsd: filledUsdAfter(order, event),
  })
  const step = pursue(changed, news.at)
  return event.kind === 'answer-lost' && !isFinal(order.state)
    ? { saga: step.saga, actions: [{ kind: 'ask', clientOrderId: order.clientOrderId }, ...step.actions] }
    : step
}

/**
 * The broker has no such order. One whose answer was lost may still be on its way, so it waits for the next look; one
 * that is found missing then is sent after all, or given up when it is wanted no more.
 */
function afterNotFound(saga: Saga, order: SagaOrder, at: EpochMs): SagaStep {
  if (order.state.kind === 'unknown') {
    return { saga: withOrder(saga, { ...order, state: nextOrderState(order.state, { kind: 'not-found' }) }), actions: [] }
  }
  if (order.state.kind !== 'intended') return { saga, actions: [] }
  if (isWanted(saga, order)) return { saga, actions: [{ kind: 'submit', order }] }
  const state: OrderState = { kind: 'rejected', reason: 'withdrawn before the broker had it', at }
  return pursue(withOrder(saga, { ...order, state }), at)
}

/** An order that ended with more shares than its known fills add up to: their prices are asked for before it is over. */
function isMissingFills(order: SagaOrder, event: OrderNews['event']): boolean {
  const hasEnded = event.kind === 'cancelled' || event.kind === 'expired'
  return hasEnded && !isFinal(order.state) && event.filledShares > filledSharesOf(order.state)
}

function filledUsdAfter(order: SagaOrder, event: OrderNews['event']): number {
  const isNew = event.kind === 'filled' && !isFinal(order.state) && event.cumulativeShares > filledSharesOf(order.state)
  return isNew ? event.cumulativeShares * event.averagePrice : order.filledUsd
}

function look(saga: Saga, at: EpochMs): SagaStep {
  const { saga: pursued, actions } = pursue({ ...saga, cancelling: [] }, at)
  const asked = pursued.orders
    .filter(({ state, clientOrderId }) => !isFinal(state) && !actions.some((action) => isAbout(action, clientOrderId)))
    .map(({ clientOrderId }): SagaAction => ({ kind: 'ask', clientOrderId }))
  return { saga: pursued, actions: [...actions, ...asked] }
}

function isAbout(action: SagaAction, clientOrderId: string): boolean {
  return (action.kind === 'submit' ? action.order.clientOrderId : action.clientOrderId) === clientOrderId
}

/** Cancels what is wanted no more; once a leg has nothing alive, follows it up while shares are left over. */
function pursue(saga: Saga, at: EpochMs): SagaStep {
  const unwanted = saga.orders.filter((order) => order.state.kind === 'working' && !isWanted(saga, order))
  const cancels = unwanted.flatMap(({ clientOrderId, state }): SagaAction[] =>
    state.kind === 'working' && !saga.cancelling.includes(clientOrderId)
      ? [{ kind: 'cancel', clientOrderId, brokerOrderId: state.brokerOrderId }]
      : [],
  )
  const orders = followUpsOf(saga, at)
  return {
    saga: {
      ...saga,
      orders: [...saga.orders, ...orders.map(asIntended)],
      cancelling: unwanted.map(({ clientOrderId }) => clientOrderId),
    },
    actions: [...cancels, ...orders.map((order): SagaAction => ({ kind: 'submit', order }))],
  }
}

function isWanted(saga: Saga, order: SagaOrder): boolean {
  switch (order.purpose) {
    case 'enter':
      return !isTakenBack(saga)
    case 'exit':
      return saga.reach === 'free'
    case 'unwind':
      return saga.reach !== 'halted'
    default:
      return order.purpose satisfies never
  }
}

function followUpsOf(saga: Saga, at: EpochMs): IntendedOrder[] {
  const isEntryAlive = saga.orders.some(({ purpose, state }) => purpose === 'enter' && !isFinal(state))
  // Until every entry order is final nobody knows how much there is to take back.
  if (isEntryAlive) return []
  return (['y', 'x'] as const).flatMap((leg) => {
    const residual = residualOfLeg(saga, leg)
    const [first, ...followUps] = ordersOfLeg(saga, leg)
    if (first === undefined || residual === 0 || !mayFollowUp(saga, leg) || isAlive(saga, leg)) return []
    const side = residual > 0 ? 'sell' : 'buy'
    return [followUp(first, { attempt: followUps.length + 1, side, quantityShares: Math.abs(residual), at })]
  })
}

function mayFollowUp(saga: Saga, leg: Leg): boolean {
  const [first, ...followUps] = ordersOfLeg(saga, leg)
  if (first === undefined || saga.reach === 'halted') return false
  // An exit that ran out of time is asked for again by the next signal; an entry must still be taken back.
  return followUps.length < ATTEMPTS.length && (first.purpose === 'enter' || saga.reach === 'free')
}

function isAlive(saga: Saga, leg: Leg): boolean {
  return ordersOfLeg(saga, leg).some(({ state }) => !isFinal(state))
}

function ordersOfLeg(saga: Saga, leg: Leg): readonly SagaOrder[] {
  return saga.orders.filter((order) => order.leg === leg)
}

function withOrder(saga: Saga, changed: SagaOrder): Saga {
  return { ...saga, orders: saga.orders.map((order) => (order.clientOrderId === changed.clientOrderId ? changed : order)) }
}

function asIntended(order: IntendedOrder): SagaOrder {
  return { ...order, state: { kind: 'intended' }, filledUsd: 0 }
}
