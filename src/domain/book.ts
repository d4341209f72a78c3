import type { Measured } from './units.ts'

/**
 * Which ledger a decision or a trade belongs to. Ids derive within a book; a page shows one book and names it;
 * a rehearsal never touches another book.
 */
export type Book = Measured<'book', string>

export type BookKind = 'live' | 'paper' | 'rehearsal' | 'backtest'

export const LIVE = 'live' as Book
export const PAPER = 'paper' as Book

export function rehearsalBook(id: string): Book {
  return `rehearsal:${id}` as Book
}

export function backtestBook(id: string): Book {
  return `backtest:${id}` as Book
}

const BOOK = /^(live|paper|(rehearsal|backtest):[A-Za-z0-9._-]{1,64})$/

/** The book that `text` names, or undefined. */
export function bookFrom(text: string): Book | undefined {
  return BOOK.test(text) ? (text as Book) : undefined
}

export function kindOf(book: Book): BookKind {
  return book.split(':', 1)[0] as BookKind
}
