import fc from 'fast-check'
import { expect, test } from 'vitest'
import { rangeFrom } from './byte-range.ts'

test.each([
  ['bytes=0-0', { first: 0, last: 0 }],
  ['bytes=2-', { first: 2, last: 9 }],
  ['bytes=-3', { first: 7, last: 9 }],
  ['bytes=5-99', { first: 5, last: 9 }],
  ['bytes=-99', { first: 0, last: 9 }],
  ['bytes=10-', 'unsatisfiable'],
  ['bytes=-0', 'unsatisfiable'],
  ['bytes=5-2', undefined],
  ['bytes=0-1,3-4', undefined],
  ['bytes=-', undefined],
  ['lines=1-2', undefined],
  [undefined, undefined],
])('%s of ten bytes', (header, range) => expect(rangeFrom(header, 10)).toEqual(range))

test('a range never leaves its file', () => {
  fc.assert(
    fc.property(fc.nat(), fc.nat(), fc.nat(1000), (from, through, size) => {
      const range = rangeFrom(`bytes=${from}-${through}`, size)
      if (typeof range !== 'object') return
      expect([range.first >= 0, range.first <= range.last, range.last < size]).toEqual([true, true, true])
    }),
    { seed: 1 },
  )
})
