import { expect, test } from 'vitest'
import { mackinnonCriticalValues, mackinnonPValue, type Trend } from './mackinnon.ts'
import { columnOf, isReferenceAbsent, type ReferenceCase, readReference, WHY_ABSENT, worstError } from './reference.file.ts'

const surfaceOf = ({ params }: ReferenceCase) => ({ trend: params.regression as Trend, series: Number(params.N) })
const listOf = (value: unknown) => columnOf(Array.isArray(value) ? value : [value])

test('p-values agree with statsmodels over the whole grid, down to 1e-27', ({ skip }) => {
  skip(isReferenceAbsent, WHY_ABSENT)
  const cases = readReference('mackinnon').filter(({ params }) => params.function === 'mackinnonp')
  for (const one of cases) {
    const pValues = listOf(one.input.stat ?? one.params.stat).map((tau) => mackinnonPValue(tau, surfaceOf(one)))
    expect(worstError(pValues, listOf(one.expected.pvalue), 1e-300), one.name).toBeLessThan(1e-11)
  }
  expect(cases.length).toBeGreaterThan(20)
})

test('critical values agree with statsmodels, and those that nobody tabulated are refused', ({ skip }) => {
  skip(isReferenceAbsent, WHY_ABSENT)
  const cases = readReference('mackinnon').filter(({ params }) => params.function === 'mackinnoncrit')
  for (const one of cases) {
    const values = () =>
      mackinnonCriticalValues(one.params.nobs === null ? Number.POSITIVE_INFINITY : Number(one.params.nobs), surfaceOf(one))
    if (one.expected.error !== undefined) expect(values, one.name).toThrow(RangeError)
    else expect(worstError(Object.values(values()), columnOf(one.expected.crit)), one.name).toBeLessThan(1e-12)
  }
  expect(cases.length).toBeGreaterThan(100)
})

test('more series than the p-value tables hold are refused', () => {
  expect(() => mackinnonPValue(-3, { trend: 'c', series: 7 })).toThrow(RangeError)
})
