import { expect, test } from 'vitest'
import { flowsSearchFrom, runsAddress } from '../pages/flows/search.ts'
import { countdown, limitText, progressText, tookText } from './flows.ts'
import { dayAfter, dayBounds } from './times.ts'

test('progress reads as done of total, at a rate that suits, with the time left', () => {
  const progress = { done: 305, total: 390, unit: 'minutes', perSecond: 4.2, leftMs: 20_000 }
  expect(progressText(progress)).toBe('305 of 390 minutes · 4.2 a second · 20 s left')
  expect(progressText({ ...progress, total: null, perSecond: 0.02, leftMs: null })).toBe('305 minutes · 1.2 a minute')
  expect(progressText({ ...progress, done: 390, perSecond: 120.4 })).toBe('390 of 390 minutes · 120 a second')
  expect(progressText({ ...progress, perSecond: null, leftMs: null })).toBe('305 of 390 minutes')
  expect(progressText({ ...progress, perSecond: 0.001, leftMs: null })).toBe('305 of 390 minutes · 3.6 an hour')
})

test('times are finer the shorter they are', () => {
  expect([0, 250, 1_940, 134_000].map(tookText)).toEqual(['0 ms', '250 ms', '1.9 s', '2 m 14 s'])
  expect([countdown(61_000, 1_000), countdown(1_000, 1_000)]).toEqual(['in 1 m 0 s', 'now'])
})

test('the limits of a queue are told together, or that there is none', () => {
  const queue = {
    name: 'data',
    waiting: 0,
    running: 0,
    oldestWaitingSince: null,
    atOnce: null,
    atOncePerWorker: null,
    rate: null,
  }
  expect(limitText(queue)).toBe('no limit')
  expect(limitText({ ...queue, atOnce: 4, atOncePerWorker: 2, rate: { runs: 200, perMs: 60_000 } })).toBe(
    'at most 4, 2 a worker, 200 in 1 m 0 s',
  )
})

test('a day of New York has 24 hours, 23 in spring and 25 in autumn', () => {
  const hours = (date: string) => {
    const { from, until } = dayBounds(date) ?? { from: 0, until: 0 }
    return (until - from) / 3_600_000
  }
  expect(['2018-03-28', '2018-03-11', '2018-11-04'].map(hours)).toEqual([24, 23, 25])
  expect(dayBounds('2018-01-02')?.from).toBe(Date.parse('2018-01-02T05:00:00Z'))
  expect(dayBounds('today')).toBeUndefined()
  expect([dayAfter('2018-02-28', 1), dayAfter('2018-03-11', -1)]).toEqual(['2018-03-01', '2018-03-10'])
})

test('the address of Flows says which runs are listed; what cannot be read is left out', () => {
  const search = flowsSearchFrom({ flow: 'train', state: 'tired', since: '2018-03-28', until: 'x', fact: 'pair=A-B', offset: -3 })
  expect(search).toEqual({ flow: 'train', since: '2018-03-28', fact: 'pair=A-B' })
  expect(runsAddress(search)).toBe('/runs?flow=train&since=1522209600000&fact=pair%3DA-B&limit=50')
})
