import { marketData, trading } from '@alpacahq/alpaca-trade-api'
import type { BarStream, Broker } from '#domain/broker.ts'
import type { Fault } from '#domain/fault.ts'
import { historyOver } from './bar-history.client.ts'
import { createBarStream } from './bar-stream.client.ts'
import { brokerOver } from './broker.client.ts'
import { countDeliveries, type Deliveries } from './deliveries.client.ts'
import type { AlpacaEndpoints, AlpacaKeys } from './endpoints.ts'
import { governedClient } from './governed.client.ts'
import { type GovernedHosts, hostsOnWallTime } from './governed-on-wall-time.client.ts'
import type { BarHistory } from './history.ts'
import type { Watched } from './shared-line.client.ts'
import { createTradeStream } from './trade-stream.client.ts'

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
    /** What requests go through: one for all that ask with an account's keys. Without it only answers tell a limit. */
    readonly governed?: GovernedHosts
  }

export type Alpaca = Deliveries &
  Watched & {
    readonly broker: Broker
    readonly bars: BarStream
    readonly history: BarHistory
    /** Closes the streams; resolves when their sockets are gone. */
    readonly close: () => Promise<void>
  }

/** An account at Alpaca or at an exchange that speaks as it does. Connects to nothing before it is asked something. */
export function connectAlpaca(options: AlpacaOptions): Alpaca {
  const { keyId, secret, feed, onTrouble, governed = hostsOnWallTime(undefined) } = options
  const access = { keyId, secret, timeoutMs: REQUEST_MS }
  const deliveries = countDeliveries()
  const line = { keys: { keyId, secret }, onTrouble }
  const bars = createBarStream({ ...line, name: 'bars', url: `${options.streamUrl}/v2/${feed}` }, deliveries)
  const updates = createTradeStream(
    { ...line, name: 'trade updates', url: `${options.tradingUrl.replace(/^http/, 'ws')}/stream` },
    deliveries,
  )
  const { fetchApi, inTurn } = governedClient(governed.trading, 'trading')
  return {
    broker: {
      ...brokerOver(new trading.Configuration({ ...access, fetchApi, basePath: options.tradingUrl }), inTurn),
      tradeUpdates: updates.subscribe,
    },
    bars,
    history: historyOver(new marketData.Configuration({ ...access, basePath: options.dataUrl }), feed, governed.data),
    received: deliveries.received,
    whenReceived: deliveries.whenReceived,
    isWhole: async () => (await Promise.all([bars.isWhole(), updates.isWhole()])).every((isWhole) => isWhole),
    close: async () => {
      deliveries.end()
      await Promise.all([bars.close(), updates.close()])
    },
  }
}
