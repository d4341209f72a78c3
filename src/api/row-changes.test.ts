import { expect, test } from 'vitest'
import { nothingTold } from './row-changes.ts'

const idOf = (row: { readonly id: string }) => row.id

test('rows are told when they are new or differ, and only then', () => {
  const told = nothingTold()
  expect(told.changed('orders', [{ id: 'a', n: 1 }], idOf)).toEqual([{ id: 'a', n: 1 }])
  expect(
    told.changed(
      'orders',
      [
        { id: 'a', n: 1 },
        { id: 'b', n: 1 },
      ],
      idOf,
    ),
  ).toEqual([{ id: 'b', n: 1 }])
  expect(
    told.changed(
      'orders',
      [
        { id: 'a', n: 2 },
        { id: 'b', n: 1 },
      ],
      idOf,
    ),
  ).toEqual([{ id: 'a', n: 2 }])
  expect(told.changed('signals', [{ id: 'a', n: 2 }], idOf)).toHaveLength(1)
})

test('a value is news when it differs from the one before', () => {
  const told = nothingTold()
  expect([told.isNews('book', { n: 1 }), told.isNews('book', { n: 1 }), told.isNews('book', { n: 2 })]).toEqual([
    true,
    false,
    true,
  ])
})
