import { expect, test } from 'vitest'
import { correlationMatrix, pearson } from './correlation.ts'
import { columnOf, isReferenceAbsent, readReference, WHY_ABSENT, worstError } from './reference.file.ts'

test('pairwise correlations agree with pandas, gaps, constants and large offsets included', ({ skip }) => {
  skip(isReferenceAbsent, WHY_ABSENT)
  const found = readReference('features').find(({ name }) => name === 'corr_pairwise_nan')
  if (found === undefined) throw new Error('the case is missing')
  const columns = (found.input.columns as unknown[]).map(columnOf)
  const expected = Float64Array.from((found.expected.corr as number[][]).flat())
  const matrix = correlationMatrix(columns)
  // pandas gives 1.0000037 between the first column and the one offset by 1e9: its own digits end there.
  const isOffset = (cell: number) => cell % 7 === 6 || cell >= 42
  const plain = expected.filter((_, cell) => !isOffset(cell))
  expect(
    worstError(
      matrix.filter((_, cell) => !isOffset(cell)),
      plain,
    ),
  ).toBeLessThan(1e-12)
  expect(worstError(matrix, expected)).toBeLessThan(2e-5)
})

test('the matrix holds what each pair gives alone', () => {
  const columns = [3, 5, 7].map((k) => Float64Array.from({ length: 50 }, (_, t) => Math.sin(k * t) + t / k))
  const matrix = correlationMatrix(columns)
  const alone = columns.flatMap((a) => columns.map((b) => pearson(a, b)))
  expect(
    worstError(
      matrix,
      alone.map((one) => (one.kind === 'correlated' ? one.r : Number.NaN)),
    ),
  ).toBeLessThan(1e-14)
})

test('a column that does not vary over the common rows has no correlation', () => {
  const flat = Float64Array.of(1, 1, 1, 4)
  const gap = Float64Array.of(3, 1, 2, Number.NaN)
  expect(pearson(flat, gap)).toEqual({ kind: 'constant' })
  expect(pearson(Float64Array.of(1, Number.NaN), gap.subarray(0, 2))).toEqual({ kind: 'too-short', observations: 1, needed: 2 })
})

test('a correlation does not depend on the unit, however small or large', () => {
  const a = Float64Array.of(1, 2, 4, 3)
  const b = Float64Array.of(2, 1, 5, 7)
  const plain = pearson(a, b)
  if (plain.kind !== 'correlated') throw new Error(plain.kind)
  for (const unit of [2 ** -350, 2 ** 350]) {
    const scaled = pearson(
      a.map((x) => x * unit),
      b.map((x) => x * unit),
    )
    expect(scaled).toEqual({ ...plain, r: expect.closeTo(plain.r, 14) })
  }
})
