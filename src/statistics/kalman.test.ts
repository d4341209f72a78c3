import fc from 'fast-check'
import { expect, test } from 'vitest'
import { randomStream } from '#domain/random.ts'
import { filterHedge, type HedgeFilterOptions } from './kalman.ts'
import { ols } from './ols.ts'

const STEADY: HedgeFilterOptions = { delta: 1e-4, noise: 0.01, initialVariance: 1, initial: [0, 0] }

function legs(seed: number, n: number) {
  const { normal } = randomStream(seed, 'kalman')
  let level = 20
  const x = Float64Array.from({ length: n }, () => (level += normal()))
  return { x, y: x.map((value) => 2 + 0.7 * value + 0.1 * normal()) }
}

test('with a state that stands still and no knowledge before, the last row holds the regression', () => {
  const { x, y } = legs(1, 200)
  const path = filterHedge(y, x, { delta: 0, noise: 1, initialVariance: 1e7, initial: [0, 0] })
  const fit = ols(y, [x], { intercept: true })
  if (path.kind !== 'filtered' || fit.kind !== 'fitted') throw new Error('refused')
  expect(path.intercept[199]).toBeCloseTo(fit.coefficients[0], 5)
  expect(path.slope[199]).toBeCloseTo(fit.coefficients[1], 6)
})

test('the covariance stays positive however diffuse the start and large the prices', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 12 }), fc.integer({ min: -3, max: 12 }), fc.integer(), (diffuse, size, seed) => {
      const { x, y } = legs(seed, 60)
      const unit = 10 ** size
      const options = { delta: 0, noise: 1, initialVariance: 10 ** diffuse, initial: [0, 0] } as const
      const path = filterHedge(
        y.map((v) => v * unit),
        x.map((v) => v * unit),
        options,
      )
      if (path.kind !== 'filtered') throw new Error(path.kind)
      const [[a, b], [, c]] = path.covariance
      expect(path.surpriseVariance.every((variance) => variance > 0) && a >= 0 && c >= 0).toBe(true)
      expect(a * c - b * b).toBeGreaterThanOrEqual(-1e-12 * a * c)
    }),
    { numRuns: 60, seed: 3 },
  )
})

test('a gap is passed over: the state stands and nothing is claimed of the row', () => {
  const { x, y } = legs(2, 30)
  y[10] = Number.NaN
  const path = filterHedge(y, x, STEADY)
  if (path.kind !== 'filtered') throw new Error(path.kind)
  expect([path.slope[10], path.surprise[10], path.surpriseVariance[10]]).toEqual([path.slope[9], Number.NaN, Number.NaN])
})

test('cutting the legs changes nothing before the cut', () => {
  const { x, y } = legs(3, 80)
  const [whole, part] = [80, 50].map((n) => filterHedge(y.slice(0, n), x.slice(0, n), STEADY))
  if (whole.kind !== 'filtered' || part.kind !== 'filtered') throw new Error('refused')
  expect(part.slope).toEqual(whole.slope.slice(0, 50))
})

test('what cannot be filtered is refused, and parameters outside their domain are a broken contract', () => {
  const { x, y } = legs(4, 5)
  expect(filterHedge(new Float64Array(0), new Float64Array(0), STEADY)).toEqual({ kind: 'too-short', observations: 0, needed: 1 })
  expect(filterHedge(y, x.with(3, Number.POSITIVE_INFINITY), STEADY)).toEqual({ kind: 'not-finite', row: 3 })
  for (const wrong of [{ delta: 1 }, { noise: 0 }, { initialVariance: -1 }]) {
    expect(() => filterHedge(y, x, { ...STEADY, ...wrong })).toThrow(RangeError)
  }
})
