import { expect, test } from 'vitest'
import { sessionsBetween } from '#domain/calendar.ts'
import type { SessionDate } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import type { Tape } from '#domain/tape.ts'
import { createHistory } from './history.ts'
import { randomWalkTape } from './random-walk.ts'

const SESSIONS = sessionsBetween('2018-03-28' as SessionDate, '2018-03-28' as SessionDate)
const [DAY] = SESSIONS
const SYMBOLS = Array.from({ length: 300 }, (_, i) => `S${String(i).padStart(3, '0')}` as Symbol_)

test('a tape is read a block of symbols at a time, each once, and answers the same as if it was read whole', async () => {
  const whole = randomWalkTape(1, SYMBOLS, SESSIONS)
  const reads: string[] = []
  const tape: Tape = {
    ...whole,
    rowsBetween: (from, until, listed) => {
      reads.push(`${from} ${listed?.begin}–${listed?.end}`)
      return whole.rowsBetween(from, until, listed)
    },
  }
  const history = createHistory(tape, { touches: () => false, seen: (bar) => bar })
  const rows = await whole.rowsBetween(DAY.opensAt, DAY.closesAt)
  const span = { from: DAY.opensAt, until: DAY.closesAt, now: DAY.closesAt }
  for (const [s, symbol] of SYMBOLS.entries()) {
    const bars = await history({ symbol, size: { kind: 'minutes', minutes: 1 }, ...span })
    // Every minute of this tape has a row of every symbol.
    expect(bars.map(({ close }) => close)).toEqual(bars.map((_, minute) => rows.close[minute * SYMBOLS.length + s]))
    expect(bars).toHaveLength(390)
    const days = { ...span, from: (DAY.opensAt - 86_400_000) as typeof span.from }
    expect(await history({ symbol, size: { kind: 'day' }, ...days })).toMatchObject([{ close: bars.at(-1)?.close }])
  }
  expect(new Set(reads).size).toBe(reads.length)
  expect(new Set(reads.map((read) => read.split(' ')[1]))).toEqual(new Set(['0–256', '256–300']))
})
