import type { FastifyInstance } from 'fastify'
import type { Feed } from '#domain/bars.ts'
import type { ReplayClock } from './clock.ts'
import type { RecordedSession } from './exchange-options.ts'
import type { MarketData } from './market-data.ts'

/** Everything that the status tells. */
export type Status = {
  readonly clock: ReplayClock
  readonly data: MarketData
  /** The feed under which the bars are stored. */
  readonly source: Feed
  /** Undefined where bars are shown on their own days, and outside sessions. */
  readonly recorded: RecordedSession | undefined
  readonly connections: { readonly data: number; readonly news: number }
  readonly faults: number
  readonly delivered: { readonly bars: number; readonly tradeUpdates: number }
}

/** `/sandbox/status`: what is replayed, for a page that shows it: above all which symbols are another one's bars. */
export function serveStatus(app: FastifyInstance, status: () => Status): void {
  app.get('/sandbox/status', (_, reply) => {
    const { clock, data, source, recorded, connections, faults, delivered } = status()
    return reply.send({
      now: clock.now(),
      speed: clock.speed(),
      state: clock.state(),
      feed: data.feed,
      source,
      symbols: data.listings.size,
      proxies: Object.fromEntries(data.proxies),
      recorded: recorded ?? null,
      connections,
      faults,
      delivered,
    })
  })
}
