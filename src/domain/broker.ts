import type { Bar } from './bars.ts'
import type { MicroUsd } from './money.ts'
import type { OrderRequest, Side } from './order.ts'
import type { Outcome } from './outcome.ts'
import type { Symbol_ } from './symbol.ts'
import type { EpochMs } from './units.ts'

export type BrokerUnavailable =
  | { readonly kind: 'unauthorised'; readonly message: string }
  | { readonly kind: 'rate-limited'; readonly retryAfterMs: number }
  | { readonly kind: 'unreachable'; readonly cause: string }

/** Why an order is not working. `answer-lost`: it may be; ask by its client id. */
export type SubmitRefused =
  | { readonly kind: 'refused'; readonly code: string; readonly reason: string }
  | { readonly kind: 'answer-lost'; readonly cause: string }
  | BrokerUnavailable

export type BrokerAccount = {
  readonly accountNumber: string
  readonly cash: MicroUsd
  readonly equity: MicroUsd
  readonly buyingPower: MicroUsd
  readonly isShortingEnabled: boolean
  readonly isBlocked: boolean
}

export type BrokerPosition = {
  readonly symbol: Symbol_
  /** Signed: a short position is negative. */
  readonly quantityShares: number
  readonly averageEntryPrice: number
  readonly currentPrice: number
}

export type BrokerOrder = {
  readonly brokerOrderId: string
  readonly clientOrderId: string
  readonly symbol: Symbol_
  readonly side: Side
  readonly quantityShares: number
  readonly filledShares: number
  /** Undefined until something filled. */
  readonly averagePrice: number | undefined
  readonly status: 'working' | 'filled' | 'cancelled' | 'expired' | 'rejected' | 'replaced'
  readonly submittedAt: EpochMs
  readonly updatedAt: EpochMs
}

export type BrokerAsset = {
  readonly symbol: Symbol_
  readonly name: string
  readonly isTradable: boolean
  readonly isShortable: boolean
}

/** What the broker tells by itself about an order. `fill` is one execution: its own shares and price, and its own id. */
export type TradeUpdate = {
  readonly clientOrderId: string
  readonly brokerOrderId: string
  readonly symbol: Symbol_
  readonly side: Side
  readonly at: EpochMs
} & (
  | { readonly kind: 'accepted' }
  | {
      readonly kind: 'fill'
      readonly executionId: string
      readonly quantityShares: number
      readonly price: number
      readonly cumulativeShares: number
      readonly averagePrice: number
      readonly isComplete: boolean
    }
  | { readonly kind: 'cancelled' | 'expired'; readonly filledShares: number }
  | { readonly kind: 'rejected'; readonly reason: string }
)

/** An open stream; `close` ends it and resolves when the socket is gone. */
export type Subscription = { readonly close: () => Promise<void> }

/** Whoever takes orders: Alpaca paper, Alpaca live, or the exchange stand-in. Callers cannot tell which. */
export interface Broker {
  account(): Promise<Outcome<BrokerAccount, BrokerUnavailable>>
  positions(): Promise<Outcome<readonly BrokerPosition[], BrokerUnavailable>>
  assets(symbols: readonly Symbol_[]): Promise<Outcome<readonly BrokerAsset[], BrokerUnavailable>>
  submit(order: OrderRequest): Promise<Outcome<BrokerOrder, SubmitRefused>>
  /** The order with this client id; `undefined` when the broker has none. */
  orderByClientId(clientOrderId: string): Promise<Outcome<BrokerOrder | undefined, BrokerUnavailable>>
  openOrders(): Promise<Outcome<readonly BrokerOrder[], BrokerUnavailable>>
  cancel(brokerOrderId: string): Promise<Outcome<'cancelling' | 'already-final', BrokerUnavailable>>
  /** Calls `onUpdate` for every update from now on, in order. Nothing is repeated after a reconnect: ask for orders then. */
  tradeUpdates(onUpdate: (update: TradeUpdate) => void): Promise<Subscription>
}

/** A live stream of finished 1-minute bars. */
export interface BarStream {
  /** Calls `onBars` with bars as they close; all bars of one minute may come in one call or several. */
  subscribe(symbols: readonly Symbol_[], onBars: (bars: readonly Bar[]) => void): Promise<Subscription>
}

/** What a clock's answer says has been delivered before it: the consumer waits until it has received as many. */
export type Delivered = { readonly bars: number; readonly tradeUpdates: number }
