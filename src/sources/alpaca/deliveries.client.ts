import type { Delivered } from '#domain/broker.ts'
import { type Outcome, ok, refuse } from '#domain/outcome.ts'

/**
 * How many bars and trade updates a consumer's handlers have dealt with, each since its stream was opened last: the exchange
 * counts what it has sent over the connections that are open, so a broken one leaves nothing to wait for.
 */
export type Deliveries = {
  readonly received: () => Delivered
  /** Resolves when at least `delivered` has been dealt with, or with what has been after `timeoutMs` or when the streams are closed. */
  readonly whenReceived: (delivered: Delivered, timeoutMs: number) => Promise<Outcome<'received', NotDelivered>>
}

/** `ended`: no more will come. */
export type NotDelivered = { readonly kind: 'not-delivered' | 'ended'; readonly got: Delivered }

/** What the streams themselves tell the count. */
export type DeliveryCount = Deliveries & {
  readonly add: (more: Partial<Delivered>) => void
  /** A new connection is open, over which nothing has come yet. */
  readonly restart: (kind: keyof Delivered) => void
  /** No more will come: whoever waits is told at once. */
  readonly end: () => void
}

export function countDeliveries(): DeliveryCount {
  let received: Delivered = { bars: 0, tradeUpdates: 0 }
  let isEnded = false
  const waiting = new Set<() => void>()
  const wake = () => {
    for (const look of [...waiting]) look()
  }
  return {
    received: () => received,
    add: ({ bars = 0, tradeUpdates = 0 }) => {
      received = { bars: received.bars + bars, tradeUpdates: received.tradeUpdates + tradeUpdates }
      wake()
    },
    restart: (kind) => {
      received = { ...received, [kind]: 0 }
    },
    end: () => {
      isEnded = true
      wake()
    },
    whenReceived: (delivered, timeoutMs) =>
      new Promise((resolve) => {
        const settle = (outcome: Outcome<'received', NotDelivered>) => {
          waiting.delete(look)
          clearTimeout(timer)
          resolve(outcome)
        }
        const look = () => {
          if (received.bars >= delivered.bars && received.tradeUpdates >= delivered.tradeUpdates) settle(ok('received'))
          else if (isEnded) settle(refuse({ kind: 'ended', got: received }))
        }
        const timer = setTimeout(() => settle(refuse({ kind: 'not-delivered', got: received })), timeoutMs)
        waiting.add(look)
        look()
      }),
  }
}
