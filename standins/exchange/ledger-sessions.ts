import type { Bar } from '#domain/bars.ts'
import type { Session } from '#domain/sessions.ts'
import { type EpochMs, epochMs, MINUTE_MS } from '#domain/units.ts'
import { workingIn } from '#matching/account.ts'
import { expire, onClose } from '#matching/close.ts'
import { onBar } from '#matching/match.ts'
import { momentOf, nightsAfter } from './hours.ts'
import { carryOut } from './ledger-orders.ts'
import { commit, type LedgerState } from './ledger-state.ts'
import type { OrderRecord } from './order-record.ts'

/** What ended since the last close expires; orders that were queued for this opening are new. */
export function openSession(state: LedgerState, { opensAt, closesAt }: Session): void {
  commit(state, expire(state.account, opensAt))
  const { records } = state
  for (const record of records.all()) {
    if (record.order.worksFrom >= closesAt) continue
    if (record.status === 'accepted') records.tell('new', records.note({ ...record, status: 'new', updatedAt: opensAt }))
    if (record.status === 'done_for_day') records.note({ ...record, status: restingStatus(record), updatedAt: opensAt })
  }
}

function restingStatus({ order }: OrderRecord): 'new' | 'partially_filled' {
  return order.filled > 0n ? 'partially_filled' : 'new'
}

/** Working orders of the bar's symbol meet it. */
export function matchBar(state: LedgerState, bar: Bar, closedAt: EpochMs): void {
  if (workingIn(state.account, bar.symbol).length === 0) return
  const { model, conditions, sessions } = state.terms
  const { participation = model.participation } = conditions.of(bar.symbol)
  const isHalted = conditions.isHalted(bar.symbol, bar.openedAt, closedAt)
  const moment = momentOf(sessions, bar.openedAt)
  commit(state, onBar(state.account, bar, { model: { ...model, participation }, closedAt, moment, isHalted }))
}

/** Late cancels that are due by `at` are carried out; outside sessions, whose close does it, what is to end by then expires. */
export function elapse(state: LedgerState, at: EpochMs): void {
  for (const [clientOrderId, due] of state.leaving) {
    if (due > at) continue
    state.leaving.delete(clientOrderId)
    carryOut(state, clientOrderId, at)
  }
  const isOutside = momentOf(state.terms.sessions, epochMs(at - MINUTE_MS)) === 'extended'
  if (isOutside) commit(state, expire(state.account, at))
}

/** Day orders expire, fees and borrow are paid; in a full account of their lives, lasting orders are done for the day. */
export function closeSession(state: LedgerState, session: Session): void {
  const { model, conditions, priceOf, sessions, lifecycle } = state.terms
  const at = session.closesAt
  const borrowRateOf = (symbol: Bar['symbol']) => conditions.of(symbol).borrow.rate
  const closed = onClose(state.account, at, { model, nights: nightsAfter(sessions, session), priceOf, borrowRateOf })
  state.charges.push(...closed.charges)
  commit(state, closed)
  if (lifecycle === 'brief') return
  const { records } = state
  for (const record of records.all().filter(isLasting))
    records.tell('done_for_day', records.note({ ...record, status: 'done_for_day', updatedAt: at }))
}

function isLasting({ status, order }: OrderRecord): boolean {
  return order.instruction.timeInForce === 'gtc' && (status === 'new' || status === 'partially_filled')
}
