import { expect, test } from 'vitest'
import { instantFrom, isoFrom } from '#domain/units.ts'
import { quietUntil } from './quiet-hours.ts'

const NIGHT = { from: '22:00', until: '06:30' }
const end = (at: string, hours = NIGHT) => {
  const until = quietUntil(instantFrom(at), hours)
  return until === undefined ? undefined : isoFrom(until)
}

test('a night begins at its first minute and is over at its last, in New York', () => {
  expect(end('2026-11-23T21:59:59-05:00')).toBeUndefined()
  expect(end('2026-11-23T22:00:00-05:00')).toBe('2026-11-24T11:30:00.000Z')
  expect(end('2026-11-24T06:29:59-05:00')).toBe('2026-11-24T11:30:00.000Z')
  expect(end('2026-11-24T06:30:00-05:00')).toBeUndefined()
})

test('hours within a day end on it, and without hours it is never quiet', () => {
  expect(end('2026-11-23T12:15:00-05:00', { from: '12:00', until: '13:00' })).toBe('2026-11-23T18:00:00.000Z')
  expect(quietUntil(instantFrom('2026-11-23T02:00:00-05:00'), undefined)).toBeUndefined()
})

test('the night in which clocks change ends by the clock on the wall', () => {
  expect(end('2026-10-31T23:00:00-04:00')).toBe('2026-11-01T11:30:00.000Z')
  expect(end('2026-03-07T23:00:00-05:00')).toBe('2026-03-08T10:30:00.000Z')
  expect(end('2026-03-07T23:00:00-05:00', { from: '22:00', until: '02:30' })).toBe('2026-03-08T07:30:00.000Z')
})
