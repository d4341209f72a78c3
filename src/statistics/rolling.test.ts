import fc from 'fast-check'
import { expect, test } from 'vitest'
import { columnOf, isReferenceAbsent, readReference, WHY_ABSENT, worstError } from './reference.file.ts'
import {
  continuedZScore,
  expandingMean,
  expandingStd,
  expandingZScore,
  rollingMean,
  rollingStd,
  rollingZScore,
} from './rolling.ts'
import { rsi } from './rsi.ts'

const scaleOf = (column: Float64Array) =>
  column.reduce((most, value) => (Number.isNaN(value) ? most : Math.max(most, Math.abs(value))), 1e-300)
/** c/0 is ±∞ for pandas; here a window without variation has no z-score. */
const finite = (column: Float64Array) => column.map((value) => (Number.isFinite(value) ? value : Number.NaN))

test('rolling mean, deviation and z-score agree with exact arithmetic and with pandas', ({ skip }) => {
  skip(isReferenceAbsent, WHY_ABSENT)
  const cases = readReference('features').filter(({ name }) => name.startsWith('rolling'))
  for (const { name, input, params, expected, tags } of cases) {
    const x = columnOf(input.x)
    const window = { window: Number(params.window), minimum: Number(params.min_periods) }
    const exact = columnOf(expected.exact_std)
    expect(worstError(rollingStd(x, window), exact, 1e-9 * scaleOf(exact)), name).toBeLessThan(1e-9)
    if (tags.includes('pandas_roundoff')) continue
    const mean = columnOf(expected.mean)
    expect(worstError(rollingMean(x, window), mean, scaleOf(mean)), name).toBeLessThan(1e-9)
    const z = finite(x.map((value, t) => (value - mean[t]) / exact[t]))
    expect(worstError(rollingZScore(x, window), z), name).toBeLessThan(1e-8)
  }
  expect(cases.length).toBeGreaterThan(40)
})

test('expanding mean, deviation and z-score agree with pandas', ({ skip }) => {
  skip(isReferenceAbsent, WHY_ABSENT)
  const cases = readReference('features').filter(({ name, tags }) => name.startsWith('expanding') && tags.length === 0)
  for (const { name, input, params, expected } of cases) {
    const x = columnOf(input.x)
    const minimum = { minimum: Number(params.min_periods) }
    const [mean, std] = [columnOf(expected.mean), columnOf(expected.std)]
    expect(worstError(expandingMean(x, minimum), mean, scaleOf(mean)), name).toBeLessThan(1e-9)
    expect(worstError(expandingStd(x, minimum), std, scaleOf(std)), name).toBeLessThan(1e-8)
    expect(worstError(expandingZScore(x, minimum), finite(columnOf(expected.z))), name).toBeLessThan(1e-8)
  }
  expect(cases.length).toBeGreaterThan(20)
})

test('RSI and moving averages agree with pandas', ({ skip }) => {
  skip(isReferenceAbsent, WHY_ABSENT)
  const cases = readReference('features').filter(({ name }) => name.startsWith('ta_'))
  for (const { name, input, expected } of cases) {
    const x = columnOf(input.x)
    expect(worstError(rsi(x, { window: 14 }), columnOf(expected.rsi), 100), name).toBeLessThan(1e-8)
    const [ma5, ma20] = [columnOf(expected.ma5), columnOf(expected.ma20)]
    expect(worstError(rollingMean(x, { window: 5 }), ma5, scaleOf(ma5)), name).toBeLessThan(1e-9)
    expect(worstError(rollingMean(x, { window: 20 }), ma20, scaleOf(ma20)), name).toBeLessThan(1e-9)
  }
  expect(cases.length).toBeGreaterThan(12)
})

test('a large value leaves nothing behind once it has left the window', () => {
  const x = Float64Array.from({ length: 60 }, (_, t) => (t === 20 ? 1e15 : Math.sin(t)))
  const calm = Float64Array.from({ length: 60 }, (_, t) => Math.sin(t))
  const window = { window: 10 }
  expect(rollingStd(x, window).slice(31)).toEqual(rollingStd(calm, window).slice(31))
})

test('a window without variation has deviation 0 and no z-score', () => {
  const third = new Float64Array(30).fill(1 / 3)
  expect(rollingStd(third, { window: 7 })[20]).toBe(0)
  expect(rollingZScore(third, { window: 7 })[20]).toBeNaN()
})

test('a continued z-score is the one that is computed anew, whatever the column was before', () => {
  const value = fc.oneof(
    { weight: 4, arbitrary: fc.double({ min: -5, max: 5, noNaN: true }) },
    { weight: 1, arbitrary: fc.constant(Number.NaN) },
  )
  const column = fc.array(value, { maxLength: 30 })
  fc.assert(
    fc.property(column, column, column, fc.integer({ min: 2, max: 6 }), (shared, once, now, window) => {
      const [x, y] = [Float64Array.of(...shared, ...once), Float64Array.of(...shared, ...now)]
      const before = { x, z: rollingZScore(x, { window }) }
      expect(continuedZScore(before, y, { window })).toEqual(rollingZScore(y, { window }))
    }),
  )
})
