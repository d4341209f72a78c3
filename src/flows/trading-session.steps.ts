import { DBOS } from '@dbos-inc/dbos-sdk'
import type { Book } from '#domain/book.ts'
import { Fault } from '#domain/fault.ts'
import type { EpochMs } from '#domain/units.ts'
import { type DeskDependencies, openDesk, resumptionOf, sessionOfDay } from './open-desk.steps.ts'
import { beginPhase, endPhase } from './phases.store.ts'
import { saveProgress } from './progress.store.ts'
import { type DayParameters, tellingRunId } from './rehearsal.ts'
import type { TradingDesk } from './trading-desk.steps.ts'
import type { TradingSessionSteps } from './trading-session.flow.ts'
import type { OpenVenue, Venue } from './venue.ts'

/** The venues and desks of this process, one a book. Whatever is missing is opened again from what is stored. */
export type TradingFloor = {
  readonly steps: TradingSessionSteps
  /** Closes what this process holds for the book. */
  readonly leave: (book: Book) => Promise<void>
  /** Closes everything; nothing is opened afterwards. */
  readonly close: () => Promise<void>
}

type Place = {
  readonly day: DayParameters['day']
  readonly opened: Promise<{ readonly venue: Venue; readonly desk: TradingDesk }>
}

export function openTradingFloor(openVenue: OpenVenue, dependencies: DeskDependencies): TradingFloor {
  const { sql } = dependencies
  const places = new Map<Book, Place>()
  let isClosed = false
  const leave = async (book: Book) => {
    const place = places.get(book)
    places.delete(book)
    // One that did not open has told so whoever opened it, and left nothing behind.
    const opened = await place?.opened.catch(() => undefined)
    await opened?.venue.close()
  }
  const deskOf = async (day: DayParameters): Promise<TradingDesk> => {
    if (places.get(day.book)?.day !== day.day) await leave(day.book)
    if (isClosed)
      throw new Fault(
        'FLOOR_CLOSED',
        `This process is stopping, so ${day.day} of ${day.book} is not gone on with here; start Spreadworks again.`,
      )
    const place = places.get(day.book) ?? { day: day.day, opened: openPlace(day, openVenue, dependencies) }
    places.set(day.book, place)
    return (await place.opened).desk
  }
  // A step that failed may have taken in half of what happened, so whoever tries it again begins with what is stored.
  const atDesk = async <T>(day: DayParameters, work: (desk: TradingDesk) => Promise<T>): Promise<T> => {
    try {
      return await work(await deskOf(day))
    } catch (cause) {
      await leave(day.book)
      throw cause
    }
  }
  return {
    leave,
    close: async () => {
      isClosed = true
      await Promise.all([...places.keys()].map(leave))
    },
    steps: {
      awaitTick: async (day, at) => {
        await atDesk(day, (desk) => whileWanted(desk.awaitTick(at), () => leave(day.book)))
        await tell(sql, day, at)
      },
      decide: (day, at) => atDesk(day, (desk) => desk.decide(at)),
      execute: (day, at) => atDesk(day, (desk) => desk.execute(at)),
      settle: async (day) => {
        await atDesk(day, (desk) => desk.settle(sessionOfDay(day.day).closesAt))
        await endPhase(sql, day.book, 'session')
      },
      leave: ({ book }) => leave(book),
    },
  }
}

async function openPlace(day: DayParameters, openVenue: OpenVenue, dependencies: DeskDependencies) {
  const { sql } = dependencies
  await beginPhase(sql, day.book, 'session')
  const resumption = await resumptionOf(sql, day)
  const venue = await openVenue(day, resumption)
  try {
    return { venue, desk: await openDesk(day, { venue, takenIn: resumption.at }, dependencies) }
  } catch (cause) {
    await venue.close()
    throw cause
  }
}

/** A tick at the market's own pace may take minutes: when its run is cancelled, wherever that was asked for, it ends early. */
async function whileWanted(waiting: Promise<void>, stop: () => Promise<void>): Promise<void> {
  const signal = DBOS.stepStatus?.cancelSignal
  const onCancel = () => {
    stop().catch(() => undefined)
  }
  signal?.addEventListener('abort', onCancel, { once: true })
  await waiting.finally(() => signal?.removeEventListener('abort', onCancel))
}

async function tell(sql: DeskDependencies['sql'], day: DayParameters, at: EpochMs): Promise<void> {
  const { opensAt, closesAt } = sessionOfDay(day.day)
  const minutes = (until: EpochMs) => Math.round((until - opensAt) / 60_000)
  const progress = { done: minutes(at), total: minutes(closesAt), unit: 'minutes', sentence: `${day.day}: trading` }
  await saveProgress(sql, tellingRunId(day), progress, day.book)
}
