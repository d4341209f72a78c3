import { expect, test } from 'vitest'
import { sessionOn, sessionsBetween } from '#domain/calendar.ts'
import type { SessionDate } from '#domain/sessions.ts'
import { type EpochMs, epochMs, isoFrom } from '#domain/units.ts'
import { relaidNews, relaidSplits } from './relaid-events.ts'
import { laidOut, withSessionsBefore } from './relaid-tape.ts'

const date = (text: string) => text as SessionDate
const RECORDED = sessionsBetween(date('2018-03-27'), date('2018-03-29'))
const ALWAYS = [epochMs(0), epochMs(Date.parse('2040-01-01'))] as const

const story = (id: number, time: string) => ({
  ...{ id, headline: 'H', author: '', source: 'wire', summary: '', content: '', url: undefined, symbols: [], images: [] },
  ...{ createdAt: epochMs(Date.parse(time) - 60_000), updatedAt: epochMs(Date.parse(time)) },
})
const STORIES = [
  story(1, '2018-03-26T12:00Z'),
  story(2, '2018-03-27T12:00Z'),
  story(3, '2018-03-27T14:00Z'),
  story(4, '2018-03-28T01:00Z'),
  story(5, '2018-03-28T19:59Z'),
]

test('on their own days stories come when they came', () => {
  const laid = RECORDED.map((session) => ({ shown: session, recorded: session, pass: 1 }))
  expect(relaidNews(STORIES, withSessionsBefore(laid, 1))(...ALWAYS)).toEqual(STORIES)
})

test('stories keep their distance to the opening, fit between sessions, and have another id in another pass', () => {
  // 24 December is a half day, and 25 December and the weekend lie behind it.
  const laid = laidOut(RECORDED.slice(0, 2), { first: sessionOn(date('2020-12-23'))!, passes: 2 })
  const wire = relaidNews(STORIES, laid)
  const told = wire(...ALWAYS)
  expect(told.map(({ updatedAt }) => isoFrom(updatedAt))).toEqual([
    '2020-12-23T13:00:00.000Z',
    '2020-12-23T15:00:00.000Z',
    '2020-12-24T02:00:00.000Z',
    '2020-12-24T18:00:00.000Z',
    '2020-12-28T13:00:00.000Z',
    '2020-12-28T15:00:00.000Z',
    '2020-12-29T02:00:00.000Z',
    '2020-12-29T20:59:00.000Z',
  ])
  expect(told.slice(0, 4).map(({ id }) => id)).toEqual([2, 3, 4, 5])
  expect(new Set(told.map(({ id }) => id)).size).toBe(8)
  expect(told.every(({ createdAt, updatedAt }) => updatedAt - createdAt === 60_000)).toBe(true)
  // However the question is cut, every story comes once.
  const cuts = [ALWAYS[0], ...told.map(({ updatedAt }) => updatedAt), ALWAYS[1]]
  expect(cuts.slice(1).flatMap((until, i) => wire(epochMs(cuts[i] + 1) as EpochMs, until))).toEqual(told)
})

test('splits hold from the session that shows their prices, and are taken back where a pass begins anew', () => {
  const split = { kind: 'split' as const, symbol: 'KO', newRate: 2, oldRate: 1 }
  const splits = [
    { ...split, exDate: '2018-03-01' },
    { ...split, exDate: '2018-03-27', symbol: 'CVX' },
    { ...split, exDate: '2018-03-28' },
  ]
  const laid = laidOut(RECORDED, { first: sessionOn(date('2020-12-21'))!, passes: 2 })
  expect(relaidSplits(splits, withSessionsBefore(laid, 2)).map((s) => [s.symbol, s.exDate, s.newRate, s.oldRate])).toEqual([
    ['CVX', '2020-12-21', 2, 1],
    ['KO', '2020-12-22', 2, 1],
    ['KO', '2020-12-24', 1, 2],
    ['KO', '2020-12-28', 2, 1],
  ])
})
