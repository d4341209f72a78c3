import fc from 'fast-check'
import { expect, test } from 'vitest'
import { randomStream } from '#domain/random.ts'
import { type Adf, adf, type LagRule } from './adf.ts'
import type { Trend } from './mackinnon.ts'
import { ols } from './ols.ts'
import { columnOf, isReferenceAbsent, type ReferenceCase, readReference, WHY_ABSENT, worstError } from './reference.file.ts'

const LOOSE = new Set(['saturated', 'ill', 'badly_scaled'])

function testOf({ input, params }: ReferenceCase): Adf {
  const lagRule: LagRule = params.autolag === null ? 'fixed' : (String(params.autolag).toLowerCase() as LagRule)
  const rules = { trend: params.regression as Trend, lagRule }
  return adf(columnOf(input.x), params.maxlag === null ? rules : { ...rules, maximumLag: Number(params.maxlag) })
}

/** In 1e-8-sized prices statsmodels' pseudo-inverse cuts the level beside t²; the same series 1e18 times larger is what counts. */
function oracleOf(one: ReferenceCase, cases: readonly ReferenceCase[]): ReferenceCase | undefined {
  if (one.name.startsWith('huge_ct')) return undefined
  return one.name.startsWith('tiny_') ? cases.find(({ name }) => name === one.name.replace('tiny_', 'huge_')) : one
}

test('statistic, lag, p-value and critical values agree with statsmodels for every trend and lag rule', ({ skip }) => {
  skip(isReferenceAbsent, WHY_ABSENT)
  const cases = readReference('adf')
  let compared = 0
  for (const one of cases) {
    const oracle = oracleOf(one, cases)
    if (one.tags.some((tag) => LOOSE.has(tag)) || oracle === undefined || oracle.name.startsWith('huge_ct')) continue
    const test_ = testOf(one)
    const { expected } = oracle
    if (expected.error !== undefined || Number.isNaN(expected.stat)) {
      expect(test_.kind, one.name).not.toBe('tested')
      continue
    }
    if (test_.kind !== 'tested') throw new Error(`${one.name} was refused: ${test_.kind}`)
    expect([test_.lag, test_.observations], one.name).toEqual([expected.usedlag, expected.nobs])
    expect(worstError([test_.tau, test_.pValue], columnOf([expected.stat, expected.pvalue])), one.name).toBeLessThan(1e-8)
    const crit = Object.values(expected.crit as Record<string, number>)
    expect(worstError(Object.values(test_.criticalValues), crit), one.name).toBeLessThan(1e-10)
    if (test_.criterion !== undefined && oracle === one)
      expect(worstError([test_.criterion], columnOf([expected.icbest])), one.name).toBeLessThan(1e-8)
    compared++
  }
  expect(compared).toBeGreaterThan(280)
})

test('cases whose numbers are rounding noise are refused or finite, never NaN', ({ skip }) => {
  skip(isReferenceAbsent, WHY_ABSENT)
  for (const one of readReference('adf').filter(({ tags }) => tags.some((tag) => LOOSE.has(tag)))) {
    const test_ = testOf(one)
    if (test_.kind === 'tested') expect(Number.isFinite(test_.tau) && test_.pValue >= 0 && test_.pValue <= 1, one.name).toBe(true)
    if (one.tags.includes('ill')) expect(test_.kind, one.name).not.toBe('tested')
  }
})

test('the statistic does not depend on the unit, nor on the level where the trend holds a constant', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e6 }), fc.constantFrom('c', 'ct', 'ctt'), (seed, trend: Trend) => {
      const { normal } = randomStream(seed, 'adf')
      const x = new Float64Array(120)
      for (let t = 1; t < x.length; t++) x[t] = 0.9 * x[t - 1] + normal()
      const [plain, scaled] = [x, x.map((value) => 1e-3 * value + 40)].map((series) => adf(series, { trend, lagRule: 'bic' }))
      if (plain.kind !== 'tested' || scaled.kind !== 'tested') throw new Error('refused')
      expect(scaled.tau).toBeCloseTo(plain.tau, 6)
    }),
    { numRuns: 40, seed: 1 },
  )
})

test('the shortcut through cross-products gives what the plain regression gives, however smooth the series', () => {
  for (const smoothness of [0, 0.9, 0.999, 0.999999]) {
    const x = smoothSeries(smoothness)
    const test_ = adf(x, { trend: 'c', lagRule: 'fixed', maximumLag: 2 })
    const rows = x.length - 3
    const change = (back: number) => Float64Array.from({ length: rows }, (_, i) => x[i + 3 - back] - x[i + 2 - back])
    const fit = ols(change(0), [x.slice(2, 2 + rows), change(1), change(2)], { intercept: true })
    if (fit.kind !== 'fitted' || test_.kind !== 'tested') throw new Error('refused')
    expect(test_.tau / (fit.coefficients[1] / fit.standardErrors[1]), `smoothness ${smoothness}`).toBeCloseTo(1, 8)
  }
})

/** A series whose changes are an autoregression: the nearer to 1, the nearer are its lags to being one another. */
function smoothSeries(smoothness: number): Float64Array {
  const { normal } = randomStream(2, 'smooth')
  let change = 1
  let level = 0
  return Float64Array.from({ length: 500 }, () => {
    change = smoothness * change + (1 - smoothness) * normal()
    level += change
    return level
  })
}

test('a series that cannot be tested is refused by name', () => {
  const rule = { trend: 'c', lagRule: 'aic' } as const
  expect(adf(new Float64Array(100).fill(5), rule)).toEqual({ kind: 'constant' })
  expect(
    adf(
      Float64Array.from({ length: 60 }, (_, t) => (t === 7 ? Number.NaN : t)),
      rule,
    ),
  ).toEqual({ kind: 'not-finite', row: 7 })
  expect(adf(Float64Array.of(1, 2, 4), rule).kind).toBe('too-short')
  expect(adf(new Float64Array(0), rule).kind).toBe('too-short')
})
