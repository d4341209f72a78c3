import fc from 'fast-check'
import { expect, test } from 'vitest'
import { adjustPValues } from './multiple-testing.ts'

const adjustedBy = (p: Float64Array, correction: Parameters<typeof adjustPValues>[1]) => {
  const result = adjustPValues(p, correction)
  if (result.kind !== 'adjusted') throw new Error(result.kind)
  return result.adjusted
}

test('each correction is at least as strict as the weaker one, none below the p-value itself', () => {
  fc.assert(
    fc.property(fc.float64Array({ min: 0, max: 1, noNaN: true, minLength: 1, maxLength: 30 }), (p) => {
      const [strict, holm, hochberg] = (['bonferroni', 'holm', 'benjamini-hochberg'] as const).map((name) => adjustedBy(p, name))
      p.forEach((value, i) => {
        expect(strict[i] >= holm[i] && holm[i] >= hochberg[i] - 1e-15 && hochberg[i] >= value - 1e-15).toBe(true)
      })
    }),
    { numRuns: 100 },
  )
})

test('a value that is no probability is refused by every correction', () => {
  for (const correction of ['bonferroni', 'holm', 'benjamini-hochberg', 'benjamini-yekutieli'] as const) {
    expect(adjustPValues(Float64Array.of(0.1, Number.NaN), correction)).toEqual({ kind: 'not-probability', row: 1 })
    expect(adjustPValues(new Float64Array(0), correction)).toEqual({ kind: 'none' })
  }
})
