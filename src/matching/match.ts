import type { Bar } from '#domain/bars.ts'
import type { EpochMs } from '#domain/units.ts'
import { type Account, type WorkingOrder, withOrder, withoutOrder, workingIn, workingOrder } from './account.ts'
import { execute } from './execute.ts'
import { executesAtOpen, executionPrice, type Moment, meet } from './execution-price.ts'
import type { FillModel } from './fill-model.ts'
import { afterEnd, afterFill } from './groups.ts'
import { type Matched, type OrderMatched, unmoved } from './order-event.ts'

export type BarTerms = {
  readonly model: FillModel
  readonly closedAt: EpochMs
  readonly moment: Moment
  /** Whether trading in the symbol was halted while the bar was made: then nothing executes. */
  readonly isHalted: boolean
}

/**
 * The account after `bar` of one symbol has closed, and what happened. An order executes on the first bar that opened at or
 * after `worksFrom`, at a price made from that bar's opening, its stop or its limit, and never on an earlier one. What the
 * bar's volume does not allow goes on; the rest of an immediate order is cancelled, that of an auction order expires.
 */
export function onBar(account: Account, bar: Bar, terms: BarTerms): Matched {
  const orders = workingIn(account, bar.symbol)
  if (!orders.some((order) => order.worksFrom <= bar.openedAt)) return unmoved(account)
  const events: OrderMatched[] = []
  let after = account
  for (const { instruction } of inTurn(orders, bar, terms.model)) {
    // One that went before may have ended, shortened or woken this one.
    const order = workingIn(after, bar.symbol).find((o) => o.instruction.clientOrderId === instruction.clientOrderId)
    if (!order || !isReady(order, bar, terms)) continue
    const matched = matchOne(after, order, { bar, ...terms })
    after = matched.account
    events.push(...matched.events)
  }
  return { account: after, events }
}

/** Oldest first; but of two exits of one group that the bar's range both reaches, the stop: the worse one is taken to come first. */
function inTurn(orders: readonly WorkingOrder[], bar: Bar, model: FillModel): readonly WorkingOrder[] {
  if (orders.every(({ group }) => group === undefined)) return orders
  const rank = (order: WorkingOrder) => {
    if (order.group === undefined || order.isHeld || executesAtOpen(order, bar, model)) return 0
    return order.group.role === 'stop-loss' ? 1 : 2
  }
  return [...orders].sort((a, b) => rank(a) - rank(b))
}

function isReady(order: WorkingOrder, bar: Bar, { moment }: BarTerms): boolean {
  if (order.isHeld || bar.openedAt < order.worksFrom) return false
  return moment !== 'extended' || order.instruction.isExtendedHours
}

type OneTerms = BarTerms & { readonly bar: Bar }

function matchOne(account: Account, order: WorkingOrder, terms: OneTerms): Matched {
  const { bar, closedAt } = terms
  if (order.expiresAt !== undefined && order.expiresAt <= bar.openedAt)
    return end(account, order, { kind: 'expired', at: closedAt })
  // A bar without an opening price executes nothing.
  if (terms.isHalted || !(bar.open > 0)) return settle(account, order, terms)
  const met = meet(order, bar)
  const price = executionPrice(order, bar, { ...terms, price: met.price })
  const waiting: WorkingOrder = met.trigger === order.trigger ? order : { ...order, trigger: met.trigger }
  const events: OrderMatched[] = isTriggered(order, waiting) ? [{ kind: 'triggered', at: closedAt, order: waiting }] : []
  const executed = price === undefined ? undefined : execute(account, waiting, { bar, price, model: terms.model, closedAt })
  if (!executed) return following(settle(waiting === order ? account : withOrder(account, waiting), waiting, terms), events)
  events.push({ ...executed.fill, order: executed.order })
  const { isComplete } = executed.fill
  const traded = isComplete ? withoutOrder(executed.account, order.instruction) : withOrder(executed.account, executed.order)
  const grouped = following(afterFill(traded, executed.order, { at: closedAt, isComplete }), events)
  return isComplete ? grouped : following(settle(grouped.account, executed.order, terms), grouped.events)
}

function isTriggered(before: WorkingOrder, after: WorkingOrder): boolean {
  return before.trigger.kind !== 'reached' && after.trigger.kind === 'reached'
}

function following(matched: Matched, events: readonly OrderMatched[]): Matched {
  return { account: matched.account, events: [...events, ...matched.events] }
}

/** What becomes of the part of `order` that has not executed in this bar. */
function settle(account: Account, order: WorkingOrder, { closedAt, moment }: OneTerms): Matched {
  const { timeInForce } = order.instruction
  if (timeInForce === 'ioc' || timeInForce === 'fok') return end(account, order, { kind: 'cancelled', at: closedAt })
  const isMissed = timeInForce === 'opg' || (timeInForce === 'cls' && moment === 'closing')
  return isMissed ? end(account, order, { kind: 'expired', at: closedAt }) : unmoved(account)
}

/** The account without `order` and whatever in its group ends with it. */
export function end(
  account: Account,
  order: WorkingOrder,
  { kind, at }: { readonly kind: 'cancelled' | 'expired'; readonly at: EpochMs },
): Matched {
  return following(afterEnd(withoutOrder(account, order.instruction), order, at), [{ kind, at, order }])
}

/** The account without the order of this client id and its group; undefined when it is not working. */
export function cancel(account: Account, clientOrderId: string, at: EpochMs): Matched | undefined {
  const order = workingOrder(account, clientOrderId)
  return order && end(account, order, { kind: 'cancelled', at })
}
