import { z } from 'zod'
import { dateInNewYork } from '#domain/calendar.ts'
import { decimalFrom, type MicroUsd } from '#domain/money.ts'
import { type Outcome, ok, refuse } from '#domain/outcome.ts'
import { type EpochMs, isoFrom } from '#domain/units.ts'
import type { Charge } from '#matching/close.ts'
import type { Exchange } from './exchange.ts'
import { uuidFrom } from './ids.ts'
import { fillActivityJson } from './order-json.ts'
import { instantText } from './query-instant.ts'
import { malformed, type Refusal } from './refusal.ts'
import { activityIdOf } from './trading-json.ts'
import { wordsOf } from './wrong-form.ts'

type Activity = {
  readonly id: string
  readonly at: EpochMs
  readonly type: 'FILL' | 'FEE' | 'JNLC'
  readonly json: () => object
}

/** Everything that moved the account's money, oldest first: what was paid in, executions, fees and borrow. */
function activitiesOf({ ledger, accountId, createdAt, startingCash }: Exchange): readonly Activity[] {
  const fills = ledger.executions().map((execution): Activity => {
    const { at, id } = execution
    return { id: activityIdOf(at, id), at, type: 'FILL', json: () => fillActivityJson(execution) }
  })
  const fees = ledger.charges().map((charge): Activity => {
    const id = activityIdOf(charge.at, uuidFrom('charge', accountId, charge.kind, charge.at))
    return { id, at: charge.at, type: 'FEE', json: () => feeJson(id, charge) }
  })
  const id = activityIdOf(createdAt, uuidFrom('deposit', accountId))
  const deposit: Activity = {
    id,
    at: createdAt,
    type: 'JNLC',
    json: () => nonTradeJson({ id, type: 'JNLC', at: createdAt, amount: startingCash, description: 'starting cash' }),
  }
  return [deposit, ...[...fills, ...fees].sort((a, b) => a.at - b.at)]
}

const FEES: Readonly<Record<Charge['kind'], { readonly subType: string | undefined; readonly description: string }>> = {
  sec: { subType: 'REG', description: 'SEC fee on the proceeds of the day' },
  taf: { subType: 'TAF', description: 'trading activity fee of the day' },
  borrow: { subType: undefined, description: 'stock borrow fee until the next session' },
}

function feeJson(id: string, { kind, at, amount }: Charge): object {
  const { subType, description } = FEES[kind]
  const fee = nonTradeJson({ id, type: 'FEE', at, amount: -amount as MicroUsd, description })
  return subType === undefined ? fee : { ...fee, activity_sub_type: subType }
}

type NonTrade = {
  readonly id: string
  readonly type: string
  readonly at: EpochMs
  readonly amount: MicroUsd
  readonly description: string
}

function nonTradeJson({ id, type, at, amount, description }: NonTrade): object {
  return {
    id,
    activity_type: type,
    date: dateInNewYork(at),
    created_at: isoFrom(at),
    net_amount: decimalFrom(amount),
    description,
    currency: 'USD',
    status: 'executed',
  }
}

const ActivityQuery = z
  .object({
    activity_types: z.string().optional(),
    category: z.enum(['trade_activity', 'non_trade_activity']).optional(),
    date: z.iso.date().optional(),
    after: instantText.optional(),
    until: instantText.optional(),
    direction: z.enum(['asc', 'desc']).default('desc'),
    page_size: z.coerce.number().int().min(1).max(100).default(100),
    page_token: z.string().optional(),
  })
  .refine(({ activity_types, category }) => activity_types === undefined || category === undefined, {
    message: 'only one of activity_types and category is accepted',
  })
type ActivityQuery = z.infer<typeof ActivityQuery>

/** Activities, newest first unless the query says otherwise; `page_token` is the id of the last one on the page before. */
export function activitiesAnswer(exchange: Exchange, query: unknown): Outcome<readonly object[], Refusal> {
  const parsed = ActivityQuery.safeParse(query)
  if (!parsed.success) return refuse(malformed(wordsOf(parsed.error)))
  const { direction, page_size: size, page_token: token } = parsed.data
  const found = activitiesOf(exchange).filter((activity) => isAsked(activity, parsed.data))
  const ordered = direction === 'desc' ? found.reverse() : found
  const last = token === undefined ? undefined : ordered.findIndex(({ id }) => id === token)
  // From the beginning again, a client would page for ever.
  if (last === -1) return refuse(malformed(`page_token: no activity ${token} among those asked for`))
  const begin = last === undefined ? 0 : last + 1
  return ok(ordered.slice(begin, begin + size).map(({ json }) => json()))
}

function isAsked({ at, type }: Activity, query: ActivityQuery): boolean {
  const { activity_types: types, category, date, after, until } = query
  if (types !== undefined && !types.split(',').includes(type)) return false
  if (category !== undefined && (category === 'trade_activity') !== (type === 'FILL')) return false
  if (date !== undefined && dateInNewYork(at) !== date) return false
  return at > (after?.getTime() ?? Number.NEGATIVE_INFINITY) && at <= (until?.getTime() ?? Number.POSITIVE_INFINITY)
}
