import { expect, test } from 'vitest'
import { cellText, sharesOf } from './coverage.ts'

const CELL = { due: 390, present: 380, repaired: 4, noTrade: 7, missing: 3 }

test('the minutes of a session are shared out among their states without a rest', () => {
  const shares = sharesOf(CELL, 390)
  expect(shares.map(({ state, minutes }) => `${state} ${minutes}`)).toEqual([
    'present 376',
    'repaired 4',
    'no-trade 7',
    'missing 3',
  ])
  expect(shares.reduce((sum, { minutes }) => sum + minutes, 0)).toBe(390)
})

test('minutes that nobody has judged are told from those that are not due yet', () => {
  const known = { present: 100, repaired: 0, noTrade: 0, missing: 0 }
  expect(sharesOf({ ...known, due: 0 }, 210).at(-1)).toEqual({ state: 'not-judged', minutes: 110 })
  expect(sharesOf({ ...known, due: 100 }, 210).at(-1)).toEqual({ state: 'not-due', minutes: 110 })
})

test('a session reads as its minutes, and one of which nothing is stored says so', () => {
  expect(cellText(CELL, 390)).toBe('380 of 390 minutes present, 4 repaired, 7 no trade, 3 missing')
  expect(cellText(null, 390)).toBe('nothing stored')
})
