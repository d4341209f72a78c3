import { expect, test } from 'vitest'
import { halfLife } from './half-life.ts'
import { columnOf, isReferenceAbsent, readReference, WHY_ABSENT, worstError } from './reference.file.ts'

test('half-life and mean agree with the AR(1) regression of the reference', ({ skip }) => {
  skip(isReferenceAbsent, WHY_ABSENT)
  const cases = readReference('diagnostics').filter(({ name, tags }) => name.startsWith('half_life') && !tags.includes('ill'))
  for (const { name, input, expected } of cases) {
    const life = halfLife(columnOf(input.x))
    if (life.kind !== 'reverting') throw new Error(`${name}: ${life.kind}`)
    expect(worstError([life.bars, life.mean], columnOf([expected.half_life_ar1, expected.mean]), 1e-300), name).toBeLessThan(1e-8)
  }
  expect(cases.length).toBeGreaterThan(9)
})

test('a series that does not revert has no half-life', () => {
  expect(halfLife(Float64Array.from({ length: 40 }, (_, t) => 1.1 ** t))).toMatchObject({ kind: 'not-reverting' })
  expect(halfLife(Float64Array.from({ length: 40 }, (_, t) => t))).toMatchObject({ kind: 'not-reverting' })
  expect(halfLife(Float64Array.from({ length: 40 }, (_, t) => (-1.05) ** t))).toMatchObject({ kind: 'overshooting' })
  expect(halfLife(new Float64Array(40).fill(2))).toEqual({ kind: 'constant' })
  expect(halfLife(Float64Array.of(1, 2, 1)).kind).toBe('too-short')
  expect(halfLife(Float64Array.of(1, 2, Number.NaN, 1, 2, 1)).kind).toBe('not-finite')
})
