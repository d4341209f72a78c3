import type { BarStream, Broker } from '#domain/broker.ts'
import type { Clock } from '#domain/clock.ts'
import type { OrderRequest } from '#domain/order.ts'
import type { EpochMs } from '#domain/units.ts'
import type { BarHistory } from '#sources/alpaca/history.ts'
import type { DayParameters } from './rehearsal.ts'

/** Where a book trades: everything that differs between a rehearsal, paper and live. */
export type Venue = {
  readonly clock: Clock
  readonly bars: BarStream
  readonly broker: Broker
  /** Bars that the stream has not brought, asked for. */
  readonly history: BarHistory
  readonly close: () => Promise<void>
}

/** What a venue is brought back to when its process was lost: the orders of its book so far, and what its clock showed. */
export type Resumption = {
  readonly orders: readonly { readonly at: EpochMs; readonly request: OrderRequest }[]
  readonly at: EpochMs | undefined
}

/** Opens the venue of the day's book for the day and, in a rehearsal of several, those after it. */
export type OpenVenue = (day: DayParameters, resumption: Resumption) => Promise<Venue>
