import { Fault } from '#domain/fault.ts'
import { assembled } from './assembly.server.ts'
import { serveConditions } from './conditions.route.ts'
import type { ExchangeOptions } from './exchange-options.ts'
import { hookFaults, serveFaults } from './faults.route.ts'
import { createFaults } from './faults.ts'
import { createHttp } from './http.server.ts'
import { serveMarketData } from './market-data.route.ts'
import { serveSandbox } from './sandbox.route.ts'
import { serveStatus } from './status.route.ts'
import { createTradeStream } from './trade-stream.server.ts'
import { serveTrading } from './trading.route.ts'
import { upgradeTo } from './upgrades.server.ts'

/** An exchange that listens. `streamUrl` is the base of the WebSocket addresses; `close` ends every connection at once. */
export type OpenExchange = { readonly url: string; readonly streamUrl: string; readonly close: () => Promise<void> }

/**
 * Opens an exchange that replays `tape` and speaks Alpaca's protocol; see docs/exchange.md. Several in one process share
 * nothing. Throws Fault EXCHANGE_PORT_TAKEN when the port is in use.
 */
export async function openExchange(options: ExchangeOptions): Promise<OpenExchange> {
  const { keys } = options
  let now = () => options.startAt
  const faults = createFaults({ now: () => now(), wall: () => performance.now(), script: options.faults ?? [] })
  const trades = createTradeStream(keys, faults, options.textFrames ?? false)
  const { exchange, floor } = await assembled(options, { trades, faults, now: () => now() })
  const { clock } = exchange
  now = clock.now
  const { market, news, data } = floor
  const app = createHttp(keys, options.requestsPerMinute)
  hookFaults(app, faults)
  serveTrading(app, exchange)
  serveMarketData(app, data)
  serveFaults(app, faults)
  serveConditions(app, exchange)
  const delivered = () => ({ bars: market.barsSent(), tradeUpdates: trades.updatesSent() })
  serveSandbox(app, clock, delivered)
  serveStatus(app, () => ({
    clock,
    data,
    source: options.tape.feed,
    recorded: options.recordedAt?.(clock.now()),
    connections: { data: market.connections(), news: news.connections() },
    faults: faults.list().length,
    delivered: delivered(),
  }))
  const sockets = upgradeTo({ market, news, trades })
  app.server.on('upgrade', sockets.upgrade)
  const url = await app.listen({ host: options.host, port: options.port }).catch((cause: unknown) => {
    throw new Fault(
      'EXCHANGE_PORT_TAKEN',
      `The exchange cannot listen on ${options.host}:${options.port}: ${cause instanceof Error ? cause.message : cause}. Choose another port.`,
      { cause },
    )
  })
  return {
    url,
    streamUrl: url.replace(/^http/, 'ws'),
    close: async () => {
      clock.close()
      for (const stream of [market, news, trades]) stream.close()
      sockets.close()
      // Sleepers get their 503 before their connections go.
      await new Promise((resolve) => setImmediate(resolve))
      await app.close()
    },
  }
}
