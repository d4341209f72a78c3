import type { BarStream, Broker } from '#domain/broker.ts'
import type { Clock } from '#domain/clock.ts'
import { Fault } from '#domain/fault.ts'
import type { OrderRequest } from '#domain/order.ts'
import { type EpochMs, isoFrom } from '#domain/units.ts'
import type { BarHistory } from '#sources/alpaca/history.ts'
import type { DayParameters } from './rehearsal.ts'

/** Where a book trades: everything that differs between a rehearsal, paper and live. */
export type Venue = {
  /** Its `sleepUntil` throws VENUE_BROKEN when something that the venue told until then was lost. */
  readonly clock: Clock
  readonly bars: BarStream
  readonly broker: Broker
  /** Bars that the stream has not brought, asked for. */
  readonly history: BarHistory
  readonly close: () => Promise<void>
}

/** Something that the book asked of its broker before. */
export type PastRequest =
  | { readonly kind: 'placed'; readonly at: EpochMs; readonly request: OrderRequest }
  | { readonly kind: 'cancelled'; readonly at: EpochMs; readonly clientOrderId: string }

/** What a venue is brought to when it is opened: its book's requests so far, ascending, and the instant that its clock then shows. */
export type Resumption = { readonly at: EpochMs; readonly journal: readonly PastRequest[] }

/** Opens the venue of the book's day, with everything that the book did before behind it. */
export type OpenVenue = (day: DayParameters, resumption: Resumption) => Promise<Venue>

const BROKEN = 'VENUE_BROKEN'

/** The fault of a venue whose stream broke by `at`: what came after the break is lost, a venue that is opened anew tells it. */
export function venueBroken(at: EpochMs): Fault {
  return new Fault(
    BROKEN,
    `A stream of the venue broke by ${isoFrom(at)} and nothing after it was taken in; the session goes on at a venue opened anew, or rehearse the day again.`,
  )
}

/** Whether a venue that is opened anew helps. */
export function isVenueBroken(cause: unknown): boolean {
  return cause instanceof Fault && cause.code === BROKEN
}
