import { z } from 'zod'
import { type Outcome, ok, refuse } from '#domain/outcome.ts'
import { bySymbol, type Symbol_ } from '#domain/symbol.ts'
import { sharesHeld } from '#matching/account.ts'
import { magnitudeOf, type NanoShares, sharesIn } from '#matching/shares.ts'
import type { Exchange } from './exchange.ts'
import type { OrderRecord } from './order-record.ts'
import { cancelAllOrders, listingOf, nextClientId, take } from './orders-api.ts'
import { malformed, type Refusal, refusal } from './refusal.ts'

const CloseQuery = z
  .object({
    qty: z.string().optional(),
    percentage: z
      .string()
      .regex(/^\d{1,3}(\.\d{1,9})?$/)
      .optional(),
  })
  .refine(({ qty, percentage }) => qty === undefined || percentage === undefined, {
    message: 'only one of qty and percentage is accepted',
  })

/** Sends the market order that closes the position, or the part of it that the query names. */
export function closePosition(exchange: Exchange, symbolOrId: string, query: unknown): Outcome<OrderRecord, Refusal> {
  const listing = listingOf(exchange, symbolOrId)
  const held = listing && sharesHeld(exchange.ledger.account(), listing.symbol)
  if (!listing || held === undefined || held === 0n) return refuse(refusal(404, 'position does not exist'))
  const shares = sharesToClose(held, query)
  if (!shares.ok) return shares
  return take(exchange, {
    kind: 'simple',
    main: {
      clientOrderId: nextClientId(exchange),
      symbol: listing.symbol,
      side: held > 0n ? 'sell' : 'buy',
      size: { kind: 'shares', shares: shares.value },
      pricing: { type: 'market' },
      timeInForce: 'day',
      isExtendedHours: false,
    },
  })
}

const WHOLE_PERCENTAGE = 100n * 1_000_000_000n

/** Unsigned; of a percentage whatever is beyond nine decimals is cut. */
function sharesToClose(held: NanoShares, query: unknown): Outcome<NanoShares, Refusal> {
  const parsed = CloseQuery.safeParse(query)
  if (!parsed.success)
    return refuse(malformed('give one of qty, above 0, and percentage, above 0 and at most 100, of 9 decimals at most'))
  const { qty, percentage = '100' } = parsed.data
  const part = sharesIn(percentage) ?? 0n
  const wanted = qty === undefined ? (((magnitudeOf(held) * part) / WHOLE_PERCENTAGE) as NanoShares) : sharesIn(qty)
  if (wanted === undefined || wanted <= 0n || part > WHOLE_PERCENTAGE)
    return refuse(malformed('qty must be above 0, and percentage within 0 and 100'))
  return ok(wanted)
}

export type Closing = { readonly symbol: Symbol_; readonly outcome: Outcome<OrderRecord, Refusal> }

/** Closes every position, ascending by symbol, after cancelling every order when `cancelsOrders`. */
export function closeAllPositions(exchange: Exchange, cancelsOrders: boolean): readonly Closing[] {
  if (cancelsOrders) cancelAllOrders(exchange)
  const symbols = [...exchange.ledger.account().positions.keys()].sort(bySymbol)
  return symbols.map((symbol) => ({ symbol, outcome: closePosition(exchange, symbol, {}) }))
}
