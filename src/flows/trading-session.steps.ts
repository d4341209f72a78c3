import { sessionOn } from '#domain/calendar.ts'
import type { Book } from '#domain/book.ts'
import { wrongRequest } from '#domain/fault.ts'
import type { EpochMs } from '#domain/units.ts'
import { shownAtOf } from './books.store.ts'
import { type DeskDependencies, openDesk, type OpenedDesk, resumptionOf } from './open-desk.steps.ts'
import { beginPhase, endPhase } from './phases.store.ts'
import { saveProgress } from './progress.store.ts'
import { type DayParameters, rehearsalRunId } from './rehearsal.ts'
import type { TradingSessionSteps } from './trading-session.flow.ts'
import type { OpenVenue, Venue } from './venue.ts'

/** The venues and desks of this process, by book. Whatever is missing is opened again from what is stored. */
export type TradingFloor = {
  readonly steps: TradingSessionSteps
  /** Closes what this process holds for the book. */
  readonly leave: (book: Book) => Promise<void>
  readonly close: () => Promise<void>
}

type Place = { readonly venue: Venue; desk: (OpenedDesk & { readonly day: DayParameters['day'] }) | undefined }

export function openTradingFloor(openVenue: OpenVenue, dependencies: DeskDependencies): TradingFloor {
  const { sql } = dependencies
  const places = new Map<Book, Place>()
  const placeOf = async (day: DayParameters): Promise<Place> => {
    const known = places.get(day.book)
    if (known !== undefined) return known
    const venue = await openVenue(day, await resumptionOf(sql, day, await shownAtOf(sql, day.book)))
    const place = { venue, desk: undefined }
    places.set(day.book, place)
    return place
  }
  const deskOf = async (day: DayParameters) => {
    const place = await placeOf(day)
    if (place.desk?.day === day.day) return place.desk.desk
    await place.desk?.close()
    await beginPhase(sql, day.book, 'session')
    place.desk = { ...(await openDesk(day, sessionOf(day), place.venue, dependencies)), day: day.day }
    return place.desk.desk
  }
  const leave = async (book: Book) => {
    const place = places.get(book)
    places.delete(book)
    await place?.desk?.close()
    await place?.venue.close()
  }
  const tell = async (day: DayParameters, at: EpochMs) => {
    const session = sessionOf(day)
    const done = Math.round((at - session.opensAt) / 60_000)
    const total = Math.round((session.closesAt - session.opensAt) / 60_000)
    await saveProgress(sql, rehearsalRunId(day.book), { done, total, unit: 'minutes', sentence: `${day.day}: trading` }, day.book)
  }
  return {
    leave,
    close: async () => {
      for (const book of [...places.keys()]) await leave(book)
    },
    steps: {
      awaitTick: async (day, at) => {
        await (await deskOf(day)).awaitTick(at)
        await tell(day, at)
      },
      decide: async (day, at) => (await deskOf(day)).decide(at),
      execute: async (day, at) => (await deskOf(day)).execute(at),
      settle: async (day) => {
        await (await deskOf(day)).settle(sessionOf(day).closesAt)
        await endPhase(sql, day.book, 'session')
      },
    },
  }
}

function sessionOf({ day }: DayParameters) {
  const session = sessionOn(day)
  if (session === undefined) throw wrongRequest('DAY_CLOSED', `The New York Stock Exchange was closed on ${day}.`)
  return session
}
