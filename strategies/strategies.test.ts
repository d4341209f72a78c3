import { describe, expect, test } from 'vitest'
import type { Symbol_ } from '#domain/symbol.ts'
import { epochMs, type LogSpreadColumn, MINUTE_MS, type TimeColumn, type ZScoreColumn } from '#domain/units.ts'
import { type PairView, probabilityOf } from '#strategy.ts'
import { strategy as garchGru } from './garch-gru.ts'
import { strategy as zScore } from './z-score.ts'

const START = Date.UTC(2018, 2, 28, 13, 30)

/** A view whose last z-score is the last of `z`; row t opened t minutes after the open. */
function view(z: readonly number[], changes: Partial<PairView> = {}): PairView {
  const openedAt = Float64Array.from(z, (_, t) => START + t * MINUTE_MS) as TimeColumn
  return {
    pair: { y: 'XOM' as Symbol_, x: 'CVX' as Symbol_ },
    at: epochMs(START + z.length * MINUTE_MS),
    minutesToClose: 200,
    openedAt,
    spread: new Float64Array(z.length) as LogSpreadColumn,
    z: Float64Array.from(z) as ZScoreColumn,
    zNow: z.at(-1) ?? Number.NaN,
    hedgeRatio: 0.9,
    halfLifeBars: 20,
    volatility: 0.001,
    reversion: probabilityOf(0.64),
    position: { kind: 'flat', since: undefined },
    rules: {
      zscoreWindowBars: 120,
      entryZ: 2,
      exitZ: 0.5,
      stopZ: 4,
      minimumProbability: 0.5,
      maximumHoldingHalfLives: 4,
      flatBeforeCloseMinutes: 10,
    },
    ...changes,
  }
}

const LONG = { kind: 'open', direction: 'long', entryZ: -2.5, openedAt: epochMs(START), barsHeld: 3 } as const

describe.each([zScore, garchGru])('$name', (strategy) => {
  test('buys the spread far below its mean and sells it far above', () => {
    expect(strategy.decide(view([-2.31]))).toMatchObject({ kind: 'enter', direction: 'long' })
    expect(strategy.decide(view([2.31]))).toMatchObject({ kind: 'enter', direction: 'short' })
  })

  test('holds when the spread is near its mean, and when it is beyond the stop', () => {
    expect(strategy.decide(view([1.99]))).toMatchObject({ kind: 'hold' })
    expect(strategy.decide(view([4])).reasons).toEqual([
      'Spread is 4.00 standard deviations above its mean, beyond the stop at 4.00',
    ])
  })

  test('leaves a pair that is back at its mean or has passed it', () => {
    expect(strategy.decide(view([-0.5], { position: LONG }))).toMatchObject({ kind: 'exit', cause: 'mean' })
    expect(strategy.decide(view([1.5], { position: LONG }))).toMatchObject({ kind: 'exit', cause: 'mean' })
    expect(strategy.decide(view([-0.51], { position: LONG }))).toMatchObject({ kind: 'hold' })
  })

  test('does not enter a pair again before its spread has been back at the mean', () => {
    const left = { position: { kind: 'flat', since: epochMs(START + MINUTE_MS) } } as const
    expect(strategy.decide(view([-4.2, -3.5, -3], left))).toMatchObject({ kind: 'hold' })
    expect(strategy.decide(view([-4.2, -0.4, -3], left))).toMatchObject({ kind: 'enter' })
    expect(strategy.decide(view([-0.4, -3.5, -3], left)).kind).toBe('enter')
    expect(
      strategy.decide(view([-0.4, -4.2, -3], { position: { kind: 'flat', since: epochMs(START + 2 * MINUTE_MS) } })).kind,
    ).toBe('hold')
  })
})

describe('garch-gru', () => {
  test('says its reason as a trader would, and takes its confidence from the model', () => {
    const intent = garchGru.decide(view([-2.31]))
    expect(intent.reasons).toEqual(['Spread is 2.31 standard deviations below its mean; model gives 0.64 for a move back'])
    expect(intent.confidence).toBe(0.64)
  })

  test('enters nothing that the model thinks unlikely to move back, or has no opinion on', () => {
    expect(garchGru.decide(view([-2.31], { reversion: probabilityOf(0.49) }))).toMatchObject({ kind: 'hold' })
    expect(garchGru.decide(view([-2.31], { reversion: undefined }))).toMatchObject({
      kind: 'hold',
      reasons: ['Spread is 2.31 standard deviations below its mean; the model gives no forecast'],
    })
  })

  test('leaves a pair when the model has turned, at half of what an entry needs', () => {
    expect(garchGru.decide(view([-2], { position: LONG, reversion: probabilityOf(0.24) }))).toMatchObject({
      kind: 'exit',
      cause: 'model',
    })
    expect(garchGru.decide(view([-2], { position: LONG, reversion: probabilityOf(0.26) }))).toMatchObject({ kind: 'hold' })
  })
})

test('z-score is the surer the farther the spread is', () => {
  expect(zScore.decide(view([-3])).confidence).toBe(0.75)
})
