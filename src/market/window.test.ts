import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Bar, BarColumns } from '#domain/bars.ts'
import { sessionsBefore } from '#domain/calendar.ts'
import type { SessionDate } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { type EpochMs, epochMs } from '#domain/units.ts'
import { BarWindow } from './window.ts'

const Y = 'XOM' as Symbol_
const X = 'CVX' as Symbol_
// Friday 28 November 2025 is a half day, Monday 1 December a full one.
const sessions = sessionsBefore('2025-12-02' as SessionDate, 2)
const [friday, monday] = sessions as [(typeof sessions)[number], (typeof sessions)[number]]

const at = (minute: number, session = monday): EpochMs => epochMs(session.opensAt + minute * 60_000)

function bar(symbol: Symbol_, openedAt: EpochMs, close: number): Bar {
  return { symbol, openedAt, open: close, high: close, low: close, close, volumeShares: 100 }
}

function barsOf(symbol: Symbol_, closes: Readonly<Record<number, number>>, session = monday): Bar[] {
  return Object.entries(closes).map(([minute, close]) => bar(symbol, at(Number(minute), session), close))
}

function emptyWindow(capacityMinutes = 1000, symbols = [Y, X]): BarWindow {
  return new BarWindow({ sessions, history: new Map(symbols.map((symbol) => [symbol, columns(symbol, [])])), capacityMinutes })
}

function columns(symbol: Symbol_, bars: readonly Bar[]): BarColumns {
  const prices = Float64Array.from(bars, (b) => b.close) as BarColumns['close']
  const openedAt = Float64Array.from(bars, (b) => b.openedAt) as BarColumns['openedAt']
  return {
    symbol,
    openedAt,
    open: prices,
    high: prices,
    low: prices,
    close: prices,
    volumeShares: prices.slice() as unknown as BarColumns['volumeShares'],
  }
}

describe('the window', () => {
  test('tells closes on the clock of session minutes, which knows no night between Friday 13:00 and Monday 9:30', () => {
    const window = emptyWindow()
    window.append([...barsOf(Y, { 208: 50, 209: 51 }, friday), ...barsOf(Y, { 0: 52, 2: 54 })])
    const { clock, close } = window.closesOf(Y, { until: at(3), count: 5 })
    expect([...clock]).toEqual([at(208, friday), at(209, friday), at(0), at(1), at(2)])
    expect([...close]).toEqual([50, 51, 52, Number.NaN, 54])
  })

  test('starts from history', () => {
    const window = new BarWindow({
      sessions,
      history: new Map([[Y, columns(Y, barsOf(Y, { 0: 10, 1: 11 }))]]),
      capacityMinutes: 10,
    })
    expect([...window.closesOf(Y, { until: at(2), count: 2 }).close]).toEqual([10, 11])
    expect(window.lastBarOf(Y)?.close).toBe(11)
    expect(window.lastBarOf(X)).toBeUndefined()
  })

  test('leaves out the minute that opens at `until`: it has not closed', () => {
    const window = emptyWindow()
    window.append(barsOf(Y, { 0: 1, 1: 2, 2: 3 }))
    expect([...window.closesOf(Y, { until: at(2), count: 10 }).close].slice(-2)).toEqual([1, 2])
  })

  test('carries a close over at most carryBars minutes, and never over a night', () => {
    const window = emptyWindow()
    window.append([...barsOf(Y, { 209: 50 }, friday), ...barsOf(Y, { 1: 52 }), ...barsOf(X, { 0: 70, 5: 75 })])
    const pair = window.alignedPair(Y, X, { until: at(6), count: 6, carryBars: 2 })
    expect([...pair.y]).toEqual([Number.NaN, 52, 52, 52, Number.NaN, Number.NaN])
    expect([...pair.x]).toEqual([70, 70, 70, Number.NaN, Number.NaN, 75])
  })

  test('carries into the first row from the minutes before it', () => {
    const window = emptyWindow()
    window.append(barsOf(Y, { 3: 9 }))
    expect([...window.alignedPair(Y, X, { until: at(6), count: 2, carryBars: 2 }).y]).toEqual([9, 9])
  })

  test('reports a corrected minute and counts a repeated one', () => {
    const window = emptyWindow()
    expect(window.append(barsOf(Y, { 4: 40, 6: 60 }))).toMatchObject({ added: 2, repeated: 0, corrected: [], outside: [] })
    const again = window.append([bar(Y, at(6), 60), bar(Y, at(4), 41), bar(Y, at(5), 50)])
    expect(again).toMatchObject({ added: 1, repeated: 1, corrected: [{ bar: { close: 41 }, closeBefore: 40 }] })
    expect([...window.closesOf(Y, { until: at(7), count: 3 }).close]).toEqual([41, 50, 60])
    expect(window.lastBarOf(Y)?.close).toBe(60)
  })

  test('keeps out bars of other hours, between minutes, and older than its capacity, and says so', () => {
    const window = emptyWindow(3)
    window.append(barsOf(Y, { 10: 1 }))
    const strange = [bar(Y, at(-5), 7), bar(Y, epochMs(at(9) + 1), 7), bar(Y, at(7), 7), bar(Y, at(210, friday), 7)]
    expect(window.append([...strange, bar(Y, at(8), 8)])).toMatchObject({ added: 1, outside: strange })
    expect([...window.closesOf(Y, { until: at(11), count: 99 }).clock]).toEqual([at(8), at(9), at(10)])
  })

  test('forgets what its capacity no longer holds instead of showing it in a new minute', () => {
    const window = emptyWindow(4)
    window.append(barsOf(Y, { 0: 1, 1: 2, 2: 3, 3: 4 }))
    window.append(barsOf(X, { 6: 9 }))
    expect([...window.closesOf(Y, { until: at(7), count: 4 }).close]).toEqual([4, Number.NaN, Number.NaN, Number.NaN])
  })

  test('lists the minutes that a symbol lacks, in this session and before `until` only', () => {
    const window = emptyWindow()
    window.append([...barsOf(Y, { 0: 1, 1: 1, 2: 1 }), ...barsOf(X, { 1: 1 })])
    expect(window.missingIn(monday, at(3))).toEqual(new Map([[X, [at(0), at(2)]]]))
    expect(window.missingIn(friday, at(0)).get(Y)).toHaveLength(210)
  })

  test('refuses to look for gaps in a session that it was not made for', () => {
    const [other] = sessionsBefore('2025-06-02' as SessionDate, 1) as [(typeof sessions)[number]]
    expect(() => emptyWindow().missingIn(other, other.closesAt)).toThrow(
      expect.objectContaining({ code: 'WINDOW_SESSION_UNKNOWN' }),
    )
  })

  test('tells the same of the past whatever comes later', () => {
    const anyBars = fc.array(
      fc.record({ symbol: fc.constantFrom(Y, X), minute: fc.nat(40), close: fc.integer({ min: 1, max: 99 }) }),
      { maxLength: 60 },
    )
    fc.assert(
      fc.property(anyBars, fc.nat(40), fc.nat(5), (rows, cut, carryBars) => {
        const bars = rows.map((r) => bar(r.symbol, at(r.minute), r.close))
        const [whole, truncated] = [emptyWindow(), emptyWindow()]
        whole.append(bars)
        truncated.append(bars.filter((b) => b.openedAt < at(cut)))
        const range = { until: at(cut), count: 30, carryBars }
        expect(whole.alignedPair(Y, X, range)).toEqual(truncated.alignedPair(Y, X, range))
      }),
      { numRuns: 60 },
    )
  })

  test('gives the same columns in whatever order the bars come', () => {
    const minutes = Array.from({ length: 30 }, (_, i) => bar(Y, at(i), 100 + i))
    fc.assert(
      fc.property(fc.shuffledSubarray(minutes, { minLength: 30 }), (shuffled) => {
        const window = emptyWindow()
        window.append(shuffled)
        expect([...window.closesOf(Y, { until: at(30), count: 30 }).close]).toEqual(minutes.map((b) => b.close))
      }),
      { numRuns: 20 },
    )
  })

  test('takes a full day of 500 symbols, minute by minute, within half a second', () => {
    const symbols = Array.from({ length: 500 }, (_, i) => `S${i}` as Symbol_)
    const window = emptyWindow(600, symbols)
    const started = performance.now()
    for (let minute = 0; minute < 390; minute++) window.append(symbols.map((symbol) => bar(symbol, at(minute), minute + 1)))
    expect(performance.now() - started).toBeLessThan(500)
    expect(window.missingIn(monday, monday.closesAt).size).toBe(0)
  })

  test('knows nothing of a symbol that it has never seen: its rows are all NaN', () => {
    const pair = emptyWindow().alignedPair('NEW' as Symbol_, Y, { until: at(2), count: 2, carryBars: 0 })
    expect([...pair.y]).toEqual([Number.NaN, Number.NaN])
  })
})
