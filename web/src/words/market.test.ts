import { expect, test } from 'vitest'
import { marketStateAt } from './market.ts'

const WEDNESDAY = {
  date: '2018-03-28',
  opensAt: Date.parse('2018-03-28T13:30Z'),
  closesAt: Date.parse('2018-03-28T20:00Z'),
  isHalfDay: false,
  isProjected: false,
}
const MONDAY = {
  date: '2018-04-02',
  opensAt: Date.parse('2018-04-02T13:30Z'),
  closesAt: Date.parse('2018-04-02T20:00Z'),
  isHalfDay: false,
  isProjected: false,
}
const SESSIONS = [WEDNESDAY, MONDAY]

test('the market is open from the first instant of a session and says when it closes', () => {
  expect(marketStateAt(SESSIONS, WEDNESDAY.opensAt)).toEqual({
    isOpen: true,
    name: 'Open',
    next: 'closes in 6 h 30 m',
    progress: 0,
  })
})

test('an opening that the exchange has not published is said to be projected', () => {
  const sessions = SESSIONS.map((session) => ({ ...session, isProjected: true }))
  expect(marketStateAt(sessions, WEDNESDAY.closesAt)?.next).toBe('opens Mon 09:30 (projected)')
})

test('the market is closed at the instant of the close', () => {
  expect(marketStateAt(SESSIONS, WEDNESDAY.closesAt)).toMatchObject({ isOpen: false, next: 'opens Mon 09:30' })
})

test('an opening within a day is counted down', () => {
  expect(marketStateAt(SESSIONS, WEDNESDAY.opensAt - 90_000)?.next).toBe('opens in 1 m 30 s')
})

test('a half day is named', () => {
  expect(marketStateAt([{ ...WEDNESDAY, isHalfDay: true }], WEDNESDAY.closesAt - 60_000)?.next).toBe(
    'closes in 1 m 0 s (half day)',
  )
})

test('beyond the sessions known nothing is claimed', () => {
  expect(marketStateAt(SESSIONS, MONDAY.closesAt)).toBeUndefined()
})
