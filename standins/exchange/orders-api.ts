import { type Outcome, ok, refuse } from '#domain/outcome.ts'
import { symbolFrom } from '#domain/symbol.ts'
import type { Listing } from '#domain/tape.ts'
import { sharesHeld } from '#matching/account.ts'
import type { Instruction, Ticket } from '#matching/instruction.ts'
import type { Exchange } from './exchange.ts'
import { auctionMissed } from './hours.ts'
import { uuidFrom } from './ids.ts'
import { tooNear } from './order-groups.ts'
import { isWorking, type OrderRecord } from './order-record.ts'
import { type OrderAsked, orderAskedFor } from './order-request.ts'
import { type Refusal, refusal, refusalOf } from './refusal.ts'
import { assetIdOf } from './trading-json.ts'

/** Takes the order that `body` asks for, at the clock's now. */
export function placeOrder(exchange: Exchange, body: unknown): Outcome<OrderRecord, Refusal> {
  const asked = orderAskedFor(body, () => nextClientId(exchange))
  if (!asked.ok) return asked
  const why = notNow(exchange, asked.value)
  return why ? refuse(why) : take(exchange, asked.value.ticket)
}

/** Hands a ticket to the account; its refusal as Alpaca says it. */
export function take({ clock, ledger }: Exchange, ticket: Ticket): Outcome<OrderRecord, Refusal> {
  const outcome = ledger.take(ticket, clock.now())
  if (outcome.ok) return outcome
  return refuse(refusalOf(outcome.why, ticket.main.symbol, (clientId) => ledger.byClientId(clientId)?.id))
}

/** Orders are counted, so that one without a client id has the same in every run. */
export function nextClientId({ accountId, ledger }: Exchange): string {
  return uuidFrom('client order', accountId, ledger.orders().length)
}

/** What speaks against a well-formed order here and now. */
function notNow(exchange: Exchange, { ticket, intent }: OrderAsked): Refusal | undefined {
  const { listings, conditions, sessions, clock, latest } = exchange
  const { symbol, timeInForce } = ticket.main
  if (!listings.has(symbol)) return refusal(422, `asset "${symbol}" not found`)
  const { isActive, isTradable } = conditions.of(symbol)
  if (!isActive || !isTradable) return refusal(422, `asset "${symbol}" is not tradable`)
  const missed = auctionMissed(sessions, clock.now(), timeInForce)
  if (missed !== undefined) return refusal(422, missed)
  const inferred = intentOf(exchange, ticket.main)
  if (intent !== undefined && intent !== inferred)
    return refusal(422, `position intent mismatch, inferred: ${inferred}, specified: ${intent}`)
  return tooNear(ticket, latest.priceOf(symbol) ?? Number.NaN)
}

function intentOf({ ledger }: Exchange, { symbol, side }: Instruction): string {
  const held = sharesHeld(ledger.account(), symbol)
  const isOpening = held === 0n || held > 0n === (side === 'buy')
  return `${side}_to_${isOpening ? 'open' : 'close'}`
}

export function orderById({ ledger }: Exchange, id: string): Outcome<OrderRecord, Refusal> {
  const record = ledger.byId(id)
  return record ? ok(record) : refuse(unknownOrder(id))
}

export function unknownOrder(id: string): Refusal {
  return refusal(404, `order not found for ${id}`)
}

export function orderByClientId({ ledger }: Exchange, clientOrderId: string): Outcome<OrderRecord, Refusal> {
  const record = ledger.byClientId(clientOrderId)
  return record ? ok(record) : refuse(unknownOrder(clientOrderId))
}

export function cancelOrder({ clock, ledger }: Exchange, id: string): Outcome<undefined, Refusal> {
  const answer = ledger.cancel(id, clock.now())
  if (answer === 'cancelled' || answer === 'cancelling') return ok(undefined)
  if (answer === 'not-found') return refuse(unknownOrder(id))
  return refuse(refusal(422, `order is already in "${ledger.byId(id)?.status}" state`))
}

/** Cancels whatever works; what was to be cancelled, and as what it stands now. */
export function cancelAllOrders({ clock, ledger }: Exchange): readonly OrderRecord[] {
  const working = ledger.orders().filter(isWorking)
  // An order may have gone with its group by the time its turn comes.
  for (const { id } of working) ledger.cancel(id, clock.now())
  return working.flatMap(({ id }) => ledger.byId(id) ?? [])
}

/** A listing by its symbol or asset id. */
export function listingOf({ listings }: Exchange, symbolOrId: string): Listing | undefined {
  const symbol = symbolFrom(symbolOrId)
  const listing = symbol && listings.get(symbol)
  return listing ?? [...listings.values()].find((l) => assetIdOf(l.symbol) === symbolOrId)
}
