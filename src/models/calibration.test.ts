import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { randomStream } from '#domain/random.ts'
import { exampleWave } from '#statistics/example-wave.ts'
import { calibrationError, reliabilityBins } from '#statistics/reliability.ts'
import { calibrated, fitCalibration } from './calibration.ts'
import { sigmoidFit } from './sigmoid-fit.ts'

/** Probabilities that say twice the log odds that are true. */
function overconfident(seed: number, n: number) {
  const random = randomStream(seed, 'calibration')
  const odds = Float64Array.from({ length: n }, () => random.normal())
  const labels = Uint8Array.from(odds, (z) => Number(random.uniform() < 1 / (1 + Math.exp(-z))))
  return { labels, probabilities: odds.map((z) => 1 / (1 + Math.exp(-2 * z))) }
}
const errorOf = (labels: Uint8Array, probabilities: Float64Array) => {
  const error = calibrationError(reliabilityBins(labels, probabilities, { bins: 10 }))
  if (error.kind === 'undefined') throw new Error(error.why)
  return error.value
}

test('the likeliest sigmoid agrees with scikit-learn', () => {
  const p = exampleWave(40, 1.3).map((value) => 0.5 + 0.4 * value)
  const rounded = p.map((value) => Math.round(value * 10) / 10)
  const noise = exampleWave(40, 0.7)
  const labels = rounded.map((value, i) => Number(value + 0.3 * noise[i] > 0.5))
  const { slope, intercept } = sigmoidFit(
    labels,
    p.map((value) => Math.log(value / (1 - value))),
  )
  // scikit-learn 1.9.1, _SigmoidCalibration().fit(logit, labels): a = −1.693989418069866, b = 0.18977477918578775, to its tolerance.
  expect(slope).toBeCloseTo(1.693989418069866, 4)
  expect(intercept).toBeCloseTo(-0.18977477918578775, 4)
})

describe.each(['platt', 'isotonic'] as const)('a %s calibration', (kind) => {
  const fit = overconfident(1, 600)
  const outcome = fitCalibration(kind, fit.labels, fit.probabilities)
  if (!outcome.ok) throw new Error(outcome.why.kind)
  const calibration = outcome.value

  test('makes probabilities that it has not seen mean what they say', () => {
    const { labels, probabilities } = overconfident(2, 2000)
    expect(errorOf(labels, calibrated(calibration, probabilities))).toBeLessThan(0.6 * errorOf(labels, probabilities))
  })

  test('never falls, stays in [0, 1], leaves NaN alone, and takes each row by itself', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 2 }), (thousandths) => {
        const column = Float64Array.from(thousandths, (of) => of / 1000)
        const ascending = calibrated(calibration, column.toSorted())
        expect(ascending.every((p, i) => p >= 0 && p <= 1 && (i === 0 || p >= ascending[i - 1]))).toBe(true)
        expect(calibrated(calibration, column.subarray(1))).toEqual(calibrated(calibration, column).subarray(1))
      }),
    )
    expect(calibrated(calibration, Float64Array.of(Number.NaN, 0, 1))[0]).toBeNaN()
  })

  test('is refused to few rows, to one class, to NaN, and to a model that ranks the wrong way round', () => {
    const why = (labels: Uint8Array, probabilities: Float64Array) => {
      const refused = fitCalibration(kind, labels, probabilities)
      return refused.ok ? 'fitted' : refused.why.kind
    }
    const { labels, probabilities } = fit
    expect(why(labels.subarray(0, 10), probabilities.subarray(0, 10))).toBe('too-few')
    expect(
      why(
        labels.map(() => 1),
        probabilities,
      ),
    ).toBe('one-class')
    expect(why(labels, probabilities.with(3, Number.NaN))).toBe('not-finite')
    const sorted = probabilities.toSorted()
    expect(
      why(
        Uint8Array.from(sorted, (_, i) => Number(i < 300)),
        sorted,
      ),
    ).toBe('reversed')
  })

  test('survives being stored as JSON', () => {
    expect(JSON.parse(JSON.stringify(calibration))).toEqual(calibration)
  })
})
