import type { Bar } from '#domain/bars.ts'
import type { MicroUsd } from '#domain/money.ts'
import type { EpochMs } from '#domain/units.ts'
import { type Account, NO_MONEY, remainingShares, sharesHeld, type WorkingOrder } from './account.ts'
import { capacityOf, executionValue, type FillModel, secFee, sharesFor, tradingActivityFee } from './fill-model.ts'
import type { Filled } from './order-event.ts'
import { trade } from './position.ts'
import { fewer, more, type NanoShares, NO_SHARES, sharesFrom } from './shares.ts'

/** The bar that an order executes in, the price that it gets, and the instant at which this is told. */
export type ExecutionTerms = {
  readonly bar: Bar
  readonly price: number
  readonly model: FillModel
  readonly closedAt: EpochMs
}

export type Executed = {
  readonly account: Account
  readonly order: WorkingOrder
  readonly fill: Filled & { readonly at: EpochMs }
}

/** What of `order` executes at the price, as far as the bar's volume goes; undefined when nothing does. The account keeps its list of orders. */
export function execute(account: Account, order: WorkingOrder, terms: ExecutionTerms): Executed | undefined {
  const { bar, price, model, closedAt } = terms
  const wanted = wantedAt(order, price)
  const capacity = capacityOf(bar, model)
  const quantity = fewer(wanted, capacity)
  if (quantity === NO_SHARES || (order.instruction.timeInForce === 'fok' && capacity < wanted)) return undefined
  const { side } = order.instruction
  const value = executionValue(side, price, quantity)
  const isSale = side === 'sell'
  const sec = isSale ? secFee(value, model) : NO_MONEY
  const taf = isSale ? tradingActivityFee(sharesFrom(quantity), model) : NO_MONEY
  const traded = trade(account, bar.symbol, { shares: (isSale ? -quantity : quantity) as NanoShares, value })
  const { accruedFees } = account
  return {
    account: {
      ...traded,
      accruedFees: { sec: (accruedFees.sec + sec) as MicroUsd, taf: (accruedFees.taf + taf) as MicroUsd },
    },
    order: {
      ...order,
      filled: more(order.filled, quantity),
      executions: order.executions + 1,
      filledValue: (order.filledValue + value) as MicroUsd,
    },
    fill: {
      kind: 'fill',
      at: closedAt,
      quantity,
      price,
      fees: (sec + taf) as MicroUsd,
      position: sharesHeld(traded, bar.symbol),
      isComplete: quantity === wanted,
    },
  }
}

/** The shares that the order still wants at `price`. One for an amount of money that closes never takes more than was set aside for it. */
function wantedAt(order: WorkingOrder, price: number): NanoShares {
  const { size } = order.instruction
  const remaining = remainingShares(order)
  if (size.kind === 'shares') return remaining ?? size.shares
  const affordable = sharesFor((size.value - order.filledValue) as MicroUsd, price)
  return remaining === undefined ? affordable : fewer(affordable, remaining)
}
