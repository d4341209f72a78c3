import type { Bar } from '#domain/bars.ts'
import type { MicroUsd } from '#domain/money.ts'
import type { OrderRequest } from '#domain/order.ts'
import { type Outcome, ok, refuse } from '#domain/outcome.ts'
import type { Session } from '#domain/sessions.ts'
import type { Listing } from '#domain/tape.ts'
import type { EpochMs } from '#domain/units.ts'
import { accept, cancel, type OrderRefused } from '#matching/accept.ts'
import { type Account, openAccount, type PriceOf, type WorkingOrder } from '#matching/account.ts'
import type { FillModel } from '#matching/fill-model.ts'
import { type Matched, type OrderMatched, onBar, onClose } from '#matching/match.ts'
import { hoursOfOrder, nightsAfter } from './hours.ts'
import { uuidFrom } from './ids.ts'

type OrderStatus = 'accepted' | 'new' | 'partially_filled' | 'filled' | 'canceled' | 'expired'

/** An order as the exchange remembers it, working or not. */
export type OrderRecord = {
  readonly id: string
  readonly order: WorkingOrder
  readonly status: OrderStatus
  readonly updatedAt: EpochMs
}

/** One execution. `orderStatus` and `order` are as they were right after it. */
export type Execution = {
  readonly id: string
  readonly record: OrderRecord
  readonly at: EpochMs
  readonly quantityShares: number
  readonly price: number
  readonly positionShares: number
}

export type LedgerUpdate = { readonly id: string; readonly at: EpochMs; readonly record: OrderRecord } & (
  | { readonly event: 'new' | 'canceled' | 'expired' }
  | { readonly event: 'fill' | 'partial_fill'; readonly execution: Execution }
)

type CancelAnswer = 'cancelled' | 'not-found' | 'already-final'

/** The exchange's one account with every order and execution of its life. Each change is complete before it is published. */
export type Ledger = {
  readonly account: () => Account
  readonly place: (request: OrderRequest, at: EpochMs) => Outcome<OrderRecord, OrderRefused>
  readonly cancel: (id: string, at: EpochMs) => CancelAnswer
  readonly cancelByClientId: (clientOrderId: string, at: EpochMs) => CancelAnswer
  readonly byId: (id: string) => OrderRecord | undefined
  readonly byClientId: (clientOrderId: string) => OrderRecord | undefined
  /** Oldest first. */
  readonly orders: () => readonly OrderRecord[]
  /** Oldest first. */
  readonly executions: () => readonly Execution[]
  /** Tells that orders queued for this opening work now. */
  readonly open: (session: Session) => void
  readonly match: (bar: Bar, closedAt: EpochMs) => void
  readonly close: (session: Session) => void
}

export type LedgerTerms = {
  readonly startingCash: MicroUsd
  readonly model: FillModel
  readonly listings: readonly Listing[]
  readonly sessions: readonly Session[]
  /** Names the account; ids derive from it. */
  readonly accountSeed: string
  readonly priceOf: PriceOf
  readonly publish: (update: LedgerUpdate) => void
}

export function isWorking(record: OrderRecord): boolean {
  return record.status === 'accepted' || record.status === 'new' || record.status === 'partially_filled'
}

export function createLedger({ startingCash, model, listings, sessions, accountSeed, priceOf, publish }: LedgerTerms): Ledger {
  const shortable = new Set(listings.filter((l) => l.shortable).map((l) => l.symbol))
  const records = new Map<string, OrderRecord>()
  const idOf = (clientOrderId: string) => uuidFrom('order', accountSeed, clientOrderId)
  const executions: Execution[] = []
  let account = openAccount(startingCash)

  const note = (record: OrderRecord): OrderRecord => {
    records.set(record.id, record)
    return record
  }
  const tell = (event: 'new' | 'canceled' | 'expired', record: OrderRecord) => {
    publish({ event, id: uuidFrom(event, record.id), at: record.updatedAt, record })
  }
  const noteMatched = (matched: OrderMatched): (() => void) => {
    const { order, at } = matched
    const id = idOf(order.request.clientOrderId)
    if (matched.kind !== 'fill') {
      const status = matched.kind === 'expired' ? 'expired' : 'canceled'
      const record = note({ id, order, status, updatedAt: at })
      return () => tell(status, record)
    }
    const record = note({ id, order, status: matched.isComplete ? 'filled' : 'partially_filled', updatedAt: at })
    const { quantityShares, price, positionShares } = matched
    const execution = { id: uuidFrom('execution', id, order.executions), record, at, quantityShares, price, positionShares }
    executions.push(execution)
    return () => publish({ event: matched.isComplete ? 'fill' : 'partial_fill', id: execution.id, at, record, execution })
  }
  const commit = (matched: Matched) => {
    account = matched.account
    for (const announce of matched.events.map(noteMatched)) announce()
  }

  const place: Ledger['place'] = (request, at) => {
    const { clientOrderId } = request
    if (records.has(idOf(clientOrderId))) return refuse({ kind: 'client-id-in-use', clientOrderId })
    const hours = hoursOfOrder(sessions, at, request.timeInForce)
    const isShortable = shortable.has(request.symbol)
    const outcome = accept(account, request, { at, ...hours, isShortable, priceOf, model })
    if (!outcome.ok) return outcome
    account = outcome.value.account
    const isQueued = hours.worksFrom > at
    const { order } = outcome.value
    const record = note({ id: idOf(clientOrderId), order, status: isQueued ? 'accepted' : 'new', updatedAt: at })
    if (!isQueued) tell('new', record)
    return ok(record)
  }
  const cancelOrder = (record: OrderRecord | undefined, at: EpochMs): CancelAnswer => {
    if (!record) return 'not-found'
    const cancelled = cancel(account, record.order.request.clientOrderId)
    if (!cancelled) return 'already-final'
    account = cancelled.account
    tell('canceled', note({ ...record, status: 'canceled', updatedAt: at }))
    return 'cancelled'
  }
  return {
    account: () => account,
    place,
    cancel: (id, at) => cancelOrder(records.get(id), at),
    cancelByClientId: (clientOrderId, at) => cancelOrder(records.get(idOf(clientOrderId)), at),
    byId: (id) => records.get(id),
    byClientId: (clientOrderId) => records.get(idOf(clientOrderId)),
    orders: () => [...records.values()],
    executions: () => executions,
    open: ({ opensAt }) => {
      const queued = [...records.values()].filter((r) => r.status === 'accepted' && r.order.worksFrom <= opensAt)
      for (const record of queued) tell('new', note({ ...record, status: 'new', updatedAt: opensAt }))
    },
    match: (bar, closedAt) => {
      if (account.working.has(bar.symbol)) commit(onBar(account, bar, { model, closedAt }))
    },
    close: (session) => commit(onClose(account, session.closesAt, { model, nights: nightsAfter(sessions, session), priceOf })),
  }
}
