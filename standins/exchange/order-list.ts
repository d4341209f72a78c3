import { z } from 'zod'
import { type Outcome, ok, refuse } from '#domain/outcome.ts'
import type { Exchange } from './exchange.ts'
import { isOpen, type OrderRecord } from './order-record.ts'
import { flag } from './query-flag.ts'
import { instantText } from './query-instant.ts'
import { malformed, type Refusal, refusal } from './refusal.ts'
import { wordsOf } from './wrong-form.ts'

const ListQuery = z
  .object({
    status: z.enum(['open', 'closed', 'all']).default('open'),
    limit: z.coerce.number().int().min(1).max(500).default(50),
    after: instantText.optional(),
    until: instantText.optional(),
    direction: z.enum(['asc', 'desc']).default('desc'),
    nested: flag,
    symbols: z.string().optional(),
    side: z.enum(['buy', 'sell']).optional(),
    asset_class: z.string().optional(),
    before_order_id: z.string().optional(),
    after_order_id: z.string().optional(),
  })
  .refine((query) => query.before_order_id === undefined || query.after_order_id === undefined, {
    message: 'only one of before_order_id and after_order_id is accepted',
  })
type ListQuery = z.infer<typeof ListQuery>

export type OrderList = { readonly records: readonly OrderRecord[]; readonly isNested: boolean }

/** The orders that a query asks for, newest first unless it says otherwise; nested, the exits of a group stand under its main order. */
export function listOrders({ ledger }: Exchange, query: unknown): Outcome<OrderList, Refusal> {
  const parsed = ListQuery.safeParse(query)
  if (!parsed.success) return refuse(malformed(wordsOf(parsed.error)))
  const { direction, limit, nested: isNested, before_order_id: before, after_order_id: after } = parsed.data
  const orders = ledger.orders()
  const positionOf = (id: string | undefined, otherwise: number) =>
    id === undefined ? otherwise : orders.findIndex((record) => record.id === id)
  const [from, until] = [positionOf(after, -1), positionOf(before, orders.length)]
  const unknown = (after !== undefined && from < 0) || (before !== undefined && until < 0)
  if (unknown) return refuse(refusal(404, `order not found for ${after ?? before}`))
  const found = orders.slice(from + 1, until).filter((record) => isAsked(record, parsed.data))
  return ok({ records: (direction === 'desc' ? found.reverse() : found).slice(0, limit), isNested })
}

function isAsked(record: OrderRecord, query: ListQuery): boolean {
  const { instruction, acceptedAt } = record.order
  if (query.status !== 'all' && isOpen(record) !== (query.status === 'open')) return false
  if (query.nested && record.leaderId !== undefined) return false
  if (query.side && instruction.side !== query.side) return false
  if (query.symbols !== undefined && !query.symbols.split(',').includes(instruction.symbol)) return false
  if (query.asset_class !== undefined && !query.asset_class.split(',').includes('us_equity')) return false
  const { after, until } = query
  return (
    acceptedAt > (after?.getTime() ?? Number.NEGATIVE_INFINITY) && acceptedAt <= (until?.getTime() ?? Number.POSITIVE_INFINITY)
  )
}
