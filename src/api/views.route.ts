import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import type pg from 'pg'
import { z } from 'zod'
import { bookNamed, bookOfFirstSight, newestBooks } from '#desk/books.store.ts'
import { clockOf, figuresOf, overviewOf } from '#desk/home.store.ts'
import { sessionsAround } from '#desk/market-sessions.ts'
import { modelsOf } from '#desk/models.store.ts'
import { ordersOf } from '#desk/orders.store.ts'
import { positionsOf } from '#desk/positions.store.ts'
import { latestScreen } from '#desk/screens.store.ts'
import { signalsOf } from '#desk/signals.store.ts'
import { whyOrder } from '#desk/why.store.ts'
import { bookFrom } from '#domain/book.ts'
import { wrongRequest } from '#domain/fault.ts'
import { epochMs } from '#domain/units.ts'
import {
  BookView,
  HomeView,
  ModelView,
  OrderView,
  OrderWhy,
  PairVerdict,
  PortfolioView,
  ScreenView,
  SettingRow,
  SignalView,
} from './contract.ts'
import type { Feeds } from './feeds.server.ts'
import type { FlowControl } from './flow-control.ts'

const OfBook = z.object({
  book: z
    .string()
    .refine((text) => bookFrom(text) !== undefined, 'a book is live, paper, rehearsal:ID or backtest:ID')
    .optional()
    .describe('the newest open book when left out, else the newest'),
})
const OfScreen = OfBook.extend({ verdict: PairVerdict.optional().describe('only pairs that this stopped; all when left out') })
const RowsOfBook = OfBook.extend({ limit: z.coerce.number().int().min(1).max(1000).default(200) })
const NO_OVERVIEW = { alerts: [], tape: null, figures: null, equity: [], positions: [], signals: [], lastTick: null, orders: [] }

export type ViewSources = {
  readonly pool: pg.Pool
  readonly feeds: Feeds
  readonly flows: FlowControl
  readonly settings: readonly SettingRow[]
}

/** What the page reads. Each answers about one book and names it. */
export function viewRoutes({ pool, feeds, flows, settings }: ViewSources): FastifyPluginCallbackZod {
  const bookAsked = (book: string | undefined) => (book === undefined ? bookOfFirstSight(pool) : bookAskedFor(pool, book))
  return (app, _options, done) => {
    app.get('/books', { schema: { summary: 'Books, newest first', response: { 200: z.array(BookView) } } }, () =>
      newestBooks(pool, 100),
    )

    app.get(
      '/home',
      { schema: { summary: 'What home shows', querystring: OfBook, response: { 200: HomeView } } },
      async ({ query }) => {
        const book = await bookAsked(query.book)
        // The feed's id is read before the rows, so that whatever changes meanwhile is told again by the stream.
        const feed = await feeds.of(book?.book ?? null)
        const eventId = feed.lastId()
        const now = epochMs(Date.now())
        const overview = book === undefined ? NO_OVERVIEW : await overviewOf(pool, book, { now, counted: feed.counted() })
        const sessions = sessionsAround(book === undefined ? now : clockOf(book, now))
        return { book: book ?? null, sessions, ...overview, flows: [...(await flows.list())], eventId, servedAt: now }
      },
    )

    app.get(
      '/portfolio',
      { schema: { summary: 'Figures and positions', querystring: OfBook, response: { 200: PortfolioView } } },
      async ({ query }) => {
        const book = await bookAsked(query.book)
        if (book === undefined) return { book: null, figures: null, positions: [] }
        const now = epochMs(Date.now())
        const [figures, positions] = await Promise.all([
          figuresOf(pool, book, now),
          positionsOf(pool, { book: book.book, feed: book.feed, at: clockOf(book, now), which: 'all' }),
        ])
        return { book, figures, positions }
      },
    )

    app.get(
      '/orders',
      { schema: { summary: 'Orders, newest first', querystring: RowsOfBook, response: { 200: z.array(OrderView) } } },
      async ({ query }) => {
        const book = await bookAsked(query.book)
        return book === undefined ? [] : ordersOf(pool, book.book, query.limit)
      },
    )

    app.get(
      '/signals',
      { schema: { summary: 'Signals, newest first', querystring: RowsOfBook, response: { 200: z.array(SignalView) } } },
      async ({ query }) => {
        const book = await bookAsked(query.book)
        return book === undefined ? [] : signalsOf(pool, book.book, query.limit)
      },
    )

    app.get(
      '/models',
      { schema: { summary: 'Pair models with their scores', querystring: OfBook, response: { 200: z.array(ModelView) } } },
      async ({ query }) => {
        const book = await bookAsked(query.book)
        return book === undefined ? [] : modelsOf(pool, book.book)
      },
    )

    app.get(
      '/screens/latest',
      {
        schema: {
          summary: 'The latest screen, null before the first',
          querystring: OfScreen,
          response: { 200: ScreenView.nullable() },
        },
      },
      async ({ query }) => (await latestScreen(pool, query)) ?? null,
    )

    app.get('/settings', { schema: { summary: 'The configuration in effect', response: { 200: z.array(SettingRow) } } }, () => [
      ...settings,
    ])

    app.get(
      '/orders/:id/why',
      {
        schema: {
          summary: 'Why an order exists, from bar to fills',
          params: z.object({ id: z.string() }),
          response: { 200: OrderWhy },
        },
      },
      async ({ params }) => {
        const why = await whyOrder(pool, params.id)
        if (why === undefined) throw wrongRequest('ORDER_UNKNOWN', `There is no order ${params.id}; take an id from /api/orders.`)
        return why
      },
    )
    done()
  }
}

async function bookAskedFor(pool: pg.Pool, book: string): Promise<BookView> {
  const found = await bookNamed(pool, book)
  if (found === undefined) throw wrongRequest('BOOK_UNKNOWN', `There is no book ${book}; /api/books lists those there are.`)
  return found
}
