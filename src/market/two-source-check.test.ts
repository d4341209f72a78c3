import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sessionsBetween } from '#domain/calendar.ts'
import type { SessionDate } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import type { PriceColumn } from '#domain/units.ts'
import type { DailyCloses, Split } from './daily-closes.ts'
import { twoSourceCheck } from './two-source-check.ts'

const DATES = sessionsBetween('2024-01-02' as SessionDate, '2024-12-31' as SessionDate).map(({ date }) => date)

type Terms = { readonly splits?: readonly Split[] }
function closesOf(a: Float64Array, b: Float64Array, { splits = [] }: Terms = {}): DailyCloses {
  const feeds = [
    { feed: 'iex', isSplitAdjusted: false, close: a as PriceColumn },
    { feed: 'yahoo', isSplitAdjusted: true, close: b as PriceColumn },
  ] as const
  return { symbol: 'KO' as Symbol_, dates: DATES.slice(0, a.length), feeds, splits }
}
const found = (closes: DailyCloses) =>
  twoSourceCheck(closes).map(({ rule, feed, from, through }) => [rule, feed, DATES.indexOf(from), DATES.indexOf(through)])

/** A price path with the noise of another venue's last trade, 0.3 % at most, in cents. */
const path = fc
  .record({
    start: fc.double({ min: 20, max: 500, noNaN: true }),
    moves: fc.array(fc.double({ min: -0.06, max: 0.06, noNaN: true }), { minLength: 60, maxLength: 120 }),
    noise: fc.array(fc.double({ min: -0.003, max: 0.003, noNaN: true }), { minLength: 121, maxLength: 121 }),
  })
  .map(({ start, moves, noise }) => {
    let price = start
    const truth = [start, ...moves.map((move) => (price *= Math.exp(move)))]
    const cents = (value: number) => Math.round(value * 100) / 100
    return { a: Float64Array.from(truth, (p, i) => cents(p * (1 + noise[i]))), b: Float64Array.from(truth, cents) }
  })
const spanIn = (length: number) =>
  fc
    .tuple(fc.integer({ min: 3, max: length - 12 }), fc.integer({ min: 1, max: 8 }))
    .map(([first, n]) => ({ first, last: first + n - 1 }))
const ratio = fc.constantFrom(2, 3, 4, 5, 10, 1.5, 0.5, 0.1, 20)

describe('two feeds that tell the same', () => {
  test('are believed, crashes and splits that both show included', () => {
    fc.assert(
      fc.property(path, fc.integer({ min: 5, max: 50 }), ratio, fc.boolean(), ({ a, b }, day, newPerOld, isSplit) => {
        const fallen = (close: Float64Array) => close.map((price, t) => (t < day ? price : price / newPerOld))
        // A crash is in both; a split is in closes as traded, and the other feed has rewritten its past.
        const truth = isSplit
          ? closesOf(
              fallen(a),
              b.map((p) => p / newPerOld),
            )
          : closesOf(fallen(a), fallen(b))
        const splits = isSplit ? [{ effectiveOn: DATES[day], newPerOld }] : []
        expect(twoSourceCheck({ ...truth, splits })).toEqual([])
      }),
      { numRuns: 150 },
    )
  })

  test('though adjusted at different times, so that one is the other times a factor, are believed', () => {
    fc.assert(
      fc.property(path, ratio, ({ a, b }, k) => {
        const rebased = b.map((price) => price / k)
        expect(twoSourceCheck(closesOf(a, rebased))).toEqual([])
      }),
      { numRuns: 50 },
    )
  })
})

describe('a planted', () => {
  test('half-applied split is held back, exactly on its sessions and in its feed', () => {
    fc.assert(
      fc.property(
        path.chain((p) => spanIn(p.a.length).map((s) => ({ ...p, ...s }))),
        ratio,
        fc.boolean(),
        ({ a, b, first, last }, k, isDeclared) => {
          const half = b.map((price, t) => (first <= t && t <= last ? price / k : price))
          const splits = isDeclared ? [{ effectiveOn: '2025-03-03' as SessionDate, newPerOld: k }] : []
          const own = isDeclared ? a.map((price) => price * k) : a
          const rule = isDeclared ? 'half-applied-split' : last - first < 3 ? 'spike' : 'invented-split'
          expect(found(closesOf(own, half, { splits }))).toEqual([[rule, 'yahoo', first, last]])
        },
      ),
      { numRuns: 150 },
    )
  })

  test('split that one feed has applied and closes as traded do not show is invented', () => {
    fc.assert(
      fc.property(path, fc.integer({ min: 8, max: 50 }), fc.constantFrom(2, 3, 4, 10, 0.2), ({ a, b }, day, k) => {
        const invented = b.map((price, t) => (t < day ? price / k : price))
        const splits = [{ effectiveOn: DATES[day], newPerOld: k }]
        const last = day - 1
        expect(found(closesOf(a, invented, { splits }))).toEqual([['invented-split', 'yahoo', 0, last]])
      }),
      { numRuns: 50 },
    )
  })

  test('level is one run, though the other feed has a small fault within it', () => {
    const b = Float64Array.from({ length: 40 }, (_, t) => 100 + (t % 3))
    const half = b.map((price, t) => (10 <= t && t < 20 ? price / 2 : price))
    const faulty = b.map((price, t) => (t === 14 ? price * 1.04 : price))
    expect(found(closesOf(faulty, half))).toEqual([['invented-split', 'yahoo', 10, 19]])
  })

  test('spike of one feed inside a half-applied split of the other is held back in both', () => {
    const b = Float64Array.from({ length: 40 }, (_, t) => 100 + (t % 3))
    const half = b.map((price, t) => (10 <= t && t < 20 ? price / 2 : price))
    const spiked = b.map((price, t) => (t === 14 ? price * 30 : price))
    expect(found(closesOf(spiked, half))).toEqual([
      ['invented-split', 'yahoo', 10, 19],
      ['spike', 'iex', 14, 14],
    ])
  })

  test('price of 100 times is a spike in the feed that has it', () => {
    fc.assert(
      fc.property(
        path.chain((p) => spanIn(p.a.length).map((s) => ({ ...p, first: s.first }))),
        fc.constantFrom(100, 0.01, 7, 1.3),
        ({ a, b, first }, k) => {
          const spiked = a.map((price, t) => (t === first ? price * k : price))
          expect(found(closesOf(spiked, b))).toEqual([['spike', 'iex', first, first]])
        },
      ),
      { numRuns: 100 },
    )
  })

  test('stale close on a day of a crash is told from the crash', () => {
    const a = Float64Array.from({ length: 30 }, (_, t) => (t < 15 ? 100 : 52) + (t % 3))
    const b = a.map((price, t) => (t === 15 ? a[14] : price))
    expect(found(closesOf(a, b))).toEqual([['stale-day', 'yahoo', 15, 15]])
  })

  test('stretch that is a day late is held back as such', () => {
    const move = fc
      .tuple(fc.constantFrom(-1, 1), fc.double({ min: 0.007, max: 0.06, noNaN: true }))
      .map(([sign, size]) => sign * size)
    const lively = fc.array(move, { minLength: 60, maxLength: 60 }).map((moves) => {
      let price = 100
      return Float64Array.from(moves, (one) => (price *= Math.exp(one)))
    })
    fc.assert(
      fc.property(lively, fc.integer({ min: 5, max: 20 }), fc.integer({ min: 8, max: 30 }), (b, first, n) => {
        const late = b.map((price, t) => (first <= t && t < first + n ? b[t - 1] : price))
        const findings = found(closesOf(late, b))
        expect(findings).toContainEqual(['shifted-days', 'iex', first, first + n - 1])
        // Moves that undo each other every other day are copies in both directions.
        expect(findings.every(([rule]) => rule === 'shifted-days')).toBe(true)
      }),
      { numRuns: 40 },
    )
  })

  test('empty day is held back, unless it is the last and may yet come', () => {
    const b = Float64Array.from({ length: 20 }, (_, t) => 100 + t)
    const without = (...days: number[]) => b.map((price, t) => (days.includes(t) ? Number.NaN : price))
    expect(found(closesOf(without(7, 8, 12, 19), b))).toEqual([
      ['empty-day', 'iex', 7, 8],
      ['empty-day', 'iex', 12, 12],
    ])
    expect(found(closesOf(b, without(18, 19)))).toEqual([['empty-day', 'yahoo', 18, 19]])
    expect(found(closesOf(without(0, 1, 2), b))).toEqual([])
    expect(found(closesOf(without(5), without(5)))).toEqual([])
  })
})

describe('one feed alone', () => {
  const alone = Float64Array.from({ length: 20 }, () => Number.NaN)
  const flat = Float64Array.from({ length: 20 }, (_, t) => 100 + (t % 2))
  test('is not believed beyond a factor of 1.4 in a day, until it is back where it was', () => {
    expect(found(closesOf(flat, alone))).toEqual([])
    expect(
      found(
        closesOf(
          flat.map((p, t) => (t === 9 ? p * 100 : p)),
          alone,
        ),
      ),
    ).toEqual([['unconfirmed-jump', 'iex', 9, 9]])
    expect(
      found(
        closesOf(
          flat.map((p, t) => (t >= 9 ? p / 2 : p)),
          alone,
        ),
      ),
    ).toEqual([['unconfirmed-jump', 'iex', 9, 19]])
  })

  test('is believed again when the other confirms it', () => {
    const fallen = flat.map((p, t) => (t >= 9 ? p / 2 : p))
    expect(
      found(
        closesOf(
          fallen,
          fallen.map((p, t) => (t < 11 ? Number.NaN : p)),
        ),
      ),
    ).toEqual([['unconfirmed-jump', 'iex', 9, 10]])
    expect(
      found(
        closesOf(
          fallen,
          fallen.map((p, t) => (t < 9 ? Number.NaN : p)),
        ),
      ),
    ).toEqual([])
  })
})

test('evidence is both closes of the sessions held back and of three neighbours on either side', () => {
  const b = Float64Array.from({ length: 30 }, (_, t) => 100 + t)
  const [finding] = twoSourceCheck(
    closesOf(
      b.map((p, t) => (t === 10 ? p * 100 : p)),
      b,
    ),
  )
  expect(finding?.factor).toBeCloseTo(100)
  expect(finding?.days.map(({ own, other, isHeld }) => [own, other, isHeld])).toEqual([
    ...[107, 108, 109].map((p) => [p, p, false]),
    [11000, 110, true],
    ...[111, 112, 113].map((p) => [p, p, false]),
  ])
})
