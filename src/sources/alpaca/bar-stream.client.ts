import { streaming } from '@alpacahq/alpaca-trade-api'
import type { Bar } from '#domain/bars.ts'
import type { BarStream } from '#domain/broker.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import type { DeliveryCount } from './deliveries.client.ts'
import { sharedLine, type Watched } from './shared-line.client.ts'
import { type LineTerms, openLine, told } from './stream-line.client.ts'
import { streamBarFrom, subscribedBarsFrom } from './wire.ts'

type Subscriber = { readonly symbols: ReadonlySet<Symbol_>; readonly onBars: (bars: readonly Bar[]) => void }

/**
 * The data stream's minute bars. Subscriptions share one socket, since Alpaca lets an account have one; it opens with the
 * first and closes with the last. Bars that arrive together are handed on together, and counted once they are dealt with.
 */
export function createBarStream(
  terms: LineTerms,
  deliveries: DeliveryCount,
): BarStream & Watched & { readonly close: () => Promise<void> } {
  const subscribers = new Set<Subscriber>()
  let arrived: streaming.StreamBar[] = []

  const handOn = () => {
    const wire = arrived
    arrived = []
    const bars = wire.flatMap((bar) => told(terms, () => streamBarFrom(bar)) ?? [])
    for (const { symbols, onBars } of subscribers) {
      const wanted = bars.filter((bar) => symbols.has(bar.symbol))
      if (wanted.length > 0) told(terms, () => onBars(wanted))
    }
    deliveries.add({ bars: wire.length })
  }
  const shared = sharedLine(async () => {
    const line = await openLine((options) => new streaming.StockDataStream(options), terms)
    deliveries.restart('bars')
    line.stream.onBar((bar) => {
      if (arrived.push(bar) === 1) queueMicrotask(handOn)
    })
    return line
  })
  const leave = async (subscriber: Subscriber) => {
    if (!subscribers.delete(subscriber)) return
    if (subscribers.size === 0) return shared.close()
    const wanted = new Set([...subscribers].flatMap((s) => [...s.symbols]))
    const { stream } = await shared.line()
    stream.unsubscribeFromBars([...subscriber.symbols].filter((s) => !wanted.has(s)))
  }
  return {
    subscribe: async (symbols, onBars) => {
      const { stream, subscribe } = await shared.line()
      const subscriber = { symbols: new Set(symbols), onBars }
      subscribers.add(subscriber)
      const known = new Set(stream.getSubscriptions().bars)
      const added = symbols.filter((s) => !known.has(s))
      try {
        if (added.length > 0) {
          const isMet = (state: unknown) => added.every((s) => subscribedBarsFrom(state).has(s))
          await subscribe(() => stream.subscribeForBars(added), isMet)
        }
      } catch (refusal) {
        subscribers.delete(subscriber)
        throw refusal
      }
      return { close: () => leave(subscriber) }
    },
    isWhole: async () => subscribers.size === 0 || shared.answers(),
    close: async () => {
      subscribers.clear()
      await shared.close()
    },
  }
}
