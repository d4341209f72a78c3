import type { Sql } from '#database/connection.client.ts'
import { type EpochMs, epochMs } from '#domain/units.ts'
import { openAlertsOf } from './alerts.store.ts'
import type { BarCount } from './bar-count.ts'
import { equityPoints, marksOf } from './equity.store.ts'
import { figuresFrom } from './figures.ts'
import { sessionShownAt } from './market-sessions.ts'
import { ordersOf } from './orders.store.ts'
import { positionsOf } from './positions.store.ts'
import { lastTick, tellingSignals } from './signals.store.ts'
import { tapeOf } from './tape.store.ts'
import type {
  AlertView,
  BookView,
  EquityPoint,
  Figures,
  OrderView,
  PositionView,
  SignalView,
  TapeView,
  TickSummary,
} from './views.ts'

/** How many rows home shows of what grows without end. */
export const HOME_SIGNALS = 30
export const HOME_ORDERS = 30

/** What home shows of one book. */
export type BookOverview = {
  readonly alerts: AlertView[]
  readonly tape: TapeView | null
  readonly figures: Figures
  readonly equity: EquityPoint[]
  readonly positions: PositionView[]
  readonly signals: SignalView[]
  readonly lastTick: TickSummary | null
  readonly orders: OrderView[]
}

/** `now` stands in for the clock of a book that runs on wall time; `counted`: bars of the book that were counted already, if any were. */
export type OverviewAsked = { readonly now: EpochMs; readonly counted: BarCount | undefined }

/** A book as home shows it. */
export async function overviewOf(sql: Sql, book: BookView, { now, counted }: OverviewAsked): Promise<BookOverview> {
  const [alerts, market, figures, equity, positions, signals, tick, orders] = await Promise.all([
    openAlertsOf(sql, book.book),
    tapeOf(sql, { book, at: clockOf(book, now), counted }),
    figuresOf(sql, book, now),
    equityPoints(sql, book.book),
    positionsOf(sql, { book: book.book, feed: book.feed, at: clockOf(book, now), which: 'held' }),
    tellingSignals(sql, book.book, HOME_SIGNALS),
    lastTick(sql, book.book),
    ordersOf(sql, book.book, HOME_ORDERS),
  ])
  return { alerts, tape: market?.tape ?? null, figures, equity, positions, signals, lastTick: tick ?? null, orders }
}

/** The figures of a book for the session that its clock stands in, or the last one closed. */
export async function figuresOf(sql: Sql, book: BookView, now: EpochMs): Promise<Figures> {
  const { opensAt } = sessionShownAt(clockOf(book, now))
  return figuresFrom(await marksOf(sql, book.book, opensAt))
}

/** What the book's clock shows: its own instant in a rehearsal, `now` on wall time. */
export function clockOf(book: BookView, now: EpochMs): EpochMs {
  return book.shownAt === null ? now : epochMs(book.shownAt)
}
