import { expect, test } from 'vitest'
import { randomStream } from '#domain/random.ts'
import { innerProduct } from './inner-product.ts'
import { orthonormalise, singularTriples } from './orthogonal.ts'

const columns = (count: number, units: readonly number[]) => {
  const { normal } = randomStream(9, 'columns')
  return Array.from({ length: count }, (_, j) => Float64Array.from({ length: 12 }, () => units[j] * normal()))
}

test('the triples give the columns back, their vectors orthonormal, however far apart the units', () => {
  const a = columns(3, [1, 1e8, 1e-6])
  const triples = singularTriples(a)
  triples.forEach(({ u, v }, i) => {
    triples.forEach((other, j) => {
      expect(innerProduct(v, other.v)).toBeCloseTo(i === j ? 1 : 0, 13)
      expect(innerProduct(u, other.u)).toBeCloseTo(i === j ? 1 : 0, 10)
    })
  })
  a.forEach((column, j) => {
    const back = column.map((_, t) => triples.reduce((sum, { u, v, value }) => sum + value * u[t] * v[j], 0))
    const scale = Math.sqrt(innerProduct(column, column))
    back.forEach((value, t) => {
      expect((value - column[t]) / scale).toBeCloseTo(0, 10)
    })
  })
})

test('orthonormal columns times their triangle are the columns', () => {
  const a = columns(4, [1, 1, 1, 1])
  const { q, t } = orthonormalise(a)
  q.forEach((unit, i) => {
    expect(innerProduct(unit, q[(i + 1) % 4])).toBeCloseTo(0, 14)
  })
  a[3].forEach((value, row) => {
    expect(q.reduce((sum, unit, i) => sum + unit[row] * t[3][i], 0)).toBeCloseTo(value, 13)
  })
})
