import type { HomeView, StreamEvent } from '../../../src/api/contract.ts'

const MOST_SIGNALS = 30
const MOST_ORDERS = 30

/** The view after an event. Events may come twice. A view that an event does not touch is returned as it is. */
export function applyEvent(home: HomeView, event: StreamEvent): HomeView {
  switch (event.kind) {
    case 'book':
      return { ...home, book: event.book, sessions: event.sessions }
    case 'alerts':
      return { ...home, alerts: event.rows }
    case 'tape':
      return { ...home, tape: event.tape }
    case 'figures':
      return { ...home, figures: event.figures }
    case 'equity':
      return { ...home, equity: merged(home.equity, event.points, (point) => point.at).sort((a, b) => a.at - b.at) }
    case 'positions':
      return { ...home, positions: event.rows }
    case 'signals':
      return {
        ...home,
        signals: newestFirst(merged(home.signals, event.rows, (row) => row.id)).slice(0, MOST_SIGNALS),
        lastTick: event.lastTick,
      }
    case 'orders':
      return { ...home, orders: newestFirst(merged(home.orders, event.rows, (row) => row.id)).slice(0, MOST_ORDERS) }
    case 'flows':
      return { ...home, flows: event.rows }
    case 'beat':
    case 'resync':
    case 'first-sight':
    case 'changed':
      return home
    default:
      return event satisfies never
  }
}

/** The rows held, each replaced by the news of the same key, and the rest of the news after them. */
function merged<Row, Key>(held: readonly Row[], news: readonly Row[], keyOf: (row: Row) => Key): Row[] {
  const rows = new Map(held.map((row) => [keyOf(row), row]))
  for (const row of news) rows.set(keyOf(row), row)
  return [...rows.values()]
}

function newestFirst<Row extends { readonly at: number; readonly pair: string }>(rows: Row[]): Row[] {
  return rows.sort((a, b) => b.at - a.at || (a.pair < b.pair ? -1 : a.pair > b.pair ? 1 : 0))
}
