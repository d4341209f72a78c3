import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Symbol_ } from '#domain/symbol.ts'
import { epochMs, MINUTE_MS } from '#domain/units.ts'
import { type JumpEvent, judgeMinutes } from './minute-jumps.ts'

const KO = 'KO' as Symbol_
const START = 1_522_243_800_000
const at = (minute: number) => epochMs(START + minute * MINUTE_MS)
const believed = (close: number) => new Map([[KO, { openedAt: at(-1), close }]])
const told = (events: readonly JumpEvent[]) =>
  events.map((event) => (event.kind === 'corrected' ? event.kind : `${event.kind} ${(event.openedAt - START) / MINUTE_MS}`))

function judge(closes: readonly (readonly [number, number])[], from = 50) {
  const judged = judgeMinutes('iex', { closes: believed(from), jumped: [] })
  return told(closes.flatMap(([minute, close]) => judged({ symbol: KO, openedAt: at(minute), close })))
}

/** Minutes in [0, count) that are held back in the end. */
function heldBy(events: readonly string[], count: number): number[] {
  const held = new Set<number>()
  let from: number | undefined
  for (const [kind, minute] of events.map((event) => event.split(' '))) {
    if (kind === 'jumped') from = Number(minute)
    else if (from !== undefined) {
      for (let m = from; m < Number(minute); m++) held.add(m)
      from = undefined
    }
  }
  for (let m = from ?? count; m < count; m++) held.add(m)
  return [...held]
}

describe('minutes that come in', () => {
  test('jump until they are near the last believed close again; nothing between becomes what is believed', () => {
    expect(
      judge(
        [
          [0, 51],
          [1, 5100],
          [2, 5000],
          [3, 51],
          [4, 30],
          [5, 50],
        ].map(([m, c]) => [m, c] as const),
      ),
    ).toEqual([...['jumped 1', 'came-back 3', 'jumped 4', 'came-back 5']])
  })

  test('may go anywhere by steps that are small', () => {
    expect(judge(Array.from({ length: 30 }, (_, m) => [m, 50 * 1.3 ** m]))).toEqual([])
    expect(judge([[0, 50 * 1.4]])).toEqual([])
    expect(judge([[0, 50 * 1.41]])).toEqual(['jumped 0'])
    expect(judge([[0, 50 / 1.41]])).toEqual(['jumped 0'])
  })

  test('told again change nothing, and a jump that is corrected is none', () => {
    expect(
      judge(
        [
          [0, 50],
          [1, 100],
          [1, 100],
          [1, 50],
          [2, 50],
        ].map(([m, c]) => [m, c] as const),
      ),
    ).toEqual(['jumped 1', 'corrected'])
    expect(
      judge(
        [
          [1, 100],
          [2, 50],
          [1, 100],
          [3, 50],
        ].map(([m, c]) => [m, c] as const),
      ),
    ).toEqual(['jumped 1', 'came-back 2'])
  })

  test('of a symbol that nobody knows are believed from the first on', () => {
    const judged = judgeMinutes('iex', { closes: new Map(), jumped: [] })
    expect(judged({ symbol: KO, openedAt: at(0), close: 900 })).toEqual([])
    expect(told(judged({ symbol: KO, openedAt: at(1), close: 9 }))).toEqual(['jumped 1'])
  })

  test('go on with a jump that an earlier process found', () => {
    const judged = judgeMinutes('iex', { closes: believed(50), jumped: [{ id: 'known', symbol: KO, from: at(3) }] })
    expect(judged({ symbol: KO, openedAt: at(4), close: 100 })).toEqual([])
    expect(judged({ symbol: KO, openedAt: at(5), close: 50 })).toEqual([
      { kind: 'came-back', id: 'known', symbol: KO, openedAt: at(5) },
    ])
  })

  test('are held back exactly where a walk was multiplied, whatever the walk and the factor', () => {
    const step = fc.double({ min: -0.02, max: 0.02, noNaN: true })
    const factor = fc.oneof(fc.double({ min: 2, max: 1000, noNaN: true }), fc.double({ min: 0.001, max: 0.5, noNaN: true }))
    const bad = fc.record({ from: fc.nat(20), length: fc.integer({ min: 1, max: 5 }), factor })
    fc.assert(
      fc.property(fc.array(step, { minLength: 30, maxLength: 30 }), bad, (steps, { from, length, factor: times }) => {
        let close = 50
        const minutes = steps.map((move, m) => {
          close *= 1 + move
          return [m, from <= m && m < from + length ? close * times : close] as const
        })
        expect(heldBy(judge(minutes), 30)).toEqual(Array.from({ length }, (_, i) => from + i))
      }),
      { numRuns: 300 },
    )
  })
})
