import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { brierScore } from './classification.ts'
import { exampleWave } from './example-wave.ts'
import { isotonic, isotonicAt } from './isotonic.ts'
import { worstError } from './reference.file.ts'
import { brierParts, calibrationError, reliabilityBins } from './reliability.ts'

const judged = fc.array(
  fc.tuple(
    fc.integer({ min: 0, max: 1 }),
    fc.integer({ min: 0, max: 1000 }).map((thousandths) => thousandths / 1000),
  ),
  {
    minLength: 1,
    maxLength: 80,
  },
)

describe('isotonic regression', () => {
  test('agrees with scikit-learn, values of one x pooled', () => {
    const p = exampleWave(40, 1.3).map((value) => Math.round((0.5 + 0.4 * value) * 10) / 10)
    const noise = exampleWave(40, 0.7)
    const y = p.map((value, i) => Number(value + 0.3 * noise[i] > 0.5))
    const steps = isotonic(p, y)
    // scikit-learn 1.9.1, IsotonicRegression(out_of_bounds='clip').fit(p, y).predict(at).
    const at = [0, 0.1, 0.25, 0.33, 0.5, 0.61, 0.75, 0.9, 1]
    const expected = [0, 0, 0.04166666666666665, 0.10833333333333332, 0.16666666666666666, 0.81, 0.95, 1, 1]
    expect(
      worstError(
        at.map((x) => isotonicAt(steps, x)),
        expected,
      ),
    ).toBeLessThan(1e-12)
  })

  test('never falls, stays among the values, keeps their mean, and leaves alone what never falls', () => {
    fc.assert(
      fc.property(judged, (rows) => {
        const x = Float64Array.from(rows, ([, p]) => p)
        const y = rows.map(([label]) => label)
        const steps = isotonic(x, y)
        const fitted = x.map((value) => isotonicAt(steps, value))
        const ordered = x.toSorted().map((value) => isotonicAt(steps, value))
        expect(ordered.every((value, i) => i === 0 || value >= ordered[i - 1])).toBe(true)
        expect(ordered.every((value) => value >= Math.min(...y) && value <= Math.max(...y))).toBe(true)
        const sum = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0)
        expect(sum(fitted)).toBeCloseTo(sum(y), 9)
        const again = isotonic(x, fitted)
        expect(
          worstError(
            x.map((value) => isotonicAt(again, value)),
            fitted,
          ),
        ).toBeLessThan(1e-9)
      }),
    )
  })
})

describe('reliability', () => {
  test('the parts of the Brier score make it up, and hold the signs that they must', () => {
    fc.assert(
      fc.property(judged, fc.integer({ min: 1, max: 20 }), (rows, bins) => {
        const labels = rows.map(([label]) => label)
        const probabilities = Float64Array.from(rows, ([, p]) => p)
        const parts = brierParts(labels, probabilities, { bins })
        const brier = brierScore(labels, probabilities)
        if (parts.kind === 'undefined' || brier.kind === 'undefined') throw new Error('undefined')
        const { reliability, resolution, uncertainty, within } = parts
        expect(reliability - resolution + uncertainty + within).toBeCloseTo(brier.value, 12)
        expect(reliability >= 0 && resolution >= 0 && uncertainty <= 0.25).toBe(true)
        expect(resolution).toBeLessThanOrEqual(uncertainty + 1e-12)
        const counts = reliabilityBins(labels, probabilities, { bins }).reduce((sum, { count }) => sum + count, 0)
        expect(counts).toBe(rows.length)
        const error = calibrationError(reliabilityBins(labels, probabilities, { bins }))
        expect(error.kind === 'measured' && error.value >= 0 && error.value <= 1).toBe(true)
      }),
    )
  })

  test('nothing is added within bins where a bin holds one forecast only', () => {
    const parts = brierParts([1, 0, 1, 1], Float64Array.of(0.25, 0.25, 0.75, 0.75), { bins: 2 })
    expect(parts).toMatchObject({ kind: 'measured', reliability: 0.0625, resolution: 0.0625, uncertainty: 0.1875 })
    expect(parts.kind === 'measured' && parts.within).toBeCloseTo(0, 15)
  })

  test('a forecast that means what it says has no calibration error, a sure and wrong one has 1', () => {
    expect(calibrationError(reliabilityBins([0, 1, 0, 1], new Float64Array(4).fill(0.5), { bins: 10 }))).toEqual({
      kind: 'measured',
      value: 0,
    })
    expect(calibrationError(reliabilityBins([0, 0], Float64Array.of(1, 1), { bins: 10 }))).toEqual({ kind: 'measured', value: 1 })
    expect(calibrationError([]).kind).toBe('undefined')
    expect(brierParts([1], Float64Array.of(Number.NaN), { bins: 2 }).kind).toBe('undefined')
  })
})
