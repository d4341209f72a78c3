import fc from 'fast-check'
import { expect, test } from 'vitest'
import { phraseOf, type Schedule, scheduleFrom, type WallTime } from './schedule.ts'

const wallTime = fc
  .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
  .map((parts) => parts.map((part) => String(part).padStart(2, '0')).join(':') as WallTime)

const schedule: fc.Arbitrary<Schedule> = fc.oneof(
  fc.record({ kind: fc.constantFrom('trading-days' as const, 'daily' as const), time: wallTime }),
  fc.record({
    kind: fc.constant('session-edge' as const),
    edge: fc.constantFrom('open' as const, 'close' as const),
    offsetMinutes: fc.integer({ min: -720, max: 720 }),
  }),
  fc.record({ kind: fc.constant('in-session' as const), everyMinutes: fc.integer({ min: 1, max: 390 }) }),
  fc.tuple(wallTime, wallTime).map(([a, b]) => ({ kind: 'hourly' as const, from: a < b ? a : b, through: a < b ? b : a })),
)

function sentenceOf(phrase: string): string {
  const read = scheduleFrom(phrase)
  return read.ok ? 'understood' : read.why.sentence
}

test('every schedule has a phrase, which names that schedule and no other', () => {
  const property = fc.property(schedule, (one) => {
    expect(scheduleFrom(phraseOf(one))).toEqual({ ok: true, value: one })
  })
  fc.assert(property)
})

test.each<[string, Schedule]>([
  ['06:00 on trading days', { kind: 'trading-days', time: '06:00' as WallTime }],
  ['20:00 daily', { kind: 'daily', time: '20:00' as WallTime }],
  ['at each open', { kind: 'session-edge', edge: 'open', offsetMinutes: 0 }],
  ['10 minutes before each close', { kind: 'session-edge', edge: 'close', offsetMinutes: -10 }],
  ['1 minute after each open', { kind: 'session-edge', edge: 'open', offsetMinutes: 1 }],
  ['  Every 5  minutes in session', { kind: 'in-session', everyMinutes: 5 }],
  [
    'hourly from 09:00 through 15:00 on trading days',
    { kind: 'hourly', from: '09:00' as WallTime, through: '15:00' as WallTime },
  ],
])('%s', (phrase, means) => {
  expect(scheduleFrom(phrase)).toEqual({ ok: true, value: means })
})

test.each([
  ['06:00 on tradingdays', '"HH:MM on trading days"'],
  ['24:00 daily', '"HH:MM daily" (HH:MM from 00:00 to 23:59)'],
  ['6:00 daily', '"HH:MM daily"'],
  ['every 0 minutes in session', 'N is a whole number from 1 to 390'],
  ['every 391 minutes in session', '"every N minutes in session"'],
  ['721 minutes before each close', '"N minutes before each close" (N is a whole number from 1 to 720)'],
  ['0 minutes after each open', '"N minutes after each open"'],
  ['hourly from 15:00 through 09:00 on trading days', '"hourly from HH:MM through HH:MM on trading days"'],
  ['at each opening', '"at each open"'],
  ['0 6 * * 1-5', 'is no schedule'],
  ['', 'is no schedule'],
])('%j is refused, with what is nearest to it', (phrase, says) => {
  expect(sentenceOf(phrase)).toContain(says)
})
