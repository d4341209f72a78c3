import { expect, test } from 'vitest'
import { randomStream } from '#domain/random.ts'
import { autocorrelation, boxPierce, ljungBox, partialAutocorrelation } from './autocorrelation.ts'

function autoregression(phi: number, n: number): Float64Array {
  const { normal } = randomStream(5, 'autocorrelation')
  let level = 0
  return Float64Array.from({ length: n }, () => {
    level = phi * level + normal()
    return level
  })
}

test('an autoregression of order 1 has one partial autocorrelation', () => {
  for (const method of ['moments', 'least-squares', 'common-rows'] as const) {
    const test_ = partialAutocorrelation(autoregression(0.7, 4000), { lags: 4, method, isAdjusted: false })
    if (test_.kind !== 'measured') throw new Error(test_.kind)
    expect(test_.values[1]).toBeCloseTo(0.7, 1)
    expect(Math.max(...test_.values.slice(2).map(Math.abs))).toBeLessThan(0.05)
  }
})

test('neither the unit nor the level of a series matters', () => {
  const x = autoregression(0.5, 300)
  const y = x.map((value) => 1e-9 * value + 1e-6)
  const [plain, scaled] = [x, y].map((series) =>
    partialAutocorrelation(series, { lags: 5, method: 'least-squares', isAdjusted: false }),
  )
  if (plain.kind !== 'measured' || scaled.kind !== 'measured') throw new Error('refused')
  plain.values.forEach((value, k) => {
    expect(scaled.values[k]).toBeCloseTo(value, 8)
  })
})

test('both portmanteau tests reject an autoregression and not its innovations', () => {
  for (const of of [ljungBox, boxPierce]) {
    const [dependent, independent] = [0.5, 0].map((phi) => of(autoregression(phi, 500), { lags: 3 }))
    if (dependent.kind !== 'tested' || independent.kind !== 'tested') throw new Error('refused')
    expect(dependent.pValues[2]).toBeLessThan(1e-10)
    expect(independent.pValues[2]).toBeGreaterThan(0.01)
  }
})

test('what has no autocorrelation is refused by name', () => {
  const options = { lags: 4, isAdjusted: false }
  expect(autocorrelation(new Float64Array(9).fill(2), options)).toEqual({ kind: 'constant' })
  expect(autocorrelation(Float64Array.of(1, 2, 3), options)).toEqual({ kind: 'too-short', observations: 3, needed: 5 })
  expect(autocorrelation(Float64Array.of(1, 2, Number.NaN, 4, 5), options)).toEqual({ kind: 'not-finite', row: 2 })
  const wave = Float64Array.from({ length: 40 }, (_, t) => t % 2)
  expect(partialAutocorrelation(wave, { lags: 3, method: 'least-squares', isAdjusted: false })).toEqual({ kind: 'collinear' })
})
