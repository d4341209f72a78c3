import { streaming } from '@alpacahq/alpaca-trade-api'
import type { Subscription, TradeUpdate } from '#domain/broker.ts'
import type { DeliveryCount } from './deliveries.client.ts'
import { sharedLine, type Watched } from './shared-line.client.ts'
import { type LineTerms, openLine, told } from './stream-line.client.ts'
import { tradeUpdateFrom } from './wire.ts'

export type TradeStream = Watched & {
  readonly subscribe: (onUpdate: (update: TradeUpdate) => void) => Promise<Subscription>
  readonly close: () => Promise<void>
}

/** The trading stream's order updates, on one socket for all listeners. Every message counts, also one that tells nothing we use. */
export function createTradeStream(terms: LineTerms, deliveries: DeliveryCount): TradeStream {
  const listeners = new Set<(update: TradeUpdate) => void>()
  const shared = sharedLine(async () => {
    const line = await openLine((options) => new streaming.TradingStream(options), terms)
    deliveries.restart('tradeUpdates')
    line.stream.onTradeUpdate((wire) => {
      const update = told(terms, () => tradeUpdateFrom(wire))
      if (update) for (const listener of listeners) told(terms, () => listener(update))
      deliveries.add({ tradeUpdates: 1 })
    })
    try {
      await line.subscribe(
        () => line.stream.subscribeTradeUpdates(),
        (streams) => Array.isArray(streams) && streams.includes('trade_updates'),
      )
    } catch (refusal) {
      await line.close()
      throw refusal
    }
    return line
  })
  return {
    subscribe: async (onUpdate) => {
      const listener = (update: TradeUpdate) => onUpdate(update)
      await shared.line()
      listeners.add(listener)
      return {
        close: async () => {
          listeners.delete(listener)
          if (listeners.size === 0) await shared.close()
        },
      }
    },
    isWhole: async () => listeners.size === 0 || shared.answers(),
    close: async () => {
      listeners.clear()
      await shared.close()
    },
  }
}
