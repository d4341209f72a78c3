import fc from 'fast-check'
import { expect, test } from 'vitest'
import { randomStream } from '#domain/random.ts'
import type { PriceColumn } from '#domain/units.ts'
import { worstError } from '#statistics/reference.file.ts'
import { expandingZScore, rollingMean, rollingStd } from '#statistics/rolling.ts'
import { logReturns } from './log-returns.ts'
import { deriveFeatures, featureColumns } from './universe-features.ts'

const WINDOWS = { zScoreMinimum: 5, returnWindow: 7 }

function featuresOf(...closes: PriceColumn[]) {
  const into = featureColumns({ symbols: closes.length, rows: closes[0]?.length ?? 0 })
  deriveFeatures(closes, WINDOWS, into)
  return into
}

function walk(seed: number, rows: number): PriceColumn {
  const { normal } = randomStream(seed, 'walk')
  let level = 4
  return Float64Array.from({ length: rows }, () => {
    level += 0.02 * normal()
    return Math.exp(level)
  }) as PriceColumn
}

const withGap = (close: PriceColumn, row: number) => close.map((price, t) => (t === row ? Number.NaN : price)) as PriceColumn

test('every symbol’s columns are those that it would have alone, one statistic after the other', () => {
  const closes = [walk(1, 90), withGap(walk(2, 90), 40), walk(3, 90)]
  featuresOf(...closes).forEach(({ logClose, logReturn, zScore, returnMean, returnDeviation }, i) => {
    const returns = logReturns(closes[i])
    expect(logReturn).toEqual(returns)
    expect(worstError(logClose, closes[i].map(Math.log), 1)).toBeLessThan(1e-15)
    expect(zScore).toEqual(expandingZScore(logClose, { minimum: 5 }))
    expect(worstError(returnMean, rollingMean(returns, { window: 7 }), 1)).toBeLessThan(1e-14)
    expect(worstError(returnDeviation, rollingStd(returns, { window: 7 }), 1e-3)).toBeLessThan(1e-12)
  })
})

test('a missing close is missing in its own row, in both returns beside it and in the windows that hold one of them, and nowhere else', () => {
  const [{ logClose, logReturn, zScore, returnMean, returnDeviation }] = featuresOf(withGap(walk(1, 60), 30))
  const missingFrom = (column: Float64Array, first: number) =>
    Array.from(column.keys()).filter((t) => t >= first && Number.isNaN(column[t]))
  const touched = Array.from({ length: 8 }, (_, i) => 30 + i)
  expect(missingFrom(logClose, 0)).toEqual([30])
  expect(missingFrom(logReturn, 1)).toEqual([30, 31])
  expect(missingFrom(zScore, 4)).toEqual([30])
  expect(missingFrom(returnMean, 7)).toEqual(touched)
  expect(missingFrom(returnDeviation, 7)).toEqual(touched)
})

test('room that has been used is written over', () => {
  const into = featureColumns({ symbols: 1, rows: 50 })
  deriveFeatures([withGap(walk(1, 50), 20)], WINDOWS, into)
  deriveFeatures([walk(2, 50)], WINDOWS, into)
  expect(into).toEqual(featuresOf(walk(2, 50)))
})

test('a logarithm of a close is within a unit in the last place of the engine’s, however far prices leap', () => {
  const close = fc.oneof(
    fc.double({ min: 90, max: 110, noNaN: true }),
    fc.double({ min: 0.9, max: 1.1, noNaN: true }),
    fc.double({ min: 1e-300, max: 1e300, noNaN: true }),
  )
  fc.assert(
    fc.property(fc.array(close, { minLength: 1, maxLength: 60 }), (values) => {
      const prices = Float64Array.from(values) as PriceColumn
      const [{ logClose }] = featuresOf(prices)
      logClose.forEach((ours, t) => {
        const theirs = Math.log(prices[t])
        expect(Math.abs(ours - theirs)).toBeLessThanOrEqual(Number.EPSILON * Math.max(Math.abs(theirs), 2 ** -4))
      })
    }),
    { numRuns: 200, seed: 5 },
  )
})

test('no symbols, and no rows, have no features', () => {
  expect(featuresOf()).toEqual([])
  expect(featuresOf(walk(1, 0))[0].zScore).toHaveLength(0)
})

test('room for others, columns of other clocks and windows too small to deviate in are refused', () => {
  const room = featureColumns({ symbols: 1, rows: 20 })
  expect(() => deriveFeatures([walk(1, 20), walk(2, 20)], WINDOWS, room)).toThrow('room for 1')
  expect(() => deriveFeatures([walk(1, 19)], WINDOWS, room)).toThrow('19 rows')
  expect(() => deriveFeatures([walk(1, 20)], { ...WINDOWS, zScoreMinimum: 1 }, room)).toThrow(RangeError)
  expect(() => deriveFeatures([walk(1, 20)], { ...WINDOWS, returnWindow: 1 }, room)).toThrow(RangeError)
})
