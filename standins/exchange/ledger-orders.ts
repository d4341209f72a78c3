import { type Outcome, ok, refuse } from '#domain/outcome.ts'
import { sessionAt } from '#domain/sessions.ts'
import { type EpochMs, epochMs } from '#domain/units.ts'
import { accept } from '#matching/accept.ts'
import type { WorkingOrder } from '#matching/account.ts'
import type { AcceptanceTerms } from '#matching/affordable.ts'
import { type Instruction, instructionsOf, type Ticket } from '#matching/instruction.ts'
import { cancel } from '#matching/match.ts'
import type { OrderRefused, ReplaceRefused } from '#matching/refused.ts'
import { type Change, replace } from '#matching/replace.ts'
import { hoursOfOrder } from './hours.ts'
import { commit, type LedgerState, marginOf } from './ledger-state.ts'
import { isWorking, type OrderRecord, type OrderStatus } from './order-record.ts'

/** `cancelling`: it may fill until it takes effect. */
export type CancelAnswer = 'cancelled' | 'cancelling' | 'not-found' | 'already-final'
export type ReplaceAnswer = Outcome<OrderRecord, ReplaceRefused | { readonly kind: 'not-found' }>

/** Takes an order or a group at `at`; the main order's record. */
export function takeTicket(state: LedgerState, ticket: Ticket, at: EpochMs): Outcome<OrderRecord, OrderRefused> {
  const { records, terms } = state
  const known = instructionsOf(ticket).find(({ clientOrderId }) => records.byId(records.idOf(clientOrderId)))
  if (known) return refuse({ kind: 'client-id-in-use', clientOrderId: known.clientOrderId })
  const outcome = accept(state.account, ticket, acceptanceOf(state, ticket.main, at))
  if (!outcome.ok) return outcome
  state.account = outcome.value.account
  const leaderId = records.idOf(ticket.main.clientOrderId)
  const noted = outcome.value.orders.map((order, i) =>
    noteNew(state, order, { at, leaderId: i === 0 ? undefined : leaderId, replaces: undefined }),
  )
  const { rejection } = terms.conditions.of(ticket.main.symbol)
  if (rejection !== undefined) rejectOrder(state, leaderId, { reason: rejection, at })
  else for (const record of noted) tellNew(state, record)
  return ok(noted[0])
}

function acceptanceOf({ terms }: LedgerState, instruction: Instruction, at: EpochMs): AcceptanceTerms {
  const { borrow, delayMs } = terms.conditions.of(instruction.symbol)
  const { worksFrom, expiresAt } = hoursOfOrder(terms.sessions, at, instruction)
  return { ...marginOf(terms), at, borrow, worksFrom: epochMs(worksFrom + delayMs), expiresAt }
}

type NewTerms = { readonly at: EpochMs } & Pick<OrderRecord, 'leaderId' | 'replaces'>

function noteNew({ records, terms }: LedgerState, order: WorkingOrder, { at, ...kin }: NewTerms): OrderRecord {
  const isQueued = order.worksFrom > at && !sessionAt(terms.sessions, at)
  const status = statusOf(order, isQueued)
  const id = records.idOf(order.instruction.clientOrderId)
  return records.note({ id, order, status, updatedAt: at, replacedBy: undefined, ...kin })
}

function statusOf(order: WorkingOrder, isQueued: boolean): OrderStatus {
  if (order.isHeld) return 'held'
  if (isQueued) return 'accepted'
  return order.filled > 0n ? 'partially_filled' : 'new'
}

function tellNew({ records }: LedgerState, record: OrderRecord): void {
  if (record.status === 'held' || record.status === 'accepted') records.tell(record.status, record)
  else {
    records.tell('pending_new', record)
    records.tell('new', record)
  }
}

/** Puts another order in the place of the one with `id`, which must work. */
export function replaceOrder(
  state: LedgerState,
  id: string,
  { change, at }: { readonly change: Change; readonly at: EpochMs },
): ReplaceAnswer {
  const { records } = state
  const record = records.byId(id)
  if (!record) return refuse({ kind: 'not-found' })
  const { clientOrderId } = change
  if (records.byId(records.idOf(clientOrderId))) return refuse({ kind: 'client-id-in-use', clientOrderId })
  const { instruction } = record.order
  const wanted = { ...instruction, timeInForce: change.timeInForce ?? instruction.timeInForce }
  const outcome = replace(state.account, instruction.clientOrderId, { ...acceptanceOf(state, wanted, at), change })
  if (!outcome.ok) return outcome
  state.account = outcome.value.account
  const successor = noteNew(state, outcome.value.after, { at, leaderId: record.leaderId, replaces: id })
  const replaced: OrderRecord = { ...record, status: 'replaced', updatedAt: at, replacedBy: successor.id }
  records.note(replaced)
  records.tell('pending_replace', replaced)
  records.tell('replaced', replaced)
  tellNew(state, successor)
  return ok(successor)
}

/** Cancels a working order, at once or, when cancels take their time, later. */
export function cancelOrder(state: LedgerState, record: OrderRecord | undefined, at: EpochMs): CancelAnswer {
  if (!record) return 'not-found'
  const { records, leaving, terms } = state
  const { clientOrderId } = record.order.instruction
  if (!isWorking(record) || leaving.has(clientOrderId)) return 'already-final'
  const pending: OrderRecord = { ...record, status: 'pending_cancel', updatedAt: at }
  if (terms.cancelLatencyMs === 0) {
    records.tell('pending_cancel', pending)
    carryOut(state, clientOrderId, at)
    return 'cancelled'
  }
  leaving.set(clientOrderId, epochMs(at + terms.cancelLatencyMs))
  records.note(pending)
  records.tell('pending_cancel', pending)
  return 'cancelling'
}

/** Ends the order now; if it has ended by itself in the meantime, tells that the cancel came too late. */
export function carryOut(state: LedgerState, clientOrderId: string, at: EpochMs): void {
  const { records, account } = state
  const cancelled = cancel(account, clientOrderId, at)
  const record = records.byId(records.idOf(clientOrderId))
  if (cancelled) commit(state, cancelled)
  else if (record) records.tell('order_cancel_rejected', { ...record, updatedAt: at })
}

/** Ends a working order as the venue's own refusal, and its group with it. */
export function rejectOrder(
  state: LedgerState,
  id: string,
  { reason, at }: { readonly reason: string; readonly at: EpochMs },
): void {
  const { records } = state
  const record = records.byId(id)
  const ended = record && cancel(state.account, record.order.instruction.clientOrderId, at)
  if (!record || !ended) return
  state.account = ended.account
  const rejected = records.note({ ...record, status: 'rejected', updatedAt: at })
  records.tellRejected(rejected, reason)
  const [, ...companions] = ended.events
  commit(state, { account: ended.account, events: companions })
}
