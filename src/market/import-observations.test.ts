import { expect, test } from 'vitest'
import { sessionsBetween } from '#domain/calendar.ts'
import type { Session, SessionDate } from '#domain/sessions.ts'
import { count, emptyTally, symbolTally } from '#sources/files/tally.ts'
import { observationsOf } from './import-observations.ts'

type Rows = Readonly<
  Record<
    string,
    { readonly sessions: readonly Session[]; readonly bars?: (session: Session) => number; readonly close?: number[] }
  >
>

function tallyOf(rows: Rows) {
  const tally = emptyTally()
  for (const [symbol, { sessions, bars = () => 1, close = [] }] of Object.entries(rows)) {
    const of = symbolTally(symbol, tally.symbols.length)
    tally.symbols.push(of)
    let n = 0
    for (const session of sessions) {
      for (let i = 0; i < bars(session); i++) {
        const price = close[n++] ?? 10
        const bar = {
          openedAt: session.opensAt + i * 60_000,
          high: price + 1,
          low: price,
          close: price,
          volumeShares: n === 2 ? 0 : 1,
        }
        count(tally, bar, { of, previous: undefined, session })
      }
    }
  }
  return tally
}
const days = sessionsBetween('2018-01-02' as SessionDate, '2018-02-16' as SessionDate)

test('holes of the whole file, gaps and late starts of one symbol, jumps and idle bars are told, with where', () => {
  const held = days.filter(({ date }) => date < '2018-01-10' || date > '2018-01-12')
  const told = observationsOf(
    tallyOf({
      A: { sessions: held, close: [10, 10, 14.1] },
      B: { sessions: held.filter(({ date }) => date !== '2018-01-08') },
      C: { sessions: held.slice(8) },
    }),
    '1d',
  )
  expect(Object.fromEntries(told.map(({ kind, count: n, examples }) => [kind, [n, examples[0]]]))).toEqual({
    'missing-sessions': [3, '2018-01-10 … 2018-01-12'],
    'missing-days': [1, 'B: 29 of 30 sessions'],
    'short-history': [1, 'C: 2018-01-18 … 2018-02-16'],
    'price-jump': [2, 'A 2018-01-04T14:30Z close 10 → 14.1'],
    'zero-volume-moved': [3, 'A 2018-01-03T14:30Z'],
    'zero-volume': [3, 'A 2018-01-03T14:30Z'],
  })
})

test('a session with far fewer bars than the median one is thin', () => {
  const bars = ({ date }: Session) => (date === '2018-01-30' ? 50 : 380)
  const told = observationsOf(tallyOf({ A: { sessions: days, bars }, B: { sessions: days, bars } }), '1m')
  expect(told.find(({ kind }) => kind === 'thin-sessions')).toMatchObject({
    count: 1,
    examples: ['2018-01-30: 13 % of the bars of 2 symbols (median session 97 %)'],
  })
})

test('of complete rows and of none there is nothing to tell', () => {
  expect(observationsOf(tallyOf({ A: { sessions: days.slice(0, 1) } }), '1d')).toEqual([])
  expect(observationsOf(emptyTally(), '1d')).toEqual([])
})
