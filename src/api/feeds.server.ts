import type pg from 'pg'
import { type BookFeed, openBookFeed } from './book-feed.server.ts'
import { EVERY_PART, partsTouchedBy } from './book-news.store.ts'
import { listenForChanges } from './changes.client.ts'
import type { FlowRun } from './contract.ts'
import type { FlowControl } from './flow-control.ts'

const FLOWS_EVERY_MS = 1_000
const MOST_FEEDS = 16

/** Every stream of this process. */
export type Feeds = {
  /** The feed of a book, opened on first use. */
  readonly of: (book: string | null) => Promise<BookFeed>
  /** The runs as they were when flows were last asked. */
  readonly flows: () => readonly FlowRun[]
  readonly close: () => void
}

export type FeedsOptions = { readonly pool: pg.Pool; readonly flows: FlowControl; readonly onFailure: (failure: unknown) => void }

/** Opens the streams: they follow the database's own notices of change, and the flows by asking once a second while someone watches. */
export async function openFeeds({ pool, flows, onFailure }: FeedsOptions): Promise<Feeds> {
  const feeds = new Map<string | null, Promise<BookFeed>>()
  const startedAt = Date.now().toString(36)
  let opened = 0
  let runs = await flows.list()

  const touchEach = async (touch: (feed: BookFeed) => void): Promise<void> => {
    for (const feed of await Promise.all(feeds.values())) touch(feed)
  }
  const changes = await listenForChanges(pool, {
    onChange: ({ table, book }) => {
      touchEach((feed) => {
        // What belongs to no book, such as a symbol or an alert about the system, concerns whoever watches any.
        if (feed.book === book || book === null) feed.touch(partsTouchedBy(table))
        if (table === 'books') feed.touch(['first-sight'])
      }).catch(onFailure)
    },
    onGap: () => {
      touchEach((feed) => feed.touch(EVERY_PART)).catch(onFailure)
    },
  })
  const askFlows = async (): Promise<void> => {
    const watched = (await Promise.all(feeds.values())).filter((feed) => feed.isWatched())
    if (watched.length === 0) return
    runs = await flows.list()
    for (const feed of watched) feed.touch(['flows'])
  }
  const asking = setInterval(() => askFlows().catch(onFailure), FLOWS_EVERY_MS)

  return {
    of: async (book) => {
      const known = feeds.get(book)
      if (known !== undefined) return known
      await forgetUnwatched(feeds)
      opened += 1
      const feed = openBookFeed(book, `${startedAt}.${opened}`, { pool, flows: () => runs, onFailure })
      feeds.set(book, feed)
      feed.catch(() => feeds.delete(book))
      return feed
    },
    flows: () => runs,
    close: () => {
      clearInterval(asking)
      changes.close()
    },
  }
}

/** Makes room for another feed: those that nobody watches go. Who comes back to one is told to ask for the view again. */
async function forgetUnwatched(feeds: Map<string | null, Promise<BookFeed>>): Promise<void> {
  if (feeds.size < MOST_FEEDS) return
  for (const [book, feed] of feeds) if (!(await feed).isWatched()) feeds.delete(book)
}
