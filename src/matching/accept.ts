import { usdFrom } from '#domain/money.ts'
import { type Outcome, ok, refuse } from '#domain/outcome.ts'
import { type Account, NO_MONEY, type WorkingOrder, withOrder, workingIn, workingOrder } from './account.ts'
import { type AcceptanceTerms, cannotOpen, cannotReduce, sharesAtMost } from './affordable.ts'
import { opens } from './availability.ts'
import { triggerOf } from './execution-price.ts'
import { type Instruction, instructionsOf, limitOf, type Role, type Ticket } from './instruction.ts'
import type { OrderRefused } from './refused.ts'
import { isWhole, NO_SHARES, sharesFrom } from './shares.ts'

export type Accepted = { readonly account: Account; readonly orders: readonly WorkingOrder[] }

/**
 * The account with the orders of `ticket` working in it, the main one first, or why it is refused. It is checked once, here:
 * an accepted order executes whatever prices do until then. One order never turns a long position short or back: it is
 * refused as at Alpaca. Prices of the ticket are taken to make sense together; docs/exchange.md says where that is checked.
 */
export function accept(account: Account, ticket: Ticket, terms: AcceptanceTerms): Outcome<Accepted, OrderRefused> {
  const { main } = ticket
  const isOpening = opens(account, main) && ticket.kind !== 'oco'
  const why =
    refusedOutright(account, ticket, terms) ?? (isOpening ? cannotOpen(account, main, terms) : cannotReduce(account, main, terms))
  if (why) return refuse(why)
  const made = (instruction: Instruction, role: Role, isHeld: boolean): WorkingOrder => ({
    ...takenIn(account, instruction, { ...terms, isOpening }),
    isOpening: isOpening && !isHeld,
    isHeld,
    group: ticket.kind === 'simple' ? undefined : { kind: ticket.kind, id: main.clientOrderId, role },
  })
  const exits = ticket.kind === 'simple' ? [] : ticket.exits
  const orders = [
    made(main, 'main', false),
    ...exits.map(({ role, instruction }) => made(instruction, role, ticket.kind !== 'oco')),
  ]
  return ok({ account: orders.reduce(withOrder, account), orders })
}

function takenIn(
  account: Account,
  instruction: Instruction,
  { at, worksFrom, expiresAt, priceOf, isOpening }: AcceptanceTerms & { readonly isOpening: boolean },
) {
  return {
    instruction,
    acceptedAt: at,
    worksFrom,
    expiresAt,
    most: sharesAtMost(account, instruction, { priceOf, isOpening }),
    trigger: triggerOf(instruction, priceOf(instruction.symbol) ?? Number.NaN),
    filled: NO_SHARES,
    executions: 0,
    filledValue: NO_MONEY,
  }
}

/** What is wrong with the ticket whichever way it would move the position. */
function refusedOutright(account: Account, ticket: Ticket, { choices, priceOf }: AcceptanceTerms): OrderRefused | undefined {
  const { main } = ticket
  const { size, symbol } = main
  const quantity = size.kind === 'shares' ? sharesFrom(size.shares) : usdFrom(size.value)
  if (quantity <= 0) return { kind: 'not-positive', quantity }
  if (choices.isTradingSuspended) return { kind: 'trading-suspended' }
  const isFractional = size.kind === 'value' || !isWhole(size.shares)
  if (isFractional && !choices.isFractionalAllowed) return { kind: 'fractional-refused' }
  const needsPrice = size.kind === 'value' || main.pricing.type === 'trailing_stop'
  if (needsPrice && priceOf(symbol) === undefined) return { kind: 'no-price' }
  const taken = instructionsOf(ticket).find(({ clientOrderId }) => workingOrder(account, clientOrderId) !== undefined)
  if (taken) return { kind: 'client-id-in-use', clientOrderId: taken.clientOrderId }
  return opposed(account, main)
}

/** The order of ours that `instruction` could trade with, if any; `except` is left out. */
export function opposed(account: Account, instruction: Instruction, except?: string): OrderRefused | undefined {
  const opposite = workingIn(account, instruction.symbol).find(
    (o) => !o.isHeld && o.instruction.clientOrderId !== except && couldTradeWith(o.instruction, instruction),
  )
  return opposite && { kind: 'opposite-order', clientOrderId: opposite.instruction.clientOrderId }
}

/** Whether the two could trade with each other: opposite sides, unless both have limits that do not meet. */
function couldTradeWith(a: Instruction, b: Instruction): boolean {
  if (a.side === b.side) return false
  const [buy, sell] = a.side === 'buy' ? [a, b] : [b, a]
  const [bid, ask] = [limitOf(buy.pricing), limitOf(sell.pricing)]
  return bid === undefined || ask === undefined || bid >= ask
}
