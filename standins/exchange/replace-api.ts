import { z } from 'zod'
import { type Outcome, refuse } from '#domain/outcome.ts'
import { type Instruction, limitOf } from '#matching/instruction.ts'
import type { ReplaceRefused } from '#matching/refused.ts'
import type { Change } from '#matching/replace.ts'
import { sharesIn } from '#matching/shares.ts'
import type { Exchange } from './exchange.ts'
import { auctionMissed } from './hours.ts'
import { clientOrderId, decimal } from './order-body.ts'
import type { OrderRecord } from './order-record.ts'
import { outOfRange, subPenny } from './order-rules.ts'
import { nextClientId, unknownOrder } from './orders-api.ts'
import { malformed, type Refusal, refusal, refusalOf } from './refusal.ts'
import { wordsOf } from './wrong-form.ts'

const PatchBody = z.object({
  qty: decimal,
  limit_price: decimal,
  stop_price: decimal,
  trail: decimal,
  time_in_force: z.enum(['day', 'gtc', 'opg', 'cls', 'ioc', 'fok']).nullish(),
  client_order_id: clientOrderId,
})
type PatchBody = z.infer<typeof PatchBody>

/** Puts the order that `body` describes in the place of the one with `id`; the new order's record. */
export function replaceOrder(exchange: Exchange, id: string, body: unknown): Outcome<OrderRecord, Refusal> {
  const { ledger, clock } = exchange
  const parsed = PatchBody.safeParse(body)
  if (!parsed.success) return refuse(malformed(`request body is not a change: ${wordsOf(parsed.error)}`))
  const record = ledger.byId(id)
  if (!record) return refuse(unknownOrder(id))
  const why = notReplaceable(record) ?? wronglyChanged(exchange, record.order.instruction, parsed.data)
  if (why) return refuse(why)
  const outcome = ledger.replace(
    id,
    changeOf(parsed.data, () => nextClientId(exchange)),
    clock.now(),
  )
  return outcome.ok ? outcome : refuse(refusedChange(exchange, record, outcome.why))
}

function changeOf(body: PatchBody, nextId: () => string): Change {
  const number = (text: string | undefined) => (text === undefined ? undefined : Number(text))
  return {
    clientOrderId: body.client_order_id ?? nextId(),
    shares: body.qty === undefined ? undefined : sharesIn(body.qty),
    limitPrice: number(body.limit_price),
    stopPrice: number(body.stop_price),
    trail: number(body.trail),
    timeInForce: body.time_in_force ?? undefined,
  }
}

/** While Alpaca has not routed an order, or is about to end it, it cannot be replaced. */
function notReplaceable({ status }: OrderRecord): Refusal | undefined {
  if (status === 'new' || status === 'partially_filled' || status === 'held') return undefined
  if (status === 'stopped' || status === 'done_for_day') return undefined
  return refusal(422, `order cannot be replaced in status "${status}"`)
}

function wronglyChanged({ sessions, clock }: Exchange, instruction: Instruction, body: PatchBody): Refusal | undefined {
  const { pricing } = instruction
  const { qty, limit_price: limit, stop_price: stop, trail, time_in_force: time } = body
  const asked = { qty, limit_price: limit, stop_price: stop, trail }
  if (time == null && body.client_order_id === undefined && Object.values(asked).every((value) => value === undefined))
    return malformed('at least one of qty, limit_price, stop_price, trail, time_in_force and client_order_id is required')
  const wrong = outOfRange(asked)
  if (wrong) return wrong
  if (qty !== undefined && sharesIn(qty) === undefined) return malformed(`invalid qty ${qty}`)
  if (limit !== undefined && limitOf(pricing) === undefined) return malformed(`${pricing.type} orders have no limit price`)
  if (stop !== undefined && !('stopPrice' in pricing)) return malformed(`${pricing.type} orders have no stop price`)
  if (trail !== undefined && pricing.type !== 'trailing_stop') return malformed(`${pricing.type} orders have no trail`)
  if (time != null && time !== 'day' && time !== 'gtc' && 'stopPrice' in pricing)
    return refusal(422, `${pricing.type} orders must be day or gtc orders, got ${time}`)
  const missed = time == null ? undefined : auctionMissed(sessions, clock.now(), time)
  return missed === undefined ? subPenny({ limit_price: limit, stop_price: stop }) : refusal(422, missed)
}

const FIXED: Readonly<Record<'value' | 'fractional' | 'group', string>> = {
  value: 'notional orders cannot be replaced',
  fractional: 'qty of fractional orders cannot be changed',
  group: 'qty of bracket, oco and oto orders cannot be changed',
}

function refusedChange(
  { ledger }: Exchange,
  { id, order }: OrderRecord,
  why: ReplaceRefused | { readonly kind: 'not-found' },
): Refusal {
  switch (why.kind) {
    case 'not-found':
      return unknownOrder(id)
    case 'not-working':
      return refusal(422, `order is already in "${ledger.byId(id)?.status}" state`)
    case 'nothing-left':
      return refusal(422, `qty must be above the ${why.filled} shares that have filled`)
    case 'amount-fixed':
      return refusal(422, FIXED[why.because])
    default:
      return refusalOf(why, order.instruction.symbol, (clientId) => ledger.byClientId(clientId)?.id)
  }
}
