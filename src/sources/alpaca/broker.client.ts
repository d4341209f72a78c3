import { trading } from '@alpacahq/alpaca-trade-api'
import type { z } from 'zod'
import type { Broker, BrokerOrder, BrokerUnavailable, SubmitRefused } from '#domain/broker.ts'
import { decimalFrom, microUsd } from '#domain/money.ts'
import type { OrderRequest } from '#domain/order.ts'
import { type Outcome, ok, refuse } from '#domain/outcome.ts'
import { isDuplicate, isNotCancellable, isUnknown, submitRefusedFrom, unavailableFrom } from './failures.client.ts'
import type { GovernedClient } from './governed.client.ts'
import { accountWire, assetsWire, decoded, orderWire, positionsWire } from './wire.ts'

/** Alpaca lists at most this many orders in one answer. */
const ORDERS_IN_A_PAGE = 500

/** The part of a broker that is asked over REST, each request in its turn. No request is repeated by itself. */
export function brokerOver(configuration: trading.Configuration, inTurn: GovernedClient['inTurn']): Omit<Broker, 'tradeUpdates'> {
  const accounts = new trading.AccountsApi(configuration)
  const positions = new trading.PositionsApi(configuration)
  const assets = new trading.AssetsApi(configuration)
  const orders = new trading.OrdersApi(configuration)

  const orderByClientId = async (clientOrderId: string): Promise<Outcome<BrokerOrder | undefined, BrokerUnavailable>> => {
    try {
      return ok(decoded(orderWire, await inTurn(() => orders.getOrderByClientOrderId({ clientOrderId })), 'an order'))
    } catch (error) {
      return isUnknown(error) ? ok(undefined) : refuse(unavailableFrom(error, 'an order'))
    }
  }
  return {
    account: () => answered(() => inTurn(() => accounts.getAccount()), accountWire, 'the account'),
    positions: () => answered(() => inTurn(() => positions.getAllOpenPositions()), positionsWire, 'positions'),
    assets: async (symbols) => {
      const wanted = new Set<string>(symbols)
      const ask = () => inTurn(() => assets.getV2Assets({ status: 'active', assetClass: 'us_equity' }))
      const listed = await answered(ask, assetsWire, 'assets')
      return listed.ok ? ok(listed.value.filter((a) => wanted.has(a.symbol))) : listed
    },
    orderByClientId,
    openOrders: () => everyOpenOrder((question) => inTurn(() => orders.getAllOrders(question))),
    submit: async (request) => {
      try {
        return ok(decoded(orderWire, await inTurn(() => orders.postOrder({ postOrderRequest: wireOrder(request) })), 'an order'))
      } catch (error) {
        return isDuplicate(error)
          ? ordered(request, await orderByClientId(request.clientOrderId))
          : refuse(submitRefusedFrom(error))
      }
    },
    cancel: async (brokerOrderId) => {
      try {
        const { raw } = await inTurn(() => orders.deleteOrderByOrderIDRaw({ orderId: brokerOrderId }))
        // The vendor's client keeps its time limit, and so the process, until an answer's body is read, an empty one too.
        await raw.text()
        return ok('cancelling')
      } catch (error) {
        return isNotCancellable(error) ? ok('already-final') : refuse(unavailableFrom(error, 'a cancellation'))
      }
    },
  }
}

async function answered<T>(
  ask: () => Promise<unknown>,
  schema: z.ZodType<T>,
  what: string,
): Promise<Outcome<T, BrokerUnavailable>> {
  try {
    return ok(decoded(schema, await ask(), what))
  } catch (error) {
    return refuse(unavailableFrom(error, what))
  }
}

type AskOrders = (question: trading.GetAllOrdersRequest) => Promise<unknown>

async function everyOpenOrder(askOrders: AskOrders): Promise<Outcome<readonly BrokerOrder[], BrokerUnavailable>> {
  const open: BrokerOrder[] = []
  for (;;) {
    const last = open.at(-1)
    const after = last ? { afterOrderId: last.brokerOrderId } : {}
    const ask = () => askOrders({ status: 'open', direction: 'asc', limit: ORDERS_IN_A_PAGE, ...after })
    const page = await answered(ask, orderWire.array(), 'open orders')
    if (!page.ok) return page
    open.push(...page.value)
    if (page.value.length < ORDERS_IN_A_PAGE) return ok(open)
  }
}

/** The order that already has the client id of `request`: it is the answer, unless it asks for something else. */
function ordered(
  request: OrderRequest,
  found: Outcome<BrokerOrder | undefined, BrokerUnavailable>,
): Outcome<BrokerOrder, SubmitRefused> {
  if (!found.ok)
    return refuse({ kind: 'answer-lost', cause: `the order exists already and could not be read: ${found.why.kind}` })
  const order = found.value
  if (order?.symbol === request.symbol && order.side === request.side && order.quantityShares === request.quantityShares)
    return ok(order)
  return refuse({
    kind: 'refused',
    code: 'CLIENT_ORDER_ID_TAKEN',
    reason: `another order has the client id ${request.clientOrderId}`,
  })
}

function wireOrder(request: OrderRequest): trading.PostOrderRequest {
  return {
    clientOrderId: request.clientOrderId,
    symbol: request.symbol,
    side: request.side,
    qty: String(request.quantityShares),
    type: request.type,
    timeInForce: request.timeInForce,
    ...(request.type === 'limit' ? { limitPrice: decimalFrom(microUsd(request.limitPrice)) } : {}),
  }
}
