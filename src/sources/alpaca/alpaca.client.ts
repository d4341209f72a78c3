import { marketData, trading } from '@alpacahq/alpaca-trade-api'
import type { BarStream, Broker } from '#domain/broker.ts'
import type { Fault } from '#domain/fault.ts'
import { historyOver } from './bar-history.client.ts'
import { createBarStream } from './bar-stream.client.ts'
import { brokerOver } from './broker.client.ts'
import { countDeliveries, type Deliveries } from './deliveries.client.ts'
import type { AlpacaEndpoints, AlpacaKeys } from './endpoints.ts'
import type { Governed } from './governed.client.ts'
import type { BarHistory } from './history.ts'
import { createRateGovernor } from './rate-governor.ts'
import { createTradeStream } from './trade-stream.client.ts'
import { WALL_TIMER } from './wall-timer.client.ts'

/** How long one REST request may take. */
const REQUEST_MS = 10_000

export type AlpacaOptions = AlpacaEndpoints &
  AlpacaKeys & {
    readonly feed: 'iex' | 'sip'
    /**
     * Told of every error on a stream (ALPACA_STREAM_ERROR), of a close that nobody asked for (ALPACA_STREAM_CLOSED: subscribe
     * again), of a message that cannot be read (ALPACA_ANSWER_UNDECODABLE) and of a handler that threw (ALPACA_CONSUMER_FAILED).
     */
    readonly onTrouble: (fault: Fault) => void
    /** What requests for market data go through: one for all connections of an account. Without it only answers tell a limit. */
    readonly governed?: Governed
  }

export type Alpaca = Deliveries & {
  readonly broker: Broker
  readonly bars: BarStream
  readonly history: BarHistory
  /** Closes the streams; resolves when their sockets are gone. */
  readonly close: () => Promise<void>
}

/** An account at Alpaca or at an exchange that speaks as it does. Connects to nothing before it is asked something. */
export function connectAlpaca(options: AlpacaOptions): Alpaca {
  const { keyId, secret, feed, onTrouble } = options
  const access = { keyId, secret, timeoutMs: REQUEST_MS }
  const deliveries = countDeliveries()
  const line = { keys: { keyId, secret }, onTrouble }
  const bars = createBarStream({ ...line, name: 'bars', url: `${options.streamUrl}/v2/${feed}` }, deliveries)
  const updates = createTradeStream(
    { ...line, name: 'trade updates', url: `${options.tradingUrl.replace(/^http/, 'ws')}/stream` },
    deliveries,
  )
  return {
    broker: {
      ...brokerOver(new trading.Configuration({ ...access, basePath: options.tradingUrl })),
      tradeUpdates: updates.subscribe,
    },
    bars,
    history: historyOver(
      new marketData.Configuration({ ...access, basePath: options.dataUrl }),
      feed,
      options.governed ?? governedOnWallTime(undefined),
    ),
    received: deliveries.received,
    whenReceived: deliveries.whenReceived,
    close: async () => {
      deliveries.end()
      await Promise.all([bars.close(), updates.close()])
    },
  }
}

/** What an account's requests for market data go through: `requestsPerMinute` is its limit, undefined: only answers tell it. */
export function governedOnWallTime(requestsPerMinute: number | undefined): Governed {
  return { governor: createRateGovernor(WALL_TIMER, requestsPerMinute), timer: WALL_TIMER, random: Math.random }
}
