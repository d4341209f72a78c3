import { expect, test } from 'vitest'
import { randomStream } from '#domain/random.ts'
import type { LagRule } from './adf.ts'
import { cointegration, type EngleGranger, engleGranger } from './engle-granger.ts'
import { columnOf, isReferenceAbsent, type ReferenceCase, readReference, WHY_ABSENT, worstError } from './reference.file.ts'

/** The pairs with a plain constant among the cases; the others are checked with the whole reference. */
function pairCases(): ReferenceCase[] {
  return readReference('coint').filter(
    ({ input, params, name }) => params.trend === 'c' && (input.y1 as unknown[]).length === 1 && name !== 'len_mismatch',
  )
}

function testOf({ input, params }: ReferenceCase): EngleGranger {
  const lagRule: LagRule = params.autolag === null ? 'fixed' : (String(params.autolag) as LagRule)
  const [x] = input.y1 as unknown[]
  return engleGranger(
    columnOf(input.y0),
    columnOf(x),
    params.maxlag === null ? { lagRule } : { lagRule, maximumLag: Number(params.maxlag) },
  )
}

test('statistic and p-value agree with statsmodels, and nothing that it cannot test is called cointegrated', ({ skip }) => {
  skip(isReferenceAbsent, WHY_ABSENT)
  const refused: string[] = []
  let compared = 0
  for (const one of pairCases()) {
    const test_ = testOf(one)
    if (test_.kind !== 'tested') {
      refused.push(`${one.name}: ${test_.kind}`)
      continue
    }
    expect(worstError([test_.tau], columnOf([one.expected.stat])), one.name).toBeLessThan(1e-8)
    expect(worstError([test_.pValue], columnOf([one.expected.pvalue]), 1e-300), one.name).toBeLessThan(1e-8)
    compared++
  }
  expect(compared).toBeGreaterThan(55)
  expect(refused).toEqual([
    'near_col_1e-3: collinear',
    'near_col_1e-9: collinear',
    'exact_col: collinear',
    'same_series: collinear',
    'const_y1: constant',
    'const_y0: constant',
    'nan: not-finite',
    'short2: too-short',
    'short8: too-short',
    'short12: too-short',
    'short20: too-short',
  ])
})

test('the residuals are y − alpha − beta x, and the hedge ratio is that of the regression', () => {
  const { normal } = randomStream(4, 'pair')
  const x = new Float64Array(300)
  for (let t = 1; t < x.length; t++) x[t] = x[t - 1] + normal()
  const y = x.map((value) => 1.5 + 0.8 * value + 0.1 * normal())
  const test_ = engleGranger(y, x)
  if (test_.kind !== 'tested') throw new Error(test_.kind)
  expect(test_.beta).toBeCloseTo(0.8, 1)
  expect(
    worstError(
      test_.residuals,
      y.map((value, t) => value - test_.alpha - test_.beta * x[t]),
    ),
  ).toBeLessThan(1e-13)
})

test('legs of different lengths are a broken contract', () => {
  expect(() => engleGranger(new Float64Array(50), new Float64Array(49))).toThrow(RangeError)
})

test('the coefficients beside a trend are those of 1, t and t² with t = 1 in the first row', () => {
  const { normal } = randomStream(6, 'trend')
  const x = Float64Array.from({ length: 200 }, normal)
  const y = x.map((value, t) => 0.7 * value + 3 + 0.5 * (t + 1) - 0.01 * (t + 1) ** 2 + normal())
  const test_ = cointegration(y, [x], { trend: 'ctt', lagRule: 'aic' })
  if (test_.kind !== 'tested') throw new Error(test_.kind)
  const [beta, constant, linear, quadratic] = test_.coefficients
  const left = y.map((value, t) => value - beta * x[t] - constant - linear * (t + 1) - quadratic * (t + 1) ** 2)
  expect(worstError(test_.residuals, left)).toBeLessThan(1e-10)
})

test('more regressors than the tables know are a broken contract', () => {
  const x = Array.from({ length: 6 }, (_, i) => Float64Array.from({ length: 50 }, randomStream(i, 'many').normal))
  expect(() => cointegration(x[0], x, { trend: 'c', lagRule: 'aic' })).toThrow(RangeError)
})
