import { expect, test } from 'vitest'
import { randomStream } from '#domain/random.ts'
import { archLm } from './arch-lm.ts'
import { hurstOfBlocks, hurstOfMoves } from './hurst.ts'
import { kpss } from './kpss.ts'
import { durbinWatson, jarqueBera, moments } from './moments.ts'

const normals = (n: number) => Float64Array.from({ length: n }, randomStream(2, 'diagnostics').normal)
const walk = (n: number) => {
  let level = 0
  return normals(n).map((step) => (level += step))
}
const constant = new Float64Array(60).fill(0.1)
const gap = walk(60).fill(Number.NaN, 7, 8)

test('every diagnostic refuses a constant, a gap and too few rows by name', () => {
  const of = [
    (x: Float64Array) => archLm(x, { lags: 2 }),
    (x: Float64Array) => kpss(x, { trend: 'c', lags: 'automatic' }),
    (x: Float64Array) => kpss(x, { trend: 'ct', lags: 'schwert' }),
    moments,
    jarqueBera,
    (x: Float64Array) => hurstOfMoves(x, { from: 1, until: 10 }),
    hurstOfBlocks,
  ]
  expect(of.map((f) => f(constant))).toEqual(of.map(() => ({ kind: 'constant' })))
  expect(of.map((f) => f(gap))).toEqual(of.map(() => ({ kind: 'not-finite', row: 7 })))
  expect(of.map((f) => f(Float64Array.of(1)).kind)).toEqual(of.map(() => 'too-short'))
})

test('an exact line leaves KPSS around a line nothing but rounding', () => {
  const line = Float64Array.from({ length: 80 }, (_, t) => 0.1 * t + 3)
  expect(kpss(line, { trend: 'ct', lags: 4 })).toEqual({ kind: 'constant' })
  expect(kpss(line, { trend: 'c', lags: 4 }).kind).toBe('tested')
})

test('KPSS tells a walk from noise, its p-value staying at the ends of the table', () => {
  const [noise, random] = [normals(400), walk(400)].map((x) => kpss(x, { trend: 'c', lags: 'automatic' }))
  expect(noise.kind === 'tested' && noise.pValue).toBe(0.1)
  expect(random.kind === 'tested' && random.pValue).toBe(0.01)
})

test('the ARCH test does not depend on the unit of the returns', () => {
  const x = normals(300)
  const [plain, ...others] = [1, 1e-9, 1e9].map((unit) =>
    archLm(
      x.map((value) => value * unit),
      { lags: 3 },
    ),
  )
  if (plain.kind !== 'tested') throw new Error(plain.kind)
  for (const other of others) expect(other.kind === 'tested' && other.statistic).toBeCloseTo(plain.statistic, 7)
})

test('a walk has a Hurst exponent of about a half by both definitions', () => {
  const x = walk(4000)
  for (const hurst of [hurstOfMoves(x, { from: 2, until: 20 }), hurstOfBlocks(x)]) {
    expect(hurst.kind === 'measured' && Math.abs(hurst.exponent - 0.5)).toBeLessThan(0.05)
  }
  expect(() => hurstOfMoves(x, { from: 3, until: 4 })).toThrow(RangeError)
})

test('residuals that alternate have a Durbin–Watson figure near 4, and residuals of zero have none', () => {
  const alternating = Float64Array.from({ length: 100 }, (_, t) => (t % 2 === 0 ? 1e-200 : -1e-200))
  const measured = durbinWatson(alternating)
  expect(measured.kind === 'measured' && measured.value).toBeCloseTo(3.96, 10)
  expect(durbinWatson(new Float64Array(5))).toEqual({ kind: 'zero' })
})
