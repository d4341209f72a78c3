import type { EpochMs } from '#domain/units.ts'
import type { WorkingOrder } from '#matching/account.ts'
import type { OrderMatched } from '#matching/order-event.ts'
import { uuidFrom } from './ids.ts'
import type { Execution, LedgerEvent, LedgerUpdate, OrderRecord, OrderStatus, PassingEvent } from './order-record.ts'

/** How much of an order's life trade_updates tells: what a program acts on, or every state on the way as well. */
export type Lifecycle = 'brief' | 'full'

export type RecordTerms = {
  /** Names the account; ids derive from it. */
  readonly accountSeed: string
  readonly lifecycle: Lifecycle
  readonly publish: (update: LedgerUpdate) => void
  /** The order of this client id as it stands, when it works. */
  readonly workingOrder: (clientOrderId: string) => WorkingOrder | undefined
}

/** Every order and execution of an account's life. Changes are noted first, all of them, and told after. */
export type Records = {
  readonly idOf: (clientOrderId: string) => string
  readonly note: (record: OrderRecord) => OrderRecord
  /** Tells an event of the plain kinds. */
  readonly tell: (event: Exclude<LedgerEvent, 'fill' | 'partial_fill' | 'rejected'>, record: OrderRecord) => void
  readonly tellRejected: (record: OrderRecord, reason: string) => void
  /** Notes what matching did; the result tells it. */
  readonly noteMatched: (event: OrderMatched) => () => void
  /** As they stand: a working order with its present stop. */
  readonly byId: (id: string) => OrderRecord | undefined
  /** Oldest first. */
  readonly all: () => readonly OrderRecord[]
  readonly legsOf: (record: OrderRecord) => readonly OrderRecord[]
  readonly executions: () => readonly Execution[]
}

const PASSING: ReadonlySet<string> = new Set<PassingEvent>([
  'pending_new',
  'accepted',
  'pending_cancel',
  'pending_replace',
  'stopped',
  'done_for_day',
])

/** Events that may come to one order more than once; the instant tells their ids apart. */
const RECURRING: ReadonlySet<string> = new Set<LedgerEvent>([
  'restated',
  'done_for_day',
  'order_cancel_rejected',
  'pending_cancel',
])

export function createRecords({ accountSeed, lifecycle, publish, workingOrder }: RecordTerms): Records {
  const records = new Map<string, OrderRecord>()
  const legs = new Map<string, string[]>()
  const executions: Execution[] = []
  const idOf = (clientOrderId: string) => uuidFrom('order', accountSeed, clientOrderId)

  const current = (record: OrderRecord): OrderRecord => {
    const order = workingOrder(record.order.instruction.clientOrderId)
    return order === undefined || order === record.order ? record : { ...record, order }
  }
  const note: Records['note'] = (record) => {
    const { id, leaderId, replaces } = record
    if (leaderId !== undefined && !records.has(id)) {
      const companions = legs.get(leaderId) ?? []
      companions.push(id)
      legs.set(leaderId, companions)
    }
    // The same list, so that exits which still name the replaced order as their leader show under this one.
    const inherited = replaces === undefined ? undefined : legs.get(replaces)
    if (inherited) legs.set(id, inherited)
    records.set(id, record)
    return record
  }
  const byId = (id: string) => {
    const record = records.get(id)
    return record && current(record)
  }
  const legsOf = ({ id }: OrderRecord) =>
    (legs.get(id) ?? []).flatMap((leg) => byId(leg) ?? []).filter(({ status }) => status !== 'replaced')
  const told = (event: LedgerEvent, record: OrderRecord) => ({
    id: RECURRING.has(event) ? uuidFrom(event, record.id, record.updatedAt) : uuidFrom(event, record.id),
    at: record.updatedAt,
    record,
    legs: legsOf(record),
  })
  const tell: Records['tell'] = (event, record) => {
    if (lifecycle === 'full' || !PASSING.has(event)) publish({ ...told(event, record), event })
  }
  const changed = (order: WorkingOrder, at: EpochMs, status: OrderStatus | undefined): OrderRecord => {
    const id = idOf(order.instruction.clientOrderId)
    const before = records.get(id) ?? { id, replaces: undefined, replacedBy: undefined, leaderId: undefined, status: 'new' }
    return note({ ...before, order, updatedAt: at, status: status ?? before.status })
  }
  const noteFill = (matched: OrderMatched & { readonly kind: 'fill' }): (() => void) => {
    const { order, at, quantity, price, position, isComplete } = matched
    const isLeaving = records.get(idOf(order.instruction.clientOrderId))?.status === 'pending_cancel'
    const record = changed(order, at, isComplete ? 'filled' : isLeaving ? 'pending_cancel' : 'partially_filled')
    const execution = { id: uuidFrom('execution', record.id, order.executions), record, at, quantity, price, position }
    executions.push(execution)
    const event = isComplete ? 'fill' : 'partial_fill'
    return () => publish({ id: execution.id, at, record, legs: legsOf(record), event, execution })
  }
  const noteMatched: Records['noteMatched'] = (matched) => {
    const { order, at } = matched
    switch (matched.kind) {
      case 'fill':
        return noteFill(matched)
      case 'cancelled':
      case 'expired': {
        const status = matched.kind === 'expired' ? 'expired' : 'canceled'
        const record = changed(order, at, status)
        return () => tell(status, record)
      }
      case 'activated': {
        const record = changed(order, at, 'new')
        return () => tell('new', record)
      }
      case 'triggered': {
        const record = changed(order, at, lifecycle === 'full' ? 'stopped' : undefined)
        return () => tell('stopped', record)
      }
      case 'resized': {
        const record = changed(order, at, undefined)
        return () => tell('restated', record)
      }
      default:
        return matched satisfies never
    }
  }
  return {
    idOf,
    note,
    tell,
    tellRejected: (record, reason) => publish({ ...told('rejected', record), event: 'rejected', reason }),
    noteMatched,
    byId,
    all: () => [...records.values()].map(current),
    legsOf,
    executions: () => executions,
  }
}
