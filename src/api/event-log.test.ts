import fc from 'fast-check'
import { expect, test } from 'vitest'
import { eventLog } from './event-log.ts'

test('whoever comes back gets exactly what came after, or is told that it is no longer known', () => {
  fc.assert(
    fc.property(fc.nat(40), fc.nat(40), fc.integer({ min: 1, max: 20 }), (before, later, capacity) => {
      const log = eventLog<number>('e', capacity)
      for (let n = 1; n <= before; n++) log.append(n)
      const id = log.lastId()
      for (let n = 1; n <= later; n++) log.append(before + n)
      const missed = log.after(id)?.map(({ event }) => event)
      const expected = Array.from({ length: later }, (_, i) => before + i + 1)
      expect(missed).toEqual(later > capacity ? undefined : expected)
    }),
  )
})

test('an id of another log or of the future is not known', () => {
  const log = eventLog<string>('e', 5)
  log.append('one')
  expect([log.after('f-1'), log.after('e-2'), log.after('e-x'), log.after('')]).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ])
})
