import { isFinal, type OrderState } from '#domain/order.ts'
import { nameOf } from '#domain/pair.ts'
import { bySymbol } from '#domain/symbol.ts'
import { applyFillTo, applyIntent, settled } from './apply.ts'
import { emptyPortfolio, type PairFill, type PairIntent, type Portfolio } from './portfolio.ts'

/** An order as it is stored. */
export type RecordedOrder = PairIntent & { readonly clientOrderId: string; readonly state: OrderState }

/** What a book wrote down: all it takes to know what it owns. Both lists in any order. */
export type BookRecord = {
  readonly cash: Portfolio['cash']
  readonly orders: readonly RecordedOrder[]
  readonly fills: readonly PairFill[]
}

/**
 * The portfolio of a book from its starting cash, its orders and its fills alone: what a process that starts fresh knows.
 * A fill belongs to the holding that its own order began or was leaving, whatever came since. Marks are fill prices.
 */
export function rebuild({ cash, orders, fills }: BookRecord): Portfolio {
  const { portfolio: intended, holdingOf } = withIntents(emptyPortfolio(cash), [...orders].sort(byDecision))
  const filled = [...fills]
    .sort(byExecution)
    .reduce((portfolio, fill) => applyFillTo(portfolio, holdingOf.get(fill.clientOrderId) ?? -1, fill), intended)
  const alive = new Set(orders.filter(({ state }) => !isFinal(state)).map(({ clientOrderId }) => holdingOf.get(clientOrderId)))
  return { ...filled, pairs: filled.pairs.flatMap((held, index) => (alive.has(index) ? [held] : settled(held))) }
}

/** The holdings that the orders begin, and the index of each order's own. */
function withIntents(
  empty: Portfolio,
  orders: readonly RecordedOrder[],
): { portfolio: Portfolio; holdingOf: Map<string, number> } {
  const holdingOf = new Map<string, number>()
  let portfolio = empty
  for (const order of orders) {
    portfolio = applyIntent(portfolio, order)
    const name = nameOf(order.pair)
    const index = portfolio.pairs.findLastIndex((held) => nameOf(held.pair) === name)
    holdingOf.set(order.clientOrderId, index)
  }
  return { portfolio, holdingOf }
}

/** An entry comes before what unwinds it, even within one instant. */
function byDecision(a: RecordedOrder, b: RecordedOrder): number {
  return (
    a.at - b.at || Number(a.purpose !== 'enter') - Number(b.purpose !== 'enter') || bySymbol(a.clientOrderId, b.clientOrderId)
  )
}

function byExecution(a: PairFill, b: PairFill): number {
  return a.at - b.at || bySymbol(a.executionId, b.executionId)
}
