import { expect, test } from 'vitest'
import { randomStream } from '#domain/random.ts'
import {
  deflatedSharpe,
  deflationOf,
  expectedMaximumSharpe,
  minimumTrackRecord,
  probabilisticSharpe,
  sharpeEvidence,
  sharpeInterval,
} from './sharpe-significance.ts'

test('the interval of the Sharpe ratio holds the true one as often as it says', () => {
  const { normal } = randomStream(4, 'sharpe')
  const isHeld = Array.from({ length: 400 }, () => {
    const evidence = sharpeEvidence(Float64Array.from({ length: 120 }, () => 0.1 + normal()))
    if (evidence.kind === 'undefined') throw new Error(evidence.why)
    const { low, high } = sharpeInterval(evidence, { confidence: 0.9 })
    return low <= 0.1 && 0.1 <= high
  })
  expect(isHeld.filter(Boolean).length / 400).toBeCloseTo(0.9, 1)
})

test('a track record as long as is needed gives exactly the confidence that was asked for', () => {
  const evidence = { sharpe: 0.08, observations: 500, skewness: -0.5, kurtosis: 5 }
  const record = minimumTrackRecord(evidence, { benchmark: 0.02, confidence: 0.95 })
  if (record.kind === 'never') throw new Error(record.kind)
  expect(probabilisticSharpe({ ...evidence, observations: record.observations }, 0.02)).toBeCloseTo(0.95, 10)
  expect(minimumTrackRecord(evidence, { benchmark: 0.08, confidence: 0.95 })).toEqual({ kind: 'never' })
})

test('the more trials, the less the best of them says', () => {
  const evidence = { sharpe: 0.1, observations: 500, skewness: 0, kurtosis: 3 }
  const deflated = [1, 10, 100].map((trials) => deflatedSharpe(evidence, { trials, variance: 0.001 }))
  expect(deflated[0]).toBe(probabilisticSharpe(evidence, 0))
  expect(deflated[0] > deflated[1] && deflated[1] > deflated[2]).toBe(true)
  expect(() => expectedMaximumSharpe({ trials: 0, variance: 0.1 })).toThrow(RangeError)
})

test('the worked example of Bailey & López de Prado (2014) comes out as printed', () => {
  // A Sharpe ratio of 2.5 a year over five years of 250 days, found in 100 tries whose yearly ratios vary by ½.
  const evidence = { sharpe: 2.5 / Math.sqrt(250), observations: 1250, skewness: -3, kurtosis: 10 }
  const trials = { trials: 100, variance: 0.5 / 250 }
  expect(expectedMaximumSharpe(trials)).toBeCloseTo(0.1132, 4)
  expect(deflatedSharpe(evidence, trials)).toBeCloseTo(0.9004, 4)
  expect(deflatedSharpe(evidence, { ...trials, trials: 46 })).toBeCloseTo(0.9505, 4)
})

test('the best of several tries is deflated by their number, failed ones too, and by how far they lie apart', () => {
  const evidence = { sharpe: 0.1, observations: 500, skewness: 0, kurtosis: 3 }
  const sharpes = Float64Array.of(0.1, 0.02, -0.03)
  const three = deflationOf(evidence, { sharpes, tries: 3 })
  expect(three.probability).toBe(deflatedSharpe(evidence, { trials: 3, variance: (0.07 ** 2 + 0.01 ** 2 + 0.06 ** 2) / 2 }))
  expect(deflationOf(evidence, { sharpes, tries: 9 }).probability).toBeLessThan(three.probability)
  expect(deflationOf(evidence, { sharpes: sharpes.subarray(0, 1), tries: 1 })).toMatchObject({ expectedMaximum: 0 })
  expect(deflationOf(evidence, { sharpes: sharpes.subarray(0, 1), tries: 9 }).expectedMaximum).toBeCloseTo(
    expectedMaximumSharpe({ trials: 9, variance: 1 / 499 }),
    12,
  )
  expect(() => deflationOf(evidence, { sharpes, tries: 2 })).toThrow(RangeError)
})

test('returns without a Sharpe ratio are told apart', () => {
  const whys = [Float64Array.of(0.1), new Float64Array(5).fill(0.01), Float64Array.of(0.1, Number.NaN, 0.2)].map(sharpeEvidence)
  expect(whys).toEqual(['no-observations', 'no-variation', 'not-finite'].map((why) => ({ kind: 'undefined', why })))
})
