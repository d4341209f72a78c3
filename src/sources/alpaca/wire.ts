import { z } from 'zod'
import type { Bar } from '#domain/bars.ts'
import type { BrokerAccount, BrokerAsset, BrokerOrder, BrokerPosition, TradeUpdate } from '#domain/broker.ts'
import { Fault } from '#domain/fault.ts'
import { moneyFrom } from '#domain/money.ts'
import { symbolFrom } from '#domain/symbol.ts'
import { epochMs } from '#domain/units.ts'

// What the vendor's client hands over: its field names, its instants as Date, the trading API's numbers still decimal text.

const instant = z.date().transform((date) => epochMs(date.getTime()))
const quantity = z
  .string()
  .regex(/^-?\d+(\.\d+)?$/, 'expected decimal text')
  .transform(Number)
const money = z.string().transform((text, context) => moneyFrom(text) ?? refused(context, 'expected an amount of money'))
export const symbolWire = z.string().transform((text, context) => symbolFrom(text) ?? refused(context, 'expected a ticker'))

function refused(context: z.RefinementCtx, message: string): never {
  context.addIssue({ code: 'custom', message })
  return z.NEVER
}

export const accountWire: z.ZodType<BrokerAccount> = z
  .object({
    accountNumber: z.string().min(1),
    cash: money,
    equity: money,
    buyingPower: money,
    shortingEnabled: z.boolean(),
    tradingBlocked: z.boolean(),
    accountBlocked: z.boolean(),
    tradeSuspendedByUser: z.boolean(),
  })
  .transform(({ shortingEnabled, tradingBlocked, accountBlocked, tradeSuspendedByUser, ...account }) => ({
    ...account,
    isShortingEnabled: shortingEnabled,
    isBlocked: tradingBlocked || accountBlocked || tradeSuspendedByUser,
  }))

export const positionsWire: z.ZodType<readonly BrokerPosition[]> = z.array(
  z
    .object({
      symbol: symbolWire,
      qty: quantity,
      side: z.enum(['long', 'short']),
      avgEntryPrice: quantity,
      currentPrice: quantity,
    })
    .transform((position) => ({
      symbol: position.symbol,
      quantityShares: position.side === 'short' ? -Math.abs(position.qty) : position.qty,
      averageEntryPrice: position.avgEntryPrice,
      currentPrice: position.currentPrice,
    })),
)

/** Instruments whose tickers are not written like ours are left out: nobody can ask for one. */
export const assetsWire: z.ZodType<readonly BrokerAsset[]> = z
  .array(z.object({ symbol: z.string(), name: z.string(), tradable: z.boolean(), shortable: z.boolean() }))
  .transform((assets) =>
    assets.flatMap(({ symbol: text, name, tradable, shortable }) => {
      const ticker = symbolFrom(text)
      return ticker ? [{ symbol: ticker, name, isTradable: tradable, isShortable: shortable }] : []
    }),
  )

/** What Alpaca's statuses mean to us. One that may still lead to a fill is `working`. */
const STATUSES: ReadonlyMap<string, BrokerOrder['status']> = new Map([
  ...['new', 'accepted', 'pending_new', 'accepted_for_bidding', 'partially_filled', 'held'].map((s) => [s, 'working'] as const),
  ...['pending_cancel', 'pending_replace', 'stopped', 'suspended', 'calculated', 'done_for_day'].map(
    (s) => [s, 'working'] as const,
  ),
  ['filled', 'filled'],
  ['canceled', 'cancelled'],
  ['expired', 'expired'],
  ['rejected', 'rejected'],
  ['replaced', 'replaced'],
])

const orderFields = z.object({
  id: z.string().min(1),
  clientOrderId: z.string().min(1),
  symbol: symbolWire,
  side: z.enum(['buy', 'sell']),
  qty: quantity,
  filledQty: quantity,
  filledAvgPrice: quantity.nullish(),
  status: z.string().transform((text, context) => STATUSES.get(text) ?? refused(context, 'expected an order status')),
  submittedAt: instant,
  updatedAt: instant,
})

export const orderWire: z.ZodType<BrokerOrder> = orderFields.transform((order) => ({
  brokerOrderId: order.id,
  clientOrderId: order.clientOrderId,
  symbol: order.symbol,
  side: order.side,
  quantityShares: order.qty,
  filledShares: order.filledQty,
  averagePrice: order.filledAvgPrice ?? undefined,
  status: order.status,
  submittedAt: order.submittedAt,
  updatedAt: order.updatedAt,
}))

const update = { timestamp: instant, order: orderFields }
const execution = { ...update, executionId: z.string().min(1), price: quantity, qty: quantity }

const updateWire = z.discriminatedUnion('event', [
  z.object({ event: z.enum(['new', 'accepted']), ...update }),
  z.object({ event: z.enum(['fill', 'partial_fill']), ...execution, order: orderFields.extend({ filledAvgPrice: quantity }) }),
  z.object({ event: z.enum(['canceled', 'expired']), ...update }),
  z.object({ event: z.literal('rejected'), ...update, reason: z.string().optional() }),
])

/** Events between two states that matter to nobody here: the order is asked for when its state is needed. */
const PASSING: ReadonlySet<string> = new Set([
  ...['pending_new', 'pending_cancel', 'pending_replace', 'held', 'stopped', 'suspended', 'calculated', 'done_for_day'],
  ...['replaced', 'order_replace_rejected', 'order_cancel_rejected'],
])

/**
 * The update that a trade_updates message tells, or undefined for a passing event. Throws ALPACA_ANSWER_UNDECODABLE, also for
 * an execution that was taken back or changed afterwards, which no part of the system can follow.
 */
export function tradeUpdateFrom(wire: { readonly event: string }): TradeUpdate | undefined {
  if (PASSING.has(wire.event)) return undefined
  const told = decoded(updateWire, wire, 'a trade update')
  const { order } = told
  const base = {
    clientOrderId: order.clientOrderId,
    brokerOrderId: order.id,
    symbol: order.symbol,
    side: order.side,
    at: told.timestamp,
  }
  switch (told.event) {
    case 'new':
    case 'accepted':
      return { ...base, kind: 'accepted' }
    case 'fill':
    case 'partial_fill':
      return {
        ...base,
        kind: 'fill',
        executionId: told.executionId,
        quantityShares: told.qty,
        price: told.price,
        cumulativeShares: order.filledQty,
        averagePrice: told.order.filledAvgPrice,
        isComplete: told.event === 'fill',
      }
    case 'canceled':
    case 'expired':
      return { ...base, kind: told.event === 'canceled' ? 'cancelled' : 'expired', filledShares: order.filledQty }
    case 'rejected':
      return { ...base, kind: 'rejected', reason: told.reason ?? 'the exchange gave no reason' }
    default:
      return told satisfies never
  }
}

const streamBar = z
  .object({
    symbol: symbolWire,
    timestamp: instant,
    open: z.number(),
    high: z.number(),
    low: z.number(),
    close: z.number(),
    volume: z.number(),
  })
  .transform(({ timestamp, volume, ...bar }) => ({ ...bar, openedAt: timestamp, volumeShares: volume }))

/** A bar of the data stream. Throws ALPACA_ANSWER_UNDECODABLE. */
export function streamBarFrom(wire: unknown): Bar {
  return decoded(streamBar, wire, 'a bar of the data stream')
}

const subscriptions = z.object({ bars: z.array(z.string()) })

/** The symbols whose bars the data stream says it sends. Throws ALPACA_ANSWER_UNDECODABLE. */
export function subscribedBarsFrom(wire: unknown): ReadonlySet<string> {
  return new Set(decoded(subscriptions, wire, 'the state of its subscriptions').bars)
}

/** What `schema` makes of a value from Alpaca. Throws ALPACA_ANSWER_UNDECODABLE, naming `what`, the field and what was expected there. */
export function decoded<T>(schema: z.ZodType<T>, wire: unknown, what: string): T {
  const parsed = schema.safeParse(wire)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw undecodable(what, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not as expected'}`, parsed.error)
}

export function undecodable(what: string, detail: string, cause: unknown): Fault {
  return new Fault(
    'ALPACA_ANSWER_UNDECODABLE',
    `The exchange sent ${what} that is not as its protocol says (${detail}); check that the configured address is an Alpaca API.`,
    { cause },
  )
}
