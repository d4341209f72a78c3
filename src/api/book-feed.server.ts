import type pg from 'pg'
import type { BarCount } from '#desk/bar-count.ts'
import { epochMs } from '#domain/units.ts'
import { EVERY_PART, newsOf, type Part } from './book-news.store.ts'
import type { FlowRun, StreamEvent } from './contract.ts'
import { eventLog, type Logged } from './event-log.ts'
import { nothingTold } from './row-changes.ts'

const COALESCE_MS = 200
const KEPT_EVENTS = 500

export type Send = (logged: Logged<StreamEvent>) => void

/** The stream of one book, shared by everyone who watches it. */
export type BookFeed = {
  readonly book: string | null
  readonly lastId: () => string
  /** The bars that were counted already for this feed. */
  readonly counted: () => BarCount | undefined
  /** Says that parts may have changed. They are read once someone watches, at most every 200 ms. */
  readonly touch: (parts: readonly Part[]) => void
  /** Sends what came after `after` and then everything new, in order. Returns how to stop. */
  readonly watch: (after: string | undefined, send: Send) => () => void
  readonly isWatched: () => boolean
}

export type FeedSources = {
  readonly pool: pg.Pool
  readonly flows: () => readonly FlowRun[]
  readonly onFailure: (failure: unknown) => void
}

/** Opens the feed of `book` (null: of no book, which tells of flows and of the first book). What is stored already is taken as told. */
export async function openBookFeed(
  book: string | null,
  epoch: string,
  { pool, flows, onFailure }: FeedSources,
): Promise<BookFeed> {
  const log = eventLog<StreamEvent>(epoch, KEPT_EVENTS)
  let told = nothingTold()
  const watchers = new Set<Send>()
  let touched: ReadonlySet<Part> = new Set()
  let state: 'idle' | 'waiting' | 'reading' = 'idle'

  const read = async (parts: ReadonlySet<Part>): Promise<StreamEvent[]> => {
    const telling = told.copy()
    const news = await newsOf(pool, { book, parts, told: telling, flows: flows(), now: epochMs(Date.now()) })
    // Only now: what a failed read has seen was told to nobody.
    told = telling
    return news
  }
  const tell = (event: StreamEvent): void => {
    const logged = log.append(event)
    for (const send of watchers) send(logged)
  }
  const flush = async (): Promise<void> => {
    const parts = touched
    touched = new Set()
    state = 'reading'
    try {
      for (const event of await read(parts)) tell(event)
    } catch (failure) {
      touched = touched.union(parts)
      onFailure(failure)
    } finally {
      state = 'idle'
      schedule()
    }
  }
  const schedule = (): void => {
    if (state !== 'idle' || touched.size === 0 || watchers.size === 0) return
    state = 'waiting'
    setTimeout(flush, COALESCE_MS)
  }

  await read(new Set(EVERY_PART))
  return {
    book,
    lastId: log.lastId,
    counted: () => told.counted,
    touch: (parts) => {
      touched = touched.union(new Set(parts))
      schedule()
    },
    watch: (after, send) => {
      const missed = after === undefined ? [] : log.after(after)
      for (const logged of missed ?? [{ id: log.lastId(), event: { kind: 'resync' as const } }]) send(logged)
      watchers.add(send)
      schedule()
      return () => watchers.delete(send)
    },
    isWatched: () => watchers.size > 0,
  }
}
