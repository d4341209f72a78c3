/**
 * Carries sagas out against a broker. Whatever changes is written down before the next thing is sent, so that a run which
 * was killed anywhere goes on by `restore` and `look`: it asks for every order that is not final before it sends any.
 */
import type { Broker } from '#domain/broker.ts'
import type { MicroUsd } from '#domain/money.ts'
import type { OrderEvent, OrderRequest } from '#domain/order.ts'
import type { EpochMs } from '#domain/units.ts'
import type { PairFill } from '#portfolio/portfolio.ts'
import type { Approved } from '#risk/assess.ts'
import type { PairOrder } from '#risk/pair-order.ts'
import { type BareFill, fillFrom } from './fills.ts'
import type { IntendedOrder } from './intend.ts'
import { newsFromOrder, type OrderNews } from './order-events.ts'
import { begin, next, type Saga, type SagaAction, type SagaEvent, type SagaOrder, type SagaStep } from './saga.ts'

/** What is written down at once or not at all: new intents, orders whose state changed, and fills. */
export type JournalEntry = {
  readonly at: EpochMs
  readonly intents: readonly IntendedOrder[]
  readonly changed: readonly SagaOrder[]
  readonly fills: readonly PairFill[]
}

/** What a saga is carried out with. */
export type Hands = {
  readonly broker: Broker
  readonly record: (entry: JournalEntry) => Promise<void>
  /** Fees of a fill: the broker's updates do not tell them. */
  readonly feesOf: (fill: BareFill) => MicroUsd
  readonly now: () => Promise<EpochMs>
}

/** The saga as it stands, and the fills that came of this step. */
export type Progress = { readonly saga: Saga; readonly fills: readonly PairFill[] }

/** Writes the orders of an approval down, then sends them, and goes on until the broker has answered everything. */
export async function start(approved: Approved<PairOrder>, flowKey: string, hands: Hands): Promise<Progress> {
  const { saga, actions } = begin(approved, flowKey)
  await hands.record({ at: approved.at, intents: saga.orders, changed: [], fills: [] })
  return carryOut(saga, await performAll(actions, hands), hands)
}

/** The saga after `event` and all that it led to. Events of one saga must be handed in one after the other. */
export async function advance(saga: Saga, event: SagaEvent, hands: Hands): Promise<Progress> {
  return carryOut(saga, [event], hands)
}

async function carryOut(saga: Saga, events: readonly SagaEvent[], hands: Hands): Promise<Progress> {
  const waiting = [...events]
  const fills: PairFill[] = []
  let now = saga
  for (let event = waiting.shift(); event !== undefined; event = waiting.shift()) {
    const step = next(now, event)
    const entry = entryOf(now, event, step, hands)
    if (entry !== undefined) await hands.record(entry)
    fills.push(...(entry?.fills ?? []))
    now = step.saga
    waiting.push(...(await performAll(step.actions, hands)))
  }
  return { saga: now, fills }
}

/** What `event` changed, or undefined when there is nothing to write down. */
function entryOf(before: Saga, event: SagaEvent, { saga }: SagaStep, hands: Hands): JournalEntry | undefined {
  const known = new Map(before.orders.map((order) => [order.clientOrderId, order]))
  const intents = saga.orders.filter(({ clientOrderId }) => !known.has(clientOrderId))
  const changed = saga.orders.filter((order) => hasChanged(known.get(order.clientOrderId), order))
  if (event.kind === 'cancel-failed' || intents.length + changed.length === 0) return undefined
  const news = event.kind === 'order' ? known.get(event.clientOrderId) : undefined
  const fill = event.kind === 'order' && news !== undefined ? fillFrom(news, event) : undefined
  return { at: event.at, intents, changed, fills: fill === undefined ? [] : [{ ...fill, fees: hands.feesOf(fill) }] }
}

/** By value: news that repeats what is known makes an equal state, and there is nothing to write. */
function hasChanged(before: SagaOrder | undefined, after: SagaOrder): boolean {
  return before !== undefined && JSON.stringify(before.state) !== JSON.stringify(after.state)
}

async function performAll(actions: readonly SagaAction[], hands: Hands): Promise<SagaEvent[]> {
  const events: SagaEvent[] = []
  for (const action of actions) events.push(...(await perform(action, hands)))
  return events
}

async function perform(action: SagaAction, hands: Hands): Promise<readonly SagaEvent[]> {
  switch (action.kind) {
    case 'submit':
      return submit(action.order, hands)
    case 'ask':
      return ask(action.clientOrderId, hands)
    case 'cancel': {
      const answer = await hands.broker.cancel(action.brokerOrderId)
      if (answer.ok && answer.value === 'cancelling') return []
      return answer.ok ? ask(action.clientOrderId, hands) : [{ kind: 'cancel-failed', clientOrderId: action.clientOrderId }]
    }
    default:
      return action satisfies never
  }
}

async function submit(order: IntendedOrder, hands: Hands): Promise<readonly SagaEvent[]> {
  const answer = await hands.broker.submit(requestOf(order))
  if (answer.ok) return newsFromOrder(answer.value)
  const { why } = answer
  if (why.kind === 'refused') return afterRefusal(order, why.reason, hands)
  if (why.kind === 'unauthorised') return afterRefusal(order, why.message, hands)
  // Also after `unreachable` and `rate-limited`: asking costs one request, a second order costs money.
  return [await answerLost(order, hands)]
}

/** A client id that is in use is refused too: the broker is asked before a refusal is believed. */
async function afterRefusal(order: IntendedOrder, reason: string, hands: Hands): Promise<readonly SagaEvent[]> {
  const known = await hands.broker.orderByClientId(order.clientOrderId)
  if (!known.ok) return [await answerLost(order, hands)]
  if (known.value !== undefined) return newsFromOrder(known.value)
  const at = await hands.now()
  return [newsOf(order.clientOrderId, { kind: 'rejected', reason, at }, at)]
}

async function answerLost({ clientOrderId }: IntendedOrder, { now }: Hands): Promise<OrderNews> {
  const at = await now()
  return newsOf(clientOrderId, { kind: 'answer-lost', at }, at)
}

async function ask(clientOrderId: string, { broker, now }: Hands): Promise<readonly SagaEvent[]> {
  const answer = await broker.orderByClientId(clientOrderId)
  // An order that cannot be asked about stays as it is; the next look asks again.
  if (!answer.ok) return []
  if (answer.value !== undefined) return newsFromOrder(answer.value)
  return [newsOf(clientOrderId, { kind: 'not-found' }, await now())]
}

function newsOf(clientOrderId: string, event: OrderEvent, at: EpochMs): OrderNews {
  return { kind: 'order', at, clientOrderId, event, execution: undefined }
}

function requestOf({ clientOrderId, symbol, side, quantityShares, timeInForce, ...order }: IntendedOrder): OrderRequest {
  const shared = { clientOrderId, symbol, side, quantityShares, timeInForce }
  return order.type === 'market' ? { ...shared, type: order.type } : { ...shared, type: order.type, limitPrice: order.limitPrice }
}
