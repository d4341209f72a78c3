import { expect, test } from 'vitest'
import { benjaminiHochberg } from './benjamini-hochberg.ts'
import { columnOf, isReferenceAbsent, readReference, WHY_ABSENT, worstError } from './reference.file.ts'

test('adjusted p-values agree with statsmodels; a NaN and an empty list are refused', ({ skip }) => {
  skip(isReferenceAbsent, WHY_ABSENT)
  const cases = readReference('trading').filter(({ params }) => params.method === 'fdr_bh')
  for (const { name, input, expected, tags } of cases) {
    const result = benjaminiHochberg(columnOf(input.p))
    if (expected.error !== undefined) expect(result.kind, name).toBe('none')
    else if (tags.includes('nan')) expect(result.kind, name).toBe('not-probability')
    else if (result.kind === 'adjusted')
      expect(worstError(result.adjusted, columnOf(expected.pvals_corrected)), name).toBeLessThan(1e-14)
    else throw new Error(`${name}: ${result.kind}`)
  }
  expect(cases.length).toBeGreaterThan(12)
})

test('one strong p-value among many weak ones is weighed against all of them', () => {
  const p = new Float64Array(100).fill(0.9)
  p[40] = 0.001
  const result = benjaminiHochberg(p)
  if (result.kind !== 'adjusted') throw new Error(result.kind)
  expect(result.adjusted[40]).toBeCloseTo(0.1, 12)
})
