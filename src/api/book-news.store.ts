import type { Sql } from '#database/connection.client.ts'
import { openAlertsOf } from '#desk/alerts.store.ts'
import { bookNamed, bookOfFirstSight } from '#desk/books.store.ts'
import { equityPoints } from '#desk/equity.store.ts'
import { clockOf, figuresOf, HOME_ORDERS, HOME_SIGNALS } from '#desk/home.store.ts'
import { sessionsAround } from '#desk/market-sessions.ts'
import { ordersOf } from '#desk/orders.store.ts'
import { positionsOf } from '#desk/positions.store.ts'
import { lastTick, tellingSignals } from '#desk/signals.store.ts'
import { tapeOf } from '#desk/tape.store.ts'
import type { BookView } from '#desk/views.ts'
import { type EpochMs, epochMs } from '#domain/units.ts'
import type { FlowRun, StreamEvent } from './contract.ts'
import type { Told } from './row-changes.ts'

/** The parts of a view that can change by themselves. */
export const EVERY_PART = [
  'book',
  'first-sight',
  'alerts',
  'tape',
  'figures',
  'equity',
  'positions',
  'signals',
  'orders',
  'flows',
  'models',
  'screens',
  'data',
] as const
export type Part = (typeof EVERY_PART)[number]

const PARTS_OF: Readonly<Record<string, readonly Part[]>> = {
  books: ['book', 'tape'],
  alerts: ['alerts'],
  equity: ['equity', 'figures', 'positions'],
  positions: ['positions', 'figures', 'tape'],
  signals: ['signals'],
  risk_decisions: ['signals'],
  orders: ['orders'],
  fills: ['orders'],
  pair_models: ['models'],
  screens: ['screens'],
  symbols: ['data'],
  sectors: ['data'],
  quarantine: ['data'],
  source_states: ['data'],
}

/** The parts of a book's view that a change of `table` touches. */
export function partsTouchedBy(table: string): readonly Part[] {
  return PARTS_OF[table] ?? []
}

export type NewsAsked = {
  /** Null: of no book. */
  readonly book: string | null
  readonly parts: ReadonlySet<Part>
  readonly told: Told
  readonly flows: readonly FlowRun[]
  readonly now: EpochMs
}

/** What is new in these parts of a book's view since it was last asked, by `told`, which it brings up to date. */
export async function newsOf(sql: Sql, { book, parts, told, flows, now }: NewsAsked): Promise<StreamEvent[]> {
  const view = book === null ? undefined : await bookNamed(sql, book)
  const ofBook = view === undefined ? [] : [...parts].map((part) => newsOfBook(sql, part, { view, told, now }))
  const ofAll = [
    parts.has('flows') && told.isNews('flows', flows) ? [{ kind: 'flows' as const, rows: [...flows] }] : [],
    parts.has('first-sight') ? await firstSight(sql, told) : [],
    parts.has('data') ? [{ kind: 'changed' as const, what: 'data' as const }] : [],
  ]
  return [...(await Promise.all(ofBook)), ...ofAll].flat()
}

async function firstSight(sql: Sql, told: Told): Promise<StreamEvent[]> {
  const book = (await bookOfFirstSight(sql))?.book ?? null
  return told.isNews('first-sight', book) ? [{ kind: 'first-sight', book }] : []
}

type BookAsked = { readonly view: BookView; readonly told: Told; readonly now: EpochMs }

async function newsOfBook(sql: Sql, part: Part, { view, told, now }: BookAsked): Promise<StreamEvent[]> {
  switch (part) {
    case 'book': {
      const sessions = sessionsAround(clockOf(view, now))
      return told.isNews(part, view) ? [{ kind: 'book', book: view, sessions }] : []
    }
    case 'alerts': {
      const rows = await openAlertsOf(sql, view.book)
      return told.isNews(part, rows) ? [{ kind: 'alerts', rows }] : []
    }
    case 'tape': {
      const market = await tapeOf(sql, { book: view, at: clockOf(view, now), counted: told.counted })
      told.counted = market?.counted
      const tape = market?.tape ?? null
      return told.isNews(part, tape) ? [{ kind: 'tape', tape }] : []
    }
    case 'figures': {
      const figures = await figuresOf(sql, view, now)
      return told.isNews(part, figures) ? [{ kind: 'figures', figures }] : []
    }
    case 'positions': {
      const rows = await positionsOf(sql, { book: view.book, feed: view.feed, at: clockOf(view, now), which: 'held' })
      return told.isNews(part, rows) ? [{ kind: 'positions', rows }] : []
    }
    case 'equity':
      return equityNews(sql, { view, told })
    case 'signals':
      return signalNews(sql, { view, told })
    case 'orders': {
      const rows = told.changed(part, await ordersOf(sql, view.book, HOME_ORDERS), (row) => row.id)
      return rows.length === 0 ? [] : [{ kind: 'orders', rows }]
    }
    case 'models':
    case 'screens':
      return [{ kind: 'changed', what: part }]
    case 'flows':
    case 'first-sight':
    case 'data':
      return []
    default:
      return part satisfies never
  }
}

type Asked = Omit<BookAsked, 'now'>

/** The marks since the last told one; that one again if it was corrected. */
async function equityNews(sql: Sql, { view, told }: Asked): Promise<StreamEvent[]> {
  const points = told.changed('equity', await equityPoints(sql, view.book, told.lastInstant('equity')), (point) =>
    String(point.at),
  )
  const last = points.at(-1)
  if (last === undefined) return []
  told.setLastInstant('equity', epochMs(last.at))
  return [{ kind: 'equity', points }]
}

async function signalNews(sql: Sql, { view, told }: Asked): Promise<StreamEvent[]> {
  const [signals, tick] = await Promise.all([tellingSignals(sql, view.book, HOME_SIGNALS), lastTick(sql, view.book)])
  const rows = told.changed('signals', signals, (row) => row.id)
  const isTickNews = told.isNews('last tick', tick)
  return rows.length > 0 || isTickNews ? [{ kind: 'signals', rows, lastTick: tick ?? null }] : []
}
