import { expect, test } from 'vitest'
import { pairText } from './names.ts'

test('a pair reads with one long dash between its tickers, which keep their own', () => {
  expect(['XOM-CVX', 'BRK-B--KO', 'KO--BRK-B'].map(pairText)).toEqual(['XOM–CVX', 'BRK-B–KO', 'KO–BRK-B'])
})
