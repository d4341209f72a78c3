import fc from 'fast-check'
import { expect, test } from 'vitest'
import { rollingMoments } from './moving-moments.ts'
import { columnOf, isReferenceAbsent, readReference, WHY_ABSENT, worstError } from './reference.file.ts'
import { rollingMean, rollingStd } from './rolling.ts'

function momentsOf(x: Float64Array, window: number) {
  const into = { mean: new Float64Array(x.length), deviation: new Float64Array(x.length) }
  rollingMoments({ rows: x.length, window })(x, into)
  return into
}

test('deviations of whole windows agree with exact arithmetic', ({ skip }) => {
  skip(isReferenceAbsent, WHY_ABSENT)
  const isWhole = ({ window, min_periods }: Record<string, unknown>) => min_periods === null || window === min_periods
  const cases = readReference('features').filter(({ name, params }) => name.startsWith('rolling') && isWhole(params))
  for (const { name, input, params, expected } of cases) {
    const window = Number(params.window)
    if (window < 2) continue
    const exact = columnOf(expected.exact_std)
    const scale = exact.reduce((most, value) => (value > most ? value : most), 1e-300)
    expect(worstError(momentsOf(columnOf(input.x), window).deviation, exact, 1e-9 * scale), name).toBeLessThan(1e-9)
  }
  expect(cases.length).toBeGreaterThan(20)
})

test('they are the moments that each window has by itself, whatever level, scale and gaps', () => {
  const value = fc.oneof(
    { weight: 20, arbitrary: fc.double({ min: -1, max: 1, noNaN: true }) },
    { weight: 2, arbitrary: fc.double({ min: -1e9, max: 1e9, noNaN: true }) },
    { weight: 1, arbitrary: fc.constant(Number.NaN) },
  )
  const column = fc.array(value, { maxLength: 120 })
  const level = fc.constantFrom(0, 1, 1e6, -1e12)
  fc.assert(
    fc.property(column, level, fc.integer({ min: 2, max: 40 }), (values, offset, window) => {
      const x = Float64Array.from(values, (one) => one + offset)
      const { mean, deviation } = momentsOf(x, window)
      expect(worstError(mean, rollingMean(x, { window }), 1)).toBeLessThan(1e-10)
      expect(worstError(deviation, rollingStd(x, { window }), 1e-9)).toBeLessThan(1e-10)
    }),
    { numRuns: 300, seed: 3 },
  )
})

test('a large value leaves nothing behind once it has left the window', () => {
  const calm = Float64Array.from({ length: 60 }, (_, t) => Math.sin(t))
  const shaken = calm.map((value, t) => (t === 20 ? 1e15 : value))
  expect(momentsOf(shaken, 10).deviation.slice(30)).toEqual(momentsOf(calm, 10).deviation.slice(30))
})

test('a window without variation has deviation 0 and its value for a mean', () => {
  const { mean, deviation } = momentsOf(new Float64Array(30).fill(1 / 3), 7)
  expect([mean[6], deviation[6], mean[29], deviation[29]]).toEqual([1 / 3, 0, 1 / 3, 0])
})

test('a column shorter than the window is unknown throughout', () => {
  expect([...momentsOf(Float64Array.of(1, 2), 5).mean]).toEqual([Number.NaN, Number.NaN])
  expect(momentsOf(new Float64Array(0), 5).deviation).toHaveLength(0)
})

test('a window of one row, or of half of one, is refused', () => {
  for (const window of [1, 0, 2.5, Number.NaN]) expect(() => rollingMoments({ rows: 9, window })).toThrow(RangeError)
})
