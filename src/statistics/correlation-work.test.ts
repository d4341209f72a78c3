import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { randomStream } from '#domain/random.ts'
import { type Correlation, pearson } from './correlation.ts'
import { loadCorrelationKernel } from './correlation-kernel.file.ts'
import { instantiate, sharedMemory } from './correlation-kernel.ts'
import { layoutOf } from './correlation-layout.ts'
import { correlateColumns, readCorrelations, takePart, writeColumns } from './correlation-work.ts'
import { type Correlations, correlationOf } from './correlations.ts'

const kernel = await loadCorrelationKernel('auto')
const plain = await loadCorrelationKernel('simd')

/** Throws the first pair, in either order, that is judged otherwise than by `pearson`. */
function expectAsEachPairAlone(columns: readonly Float64Array[], found: Correlations): void {
  for (const [i, a] of columns.entries()) {
    for (const [j, b] of columns.entries()) {
      const alone = pearson(a, b)
      const together = correlationOf(found, i, j)
      if (!isSame(together, alone))
        throw new Error(`columns ${i} and ${j}: ${JSON.stringify(together)} together, ${JSON.stringify(alone)} alone`)
    }
  }
}

function isSame(together: Correlation, alone: Correlation): boolean {
  if (together.kind !== 'correlated' || alone.kind !== 'correlated') return isDeepStrictEqual(together, alone)
  const { r, observations } = together
  return Math.abs(r - alone.r) < 1e-12 && Math.abs(r) <= 1 && observations === alone.observations
}

const value = fc.double({ min: -1, max: 1, noNaN: true })
const columnOf = (rows: number) =>
  fc
    .record({
      values: fc.array(fc.oneof({ weight: 6, arbitrary: value }, { weight: 1, arbitrary: fc.constant(Number.NaN) }), {
        minLength: rows,
        maxLength: rows,
      }),
      kind: fc.constantFrom('any', 'any', 'offset', 'tiny', 'spike', 'flat', 'rounding', 'empty'),
    })
    .map(({ values, kind }) => Float64Array.from(values, (x, t) => shaped(x, t, kind)))

function shaped(x: number, t: number, kind: string): number {
  if (kind === 'offset') return x + 1e5
  if (kind === 'tiny') return x * 1e-80
  if (kind === 'spike') return t === 2 ? x * 1e9 : x
  if (kind === 'flat') return x * 0 + 0.1
  if (kind === 'rounding') return x * 1e-12 + 1e3
  return kind === 'empty' ? Number.NaN : x
}

describe.each([kernel, plain])('with the $kind kernel', (one) => {
  test('every pair of any columns is judged as alone: gaps, spikes, offsets, constants, one row, none', () => {
    const columns = fc.integer({ min: 0, max: 23 }).chain((rows) => fc.array(columnOf(rows), { maxLength: 9 }))
    fc.assert(
      fc.property(columns, (given) => expectAsEachPairAlone(given, correlateColumns(given, one))),
      { numRuns: 200 },
    )
  })

  test('so it is over several blocks of columns, and over several strips of rows', () => {
    const { normal, uniform } = randomStream(1, 'columns')
    const made = ({ count, rows, gaps }: { readonly count: number; readonly rows: number; readonly gaps: number }) => {
      const shared = Float64Array.from({ length: rows }, normal)
      return Array.from({ length: count }, () => shared.map((x) => (uniform() < gaps ? Number.NaN : 20 + x + normal())))
    }
    for (const given of [made({ count: 101, rows: 61, gaps: 0.02 }), made({ count: 7, rows: 2700, gaps: 0.3 })])
      expectAsEachPairAlone(given, correlateColumns(given, one))
  })
})

test('a column that was never observed leaves the gaps of the next one alone, in whichever order the two are centred', () => {
  const { normal, uniform } = randomStream(3, 'empty')
  const given = Array.from({ length: 3 }, (_, i) =>
    Float64Array.from({ length: 36 }, () => (i === 1 || uniform() < 0.2 ? Number.NaN : normal())),
  )
  const layout = layoutOf({ columns: 3, rows: 36, threads: 1 })
  const memory = sharedMemory(layout.bytes)
  const exports = instantiate(kernel, memory)
  const backwards = { ...exports, centre: (plan: number, column: number) => exports.centre(plan, 2 - column) }
  writeColumns(given, { memory, layout })
  takePart({ memory, layout }, { kernel: backwards, thread: 0 })
  expectAsEachPairAlone(given, readCorrelations({ memory, layout }))
})

test('what one column holds at the rows that the other lacks does not reach their coefficient', () => {
  const { normal } = randomStream(2, 'spike')
  const a = Float64Array.from({ length: 200 }, normal)
  const b = a.map((x) => x + normal())
  b[77] = Number.NaN
  const spiked = a.with(77, 1e13)
  expect(correlationOf(correlateColumns([spiked, b], kernel), 0, 1)).toEqual(pearson(a, b))
})

test('columns of different lengths are refused', () => {
  expect(() => correlateColumns([new Float64Array(3), new Float64Array(4)], kernel)).toThrow(RangeError)
})
