import type { BookView } from '../../../src/api/contract.ts'

/** When the page last heard what a book's clock shows. */
export type Heard = { readonly book: BookView; readonly heardAt: number }

/** How long the clock goes on by itself, in wall time, before it waits for news. */
const MOST_AHEAD_MS = 5_000

/**
 * What the book's clock shows at wall time `now`: its last known instant, moved on at its speed while it runs; wall time
 * for a book that has no clock of its own. Undefined for a rehearsal that has not begun.
 */
export function bookTimeAt({ book, heardAt }: Heard, now: number): number | undefined {
  if (book.shownAt === null) return book.kind === 'live' || book.kind === 'paper' ? now : undefined
  if (book.state !== 'open') return book.shownAt
  return book.shownAt + Math.min(Math.max(0, now - heardAt), MOST_AHEAD_MS) * speedOf(book)
}

/** At full speed the clock jumps: it is shown as it was last heard. */
function speedOf({ speed }: BookView): number {
  if (speed === null) return 1
  return speed === 'max' ? 0 : Number(speed)
}
