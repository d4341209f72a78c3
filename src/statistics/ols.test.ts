import { expect, test } from 'vitest'
import { ols } from './ols.ts'
import { columnOf, isReferenceAbsent, readReference, WHY_ABSENT, worstError } from './reference.file.ts'

const LOOSE = new Set(['ill', 'nan', 'residual_cancellation'])

test('coefficients, errors, residuals and criteria agree with statsmodels', ({ skip }) => {
  skip(isReferenceAbsent, WHY_ABSENT)
  const cases = readReference('ols').filter(({ tags }) => !tags.some((tag) => LOOSE.has(tag)))
  for (const { name, input, params, expected } of cases) {
    const fit = ols(columnOf(input.y), (input.X as unknown[]).map(columnOf), { intercept: params.intercept === true })
    if (fit.kind !== 'fitted') throw new Error(`${name} was refused: ${fit.kind}`)
    expect(worstError(fit.coefficients, columnOf(expected.params), 1e-300), name).toBeLessThan(1e-8)
    expect(worstError(fit.standardErrors, columnOf(expected.bse), 1e-300), name).toBeLessThan(1e-8)
    const ours = [fit.ssr, fit.rSquared, fit.logLikelihood, fit.aic, fit.bic]
    const theirs = columnOf(['ssr', 'rsquared', 'llf', 'aic', 'bic'].map((key) => expected[key]))
    expect(worstError(ours, theirs, 1e-300), name).toBeLessThan(1e-8)
    if (expected.resid !== undefined) {
      const residuals = columnOf(expected.resid)
      const scale = Math.sqrt(fit.ssr / fit.observations)
      expect(worstError(fit.residuals, residuals, scale), name).toBeLessThan(1e-8)
    }
  }
  expect(cases.length).toBeGreaterThan(15)
})

test('regressors that depend on one another get the shortest coefficients, as the pseudo-inverse gives them', ({ skip }) => {
  skip(isReferenceAbsent, WHY_ABSENT)
  const cases = readReference('ols').filter(({ tags }) => tags.includes('rank_deficient'))
  for (const { name, input, expected } of cases) {
    const fit = ols(columnOf(input.y), (input.X as unknown[]).map(columnOf), { intercept: true })
    if (fit.kind !== 'rank-deficient') throw new Error(`${name}: ${fit.kind}`)
    expect(fit.rank, name).toBe(expected.rank)
    expect(worstError(fit.coefficients, columnOf(expected.params), 1e-300), name).toBeLessThan(1e-10)
    expect(worstError(fit.standardErrors, columnOf(expected.bse), 1e-300), name).toBeLessThan(1e-10)
  }
  expect(cases).toHaveLength(2)
})

test('what has no answer is refused by name', () => {
  const x = Float64Array.of(1, 2, 3, 5, 8)
  const y = Float64Array.of(2, 1, 4, 3, 5)
  expect(ols(y, [x, x.map((v) => 2 * v - 1)], { intercept: true })).toMatchObject({ kind: 'rank-deficient', rank: 2 })
  expect(ols(y, [x, x.map((v) => v / 3 + 0.1)], { intercept: true })).toMatchObject({ kind: 'rank-deficient', rank: 2 })
  expect(ols(y, [new Float64Array(5).fill(3)], { intercept: true })).toMatchObject({ kind: 'rank-deficient', rank: 1 })
  expect(ols(new Float64Array(5).fill(3), [x], { intercept: true })).toEqual({ kind: 'constant' })
  expect(ols(y.subarray(0, 2), [x.subarray(0, 2)], { intercept: true })).toEqual({
    kind: 'too-short',
    observations: 2,
    needed: 3,
  })
  expect(ols(Float64Array.of(2, 1, Number.NaN, 3, 5), [x], { intercept: true })).toEqual({ kind: 'not-finite', row: 2 })
  expect(() => ols(y, [x.subarray(1)], { intercept: true })).toThrow(RangeError)
})
