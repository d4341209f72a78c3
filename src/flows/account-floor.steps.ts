import type { Book } from '#domain/book.ts'
import { Fault } from '#domain/fault.ts'
import { type Outcome, ok, refuse } from '#domain/outcome.ts'
import type { EpochMs } from '#domain/units.ts'
import { reached, type Timer } from '#sources/alpaca/timer.ts'
import { bookVersion, parametersOn, type Readiness, readinessBy } from './account-day.store.ts'
import { inBookTurn } from './book-turn.store.ts'
import { type DeskDependencies, deskParts, takenInBy, withStoredBook } from './open-desk.steps.ts'
import type { SignalsParameters } from './signals.flow.ts'
import { stepSignal } from './step.flow.ts'
import { type DeskParts, TradingDesk } from './trading-desk.steps.ts'
import type { OpenVenue, Venue } from './venue.ts'

export type AccountFloorDependencies = DeskDependencies & {
  /** Where the account's books trade. */
  readonly openVenue: OpenVenue
  /** The market's time. */
  readonly timer: Timer
}

/** A desk as it is at its turn. */
export type Seat = {
  readonly desk: TradingDesk
  readonly parts: DeskParts
  /** Whether the day was made ready. Otherwise what is held is managed as on the last day that was. */
  readonly isReady: boolean
}

/** Why there is no desk for an instant. */
export type NoSeat = { readonly kind: 'never-ready' | 'past'; readonly reason: string }

const NEVER_READY: NoSeat = {
  kind: 'never-ready',
  reason: 'no day of the book was ever made ready: start-of-day chooses its pairs',
}
const PAST: NoSeat = { kind: 'past', reason: 'the book is past this instant' }

/** The desks of accounts in this process, one a book. Whatever is missing is opened again from what is stored. */
export type AccountFloor = {
  /** Resolves when the market's time is `at`, or when the run is cancelled or the floor closes. */
  readonly passed: (at: EpochMs) => Promise<void>
  /**
   * Does `work` at the desk of the book's day, in the book's turn: nobody else, in any process, is at the book meanwhile. Refused,
   * with the reason, when the book is past `at` already or never was made ready for any day.
   */
  readonly atDesk: <T>(parameters: SignalsParameters, work: (seat: Seat) => Promise<T>) => Promise<Outcome<T, NoSeat>>
  /** Opens the desk of a day that was made ready, where there is none, so that its first instant does not wait for it. Writes nothing. */
  readonly prepare: (day: OfDay) => Promise<void>
  /** Closes everything; nothing is opened afterwards. */
  readonly close: () => Promise<void>
}

type OfDay = Pick<SignalsParameters, 'book' | 'day'>

/** `version`: the book as it is stored was so when the seat knew all of it. */
type Place = { readonly key: string; readonly venue: Venue; seat: Seat; version: string }

/** The floor of this process, empty as yet. Whatever fails at a desk closes it: the next turn opens another from what is stored. */
export function openAccountFloor(dependencies: AccountFloorDependencies): AccountFloor {
  const { sql, timer } = dependencies
  const places = new Map<Book, Place>()
  const turns = new Map<Book, Promise<unknown>>()
  const closing = new AbortController()

  const inTurnHere = <T>(book: Book, work: () => Promise<T>): Promise<T> => {
    const turn = (turns.get(book) ?? Promise.resolve()).then(work)
    turns.set(
      book,
      turn.catch(() => undefined),
    )
    return turn
  }
  const leave = async (book: Book) => {
    const place = places.get(book)
    places.delete(book)
    await place?.venue.close()
  }
  const placeOf = async (of: OfDay, takenIn: EpochMs, ready: Readiness): Promise<Place> => {
    const { book, day } = of
    const key = `${day} ${ready.key}`
    if (places.get(book)?.key !== key) await leave(book)
    if (closing.signal.aborted) throw closed(of)
    // Before the book is read: what changes it meanwhile is noticed at the next turn.
    const version = await bookVersion(sql, book)
    const place = places.get(book) ?? (await openPlace(of, { takenIn, ready, key, version }, dependencies))
    places.set(book, place)
    if (place.version === version) return place
    // Another process was at the book since.
    const parts = await withStoredBook(place.seat.parts, sql, takenIn)
    place.seat = { ...place.seat, parts, desk: new TradingDesk(parts) }
    place.version = version
    return place
  }
  return {
    passed: (at) => reached(timer, at, AbortSignal.any([closing.signal, stepSignal()])),
    atDesk: (parameters, work) =>
      // At most one connection a book waits for other processes: those of this one wait for each other here.
      inTurnHere(parameters.book, () =>
        inBookTurn(sql, parameters.book, async () => {
          const { book, day, at } = parameters
          const ready = await readinessBy(sql, book, day)
          if (ready === undefined) return refuse(NEVER_READY)
          const takenIn = await takenInBy(sql, book, day)
          if (takenIn > at) return refuse(PAST)
          try {
            const place = await placeOf(parameters, takenIn, ready)
            const done = await work(place.seat)
            place.version = await bookVersion(sql, book)
            return ok(done)
          } catch (cause) {
            // What is held here may be ahead of what is stored.
            await leave(book)
            throw cause
          }
        }),
      ),
    prepare: (of) =>
      inTurnHere(of.book, async () => {
        const ready = await readinessBy(sql, of.book, of.day)
        if (ready?.day !== of.day || closing.signal.aborted) return
        await placeOf(of, await takenInBy(sql, of.book, of.day), ready)
      }),
    close: async () => {
      closing.abort()
      await Promise.all(turns.values())
      await Promise.all([...places.keys()].map(leave))
    },
  }
}

async function openPlace(
  { book, day }: OfDay,
  { takenIn, ready, ...place }: { readonly takenIn: EpochMs; readonly ready: Readiness } & Pick<Place, 'key' | 'version'>,
  dependencies: AccountFloorDependencies,
): Promise<Place> {
  const ofDay = await parametersOn(dependencies.sql, { book, day }, ready)
  const venue = await dependencies.openVenue(ofDay, { at: takenIn, journal: [] })
  try {
    const parts = await deskParts(ofDay, { venue, takenIn }, dependencies)
    return { ...place, venue, seat: { desk: new TradingDesk(parts), parts, isReady: ready.day === day } }
  } catch (cause) {
    await venue.close()
    throw cause
  }
}

function closed({ book, day }: OfDay): Fault {
  return new Fault(
    'FLOOR_CLOSED',
    `This process is stopping, so ${day} of ${book} is not gone on with here; start Spreadworks again.`,
  )
}
