import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { PAPER, rehearsalBook } from '#domain/book.ts'
import { sessionOn } from '#domain/calendar.ts'
import type { SessionDate } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { type EpochMs, epochMs, MINUTE_MS, type PriceColumn, type TimeColumn, type ZScoreColumn } from '#domain/units.ts'
import type { PairModel } from '#models/pair-model.ts'
import { layoutOf } from '#network/shape.ts'
import { rollingZScore } from '#statistics/rolling.ts'
import { type PairView, probabilityOf, type Strategy } from '#strategy.ts'
import { decide } from './decide.ts'
import type { ModelForPair, Question } from './view.ts'

const SESSION = sessionOn('2018-03-28' as SessionDate) ?? never()
const BARS = 200
const WINDOW = 40
const at = epochMs(SESSION.opensAt + BARS * MINUTE_MS)
const pair = { y: 'XOM' as Symbol_, x: 'CVX' as Symbol_ }

function never(): never {
  throw new Error('the day is a session')
}

/** A model of a zero network: it gives 0.5 for every move back. */
function model(): PairModel {
  const shape = { inputs: 10, sequence: 10, hidden: [2], dropout: 0 }
  const parameters = { mu: 0, omega: 1e-6, alpha: 0.05, beta: 0.9, initialVariance: 2e-5 }
  return {
    pair,
    hedge: { alpha: 0, beta: 1 },
    spreadMean: 0,
    spreadDeviation: 0.01,
    halfLifeBars: 10,
    variance: { kind: 'garch', parameters },
    scaler: { mean: Array(10).fill(0), deviation: Array(10).fill(1) },
    shape,
    weights: new Float32Array(layoutOf(shape).count),
  } as Partial<PairModel> as PairModel
}

const USABLE: ModelForPair = { kind: 'usable', id: 'm1', model: model(), isPromoted: true }

/** Closes whose spread is a slow wave, with `last` added to ln y at the last bar. */
function closes(last: number, bars = BARS) {
  const openedAt = Float64Array.from({ length: bars }, (_, t) => SESSION.opensAt + t * MINUTE_MS) as TimeColumn
  const x = Float64Array.from(openedAt, (_, t) => 100 + Math.sin(t / 7)) as PriceColumn
  const y = x.map((price, t) => price * Math.exp(0.01 * Math.sin(t / 3) + (t === bars - 1 ? last : 0))) as PriceColumn
  return { openedAt, y, x }
}

const seen: PairView[] = []
const enters: Strategy = {
  name: 'always',
  version: '1',
  decide: (view) => {
    seen.push(view)
    return { kind: 'enter', direction: 'long', confidence: probabilityOf(0.7), reasons: ['It always does'] }
  },
}

function question(changes: Partial<Question> = {}): Question {
  return {
    book: PAPER,
    pair,
    model: USABLE,
    closes: closes(0),
    at,
    session: SESSION,
    position: { kind: 'flat', since: undefined },
    rules: {
      zscoreWindowBars: WINDOW,
      entryZ: 2,
      exitZ: 0.5,
      stopZ: 4,
      minimumProbability: 0.5,
      maximumHoldingHalfLives: 4,
      flatBeforeCloseMinutes: 10,
    },
    strategy: enters,
    zScoreOf: (spread) => rollingZScore(spread, { window: WINDOW }) as ZScoreColumn,
    ...changes,
  }
}

function held(openedAt: EpochMs = at, changes: { direction?: 'long' | 'short'; isHedged?: boolean } = {}): Question['position'] {
  return { kind: 'open', direction: 'long', entryZ: -2, openedAt, isHedged: true, ...changes }
}

describe('a clear view', () => {
  test('is decided by the strategy, with its reasons, its numbers and the model that was used', () => {
    const signal = decide(question())
    expect(signal).toMatchObject({
      kind: 'enter-long',
      confidence: 0.7,
      reasons: ['It always does'],
      modelId: 'm1',
      strategy: 'always@1',
    })
    expect(signal.numbers).toMatchObject({ hedgeRatio: 1, halfLifeBars: 10, minutesToClose: 190, reversion: 0.5 })
    expect(signal.numbers.z).toBe(signal.z)
    expect(Object.values(signal.numbers).every(Number.isFinite)).toBe(true)
  })

  test('shows the strategy the rolling z-score of the spread', () => {
    const { y, x } = closes(0)
    const last = Array.from(y.subarray(-WINDOW), (price, i) => Math.log(price) - Math.log(x[x.length - WINDOW + i]))
    const mean = last.reduce((sum, s) => sum + s, 0) / WINDOW
    const deviation = Math.sqrt(last.reduce((sum, s) => sum + (s - mean) ** 2, 0) / (WINDOW - 1))
    expect(decide(question()).z).toBeCloseTo(((last.at(-1) ?? 0) - mean) / deviation, 9)
  })

  test('marks an entry by a model that missed its gates', () => {
    const signal = decide(question({ model: { ...USABLE, isPromoted: false } as ModelForPair }))
    expect(signal.reasons).toContain('The model missed a promotion gate, which is advisory here')
  })

  test('opens nothing with a model that is for exits only', () => {
    const signal = decide(question({ model: { kind: 'exits-only', id: 'm1', model: model(), why: 'The model has expired' } }))
    expect(signal).toMatchObject({ kind: 'hold', reasons: ['The model has expired', 'It always does'] })
  })

  test('opens nothing that is held already', () => {
    expect(decide(question({ position: held() }))).toMatchObject({ kind: 'hold' })
  })
})

describe('the house leaves a pair by itself', () => {
  test('at its stop, when the spread has gone against us', () => {
    expect(decide(question({ position: held(), closes: closes(-0.5) })).reasons[0]).toMatch(/against us beyond the stop at 4\.00/)
    expect(decide(question({ position: held(at, { direction: 'short' }), closes: closes(-0.5) })).kind).toBe('hold')
  })

  test('at its time limit, counted in bars', () => {
    const bars = (count: number) => decide(question({ position: held(epochMs(at - count * MINUTE_MS)) })).kind
    expect([bars(40), bars(41)]).toEqual(['hold', 'exit'])
  })

  test('before the close', () => {
    const late = epochMs(SESSION.closesAt - 10 * MINUTE_MS)
    const signal = decide(question({ at: late, closes: closes(0, 380), position: held(late) }))
    expect(signal).toMatchObject({ kind: 'exit', reasons: ['XOM-CVX is closed 10 minutes before the close; 10 are left'] })
    const before = epochMs(late - MINUTE_MS)
    expect(decide(question({ at: before, closes: closes(0, 379), position: held(before) })).kind).toBe('hold')
  })

  test('when one leg is held without the other', () => {
    expect(decide(question({ position: held(at, { isHedged: false }) }))).toMatchObject({ kind: 'exit' })
  })
})

describe('without a view', () => {
  const y = closes(0).y.slice() as PriceColumn
  y[BARS - 1] = Number.NaN

  test('a leg without a price makes it stand aside, and names the leg', () => {
    const signal = decide(question({ closes: { ...closes(0), y } }))
    expect(signal).toMatchObject({ kind: 'stand-aside', reasons: ['XOM has no price for the last minute'], z: undefined })
  })

  test('stale bars make it stand aside', () => {
    expect(decide(question({ closes: closes(0, BARS - 1) })).kind).toBe('stand-aside')
    expect(decide(question({ closes: closes(0, 0) })).kind).toBe('stand-aside')
  })

  test('no model makes it stand aside, with the reason', () => {
    const signal = decide(question({ model: { kind: 'none', why: 'No model was trained for XOM-CVX' } }))
    expect(signal).toMatchObject({ kind: 'stand-aside', modelId: undefined, reasons: ['No model was trained for XOM-CVX'] })
  })

  test('a warm-up that is not over makes it stand aside', () => {
    const early = epochMs(SESSION.opensAt + (WINDOW - 1) * MINUTE_MS)
    expect(decide(question({ at: early, closes: closes(0, WINDOW - 1) })).kind).toBe('stand-aside')
  })

  test('what is held is closed before the close all the same', () => {
    const late = epochMs(SESSION.closesAt - 5 * MINUTE_MS)
    const signal = decide(question({ at: late, position: held(), model: { kind: 'none', why: 'No model' } }))
    expect(signal).toMatchObject({ kind: 'exit', confidence: 1 })
  })
})

test('bars that had not closed are refused', () => {
  expect(() => decide(question({ closes: closes(0, BARS + 1) }))).toThrow(RangeError)
})

test('ids derive from the book, the instant and the pair', () => {
  const id = decide(question()).id
  expect(decide(question({ strategy: { ...enters, name: 'other' } })).id).toBe(id)
  expect(decide(question({ book: rehearsalBook('R1') })).id).not.toBe(id)
})

test('nothing that the strategy sees depends on the bars after it', () => {
  const all = closes(0)
  fc.assert(
    fc.property(fc.integer({ min: WINDOW, max: BARS - 1 }), (bars) => {
      seen.length = 0
      const cut = { openedAt: all.openedAt.slice(0, bars), y: all.y.slice(0, bars), x: all.x.slice(0, bars) } as typeof all
      decide(question({ closes: cut, at: epochMs(SESSION.opensAt + bars * MINUTE_MS) }))
      decide(question({ closes: all }))
      const [short, long] = seen
      expect(Array.from(long.z.subarray(0, bars))).toEqual(Array.from(short.z))
      expect(Array.from(long.spread.subarray(0, bars))).toEqual(Array.from(short.spread))
    }),
    { numRuns: 20 },
  )
})
