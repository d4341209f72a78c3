import { z } from 'zod'
import type { TableRow } from '#domain/bar-table.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { type EpochMs, epochMs } from '#domain/units.ts'
import { decoded, symbolWire } from './wire.ts'

/** What a market stream subscribes to; `*` is every symbol of the feed. */
export type MarketChannels = Readonly<Record<MarketChannel, readonly (Symbol_ | '*')[]>>

export const MARKET_CHANNELS = ['bars', 'updatedBars', 'dailyBars', 'statuses'] as const
export type MarketChannel = (typeof MARKET_CHANNELS)[number]

/** A symbol's trading status: `H` halted, `T` resumed, and why, in the exchange's codes. */
export type TradingStatus = {
  readonly symbol: Symbol_
  readonly at: EpochMs
  readonly status: string
  readonly reason: string
}

/** What a market stream tells. */
export type MarketNews =
  /** Finished minutes; corrections of minutes told before; the running day. */
  | { readonly kind: 'bars' | 'updated-bars' | 'daily-bars'; readonly rows: readonly TableRow[] }
  | { readonly kind: 'statuses'; readonly statuses: readonly TradingStatus[] }
  /** Connected, and subscribed to exactly what was asked for. */
  | { readonly kind: 'up' }
  /** The connection is gone, or was given up for `cause`; it is made again. */
  | { readonly kind: 'down'; readonly cause: string }
  /** An attempt to connect failed; another follows in `retryMs`. */
  | { readonly kind: 'refused'; readonly cause: string; readonly retryMs: number }

const barWire = z
  .object({
    symbol: symbolWire,
    timestamp: z.date(),
    open: z.number(),
    high: z.number(),
    low: z.number(),
    close: z.number(),
    volume: z.number(),
    vwap: z.number().optional(),
    tradeCount: z.number().optional(),
  })
  .transform(
    ({ timestamp, volume, vwap = Number.NaN, tradeCount = Number.NaN, ...bar }): TableRow => ({
      ...bar,
      openedAt: timestamp.getTime(),
      volumeShares: volume,
      vwap,
      trades: tradeCount,
    }),
  )

/** A bar of any of the stream's kinds. Throws ALPACA_ANSWER_UNDECODABLE. */
export function tableRowFrom(wire: unknown): TableRow {
  return decoded(barWire, wire, 'a bar of the data stream')
}

const statusWire = z
  .object({ symbol: symbolWire, timestamp: z.date(), statusCode: z.string().optional(), reasonCode: z.string().optional() })
  .transform(({ symbol, timestamp, statusCode = '', reasonCode = '' }) => ({
    ...{ symbol, at: epochMs(timestamp.getTime()), status: statusCode, reason: reasonCode },
  }))

/** A trading status. Throws ALPACA_ANSWER_UNDECODABLE. */
export function tradingStatusFrom(wire: unknown): TradingStatus {
  return decoded(statusWire, wire, 'a trading status')
}

const subscriptionWire = z.object({
  bars: z.array(z.string()),
  updatedBars: z.array(z.string()),
  dailyBars: z.array(z.string()),
  statuses: z.array(z.string()),
})

/** Whether the exchange's own account of its subscriptions is exactly `channels`. Throws ALPACA_ANSWER_UNDECODABLE. */
export function areSubscribed(wire: unknown, channels: MarketChannels): boolean {
  const told = decoded(subscriptionWire, wire, 'the state of its subscriptions')
  return MARKET_CHANNELS.every((channel) => {
    const [wanted, has] = [new Set<string>(channels[channel]), new Set(told[channel])]
    return wanted.size === has.size && wanted.isSubsetOf(has)
  })
}
