import { expect, test } from 'vitest'
import type { BookView } from '../../../src/api/contract.ts'
import { bookTimeAt } from './book-clock.ts'

const BOOK: BookView = {
  book: 'rehearsal:r1',
  kind: 'rehearsal',
  state: 'open',
  day: '2018-03-28',
  feed: 'import',
  isSimulated: false,
  speed: '60',
  shownAt: 1_000_000,
  startedAt: 0,
  endedAt: null,
}

test('a rehearsal at 60 times goes a minute a second between news', () => {
  expect(bookTimeAt({ book: BOOK, heardAt: 5_000 }, 6_000)).toBe(1_060_000)
})

test('without news the clock waits rather than run ahead', () => {
  expect(bookTimeAt({ book: BOOK, heardAt: 0 }, 60_000)).toBe(1_300_000)
})

test('at full speed and after the end the clock shows what was last heard', () => {
  expect(bookTimeAt({ book: { ...BOOK, speed: 'max' }, heardAt: 0 }, 4_000)).toBe(1_000_000)
  expect(bookTimeAt({ book: { ...BOOK, state: 'closed' }, heardAt: 0 }, 4_000)).toBe(1_000_000)
})

test("a rehearsal that has not begun has no time, paper trading has the wall's", () => {
  expect(bookTimeAt({ book: { ...BOOK, shownAt: null }, heardAt: 0 }, 7)).toBeUndefined()
  expect(bookTimeAt({ book: { ...BOOK, kind: 'paper', shownAt: null }, heardAt: 0 }, 7)).toBe(7)
})
