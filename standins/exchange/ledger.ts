import type { Bar } from '#domain/bars.ts'
import type { OrderRequest } from '#domain/order.ts'
import type { Outcome } from '#domain/outcome.ts'
import type { Session } from '#domain/sessions.ts'
import type { EpochMs } from '#domain/units.ts'
import { type Account, openAccount, workingOrder } from '#matching/account.ts'
import type { Charge } from '#matching/close.ts'
import { instructionFrom, type Ticket } from '#matching/instruction.ts'
import type { MarginTerms } from '#matching/margin.ts'
import type { OrderRefused } from '#matching/refused.ts'
import type { Change } from '#matching/replace.ts'
import { type CancelAnswer, cancelOrder, type ReplaceAnswer, rejectOrder, replaceOrder, takeTicket } from './ledger-orders.ts'
import { closeSession, elapse, matchBar, openSession } from './ledger-sessions.ts'
import { type LedgerState, type LedgerTerms, marginOf } from './ledger-state.ts'
import type { Execution, OrderRecord } from './order-record.ts'
import { createRecords } from './records.ts'

/** The exchange's one account with every order and execution of its life. Each change is complete before it is published. */
export type Ledger = {
  readonly account: () => Account
  /** What limits the account now. */
  readonly margin: () => MarginTerms
  /** Takes the order of a journal. */
  readonly place: (request: OrderRequest, at: EpochMs) => Outcome<OrderRecord, OrderRefused>
  /** Takes an order or a group; the main order's record. */
  readonly take: (ticket: Ticket, at: EpochMs) => Outcome<OrderRecord, OrderRefused>
  /** The record of the order that stands in the place of the one with this id. */
  readonly replace: (id: string, change: Change, at: EpochMs) => ReplaceAnswer
  readonly cancel: (id: string, at: EpochMs) => CancelAnswer
  readonly cancelByClientId: (clientOrderId: string, at: EpochMs) => CancelAnswer
  /** Ends a working order as the venue's own refusal. */
  readonly reject: (id: string, reason: string, at: EpochMs) => void
  readonly byId: (id: string) => OrderRecord | undefined
  readonly byClientId: (clientOrderId: string) => OrderRecord | undefined
  /** Oldest first. */
  readonly orders: () => readonly OrderRecord[]
  /** The other orders of the group that `record` leads. */
  readonly legsOf: (record: OrderRecord) => readonly OrderRecord[]
  /** Oldest first. */
  readonly executions: () => readonly Execution[]
  /** Fees and borrow, oldest first. */
  readonly charges: () => readonly Charge[]
  /** Tells that orders queued for this opening work now. */
  readonly open: (session: Session) => void
  readonly match: (bar: Bar, closedAt: EpochMs) => void
  /** Called when every bar that closed at `at` has been matched: late cancels are carried out, extended orders end. */
  readonly elapse: (at: EpochMs) => void
  readonly close: (session: Session) => void
}

/** An account that has done nothing yet, and the way to everything that can happen to it. */
export function createLedger(terms: LedgerTerms): Ledger {
  const records = createRecords({ ...terms, workingOrder: (clientOrderId) => workingOrder(state.account, clientOrderId) })
  const state: LedgerState = { terms, records, account: openAccount(terms.startingCash), charges: [], leaving: new Map() }
  const byClientId = (clientOrderId: string) => records.byId(records.idOf(clientOrderId))
  return {
    account: () => state.account,
    margin: () => marginOf(terms),
    place: (request, at) => takeTicket(state, { kind: 'simple', main: instructionFrom(request) }, at),
    take: (ticket, at) => takeTicket(state, ticket, at),
    replace: (id, change, at) => replaceOrder(state, id, { change, at }),
    cancel: (id, at) => cancelOrder(state, records.byId(id), at),
    cancelByClientId: (clientOrderId, at) => cancelOrder(state, byClientId(clientOrderId), at),
    reject: (id, reason, at) => rejectOrder(state, id, { reason, at }),
    byId: records.byId,
    byClientId,
    orders: records.all,
    legsOf: records.legsOf,
    executions: records.executions,
    charges: () => state.charges,
    open: (session) => openSession(state, session),
    match: (bar, closedAt) => matchBar(state, bar, closedAt),
    elapse: (at) => elapse(state, at),
    close: (session) => closeSession(state, session),
  }
}
