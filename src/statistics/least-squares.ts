import { innerProduct } from './inner-product.ts'
import { orthonormalise, singularTriples } from './orthogonal.ts'
import { householder } from './triangular.ts'

/** The shortest of the coefficient vectors that minimise the sum of squared residuals; the only one at full rank. */
export type LeastSquares = {
  /** [k] */
  readonly coefficients: Float64Array
  /** Columns of G, [k] each, with GG′ the (generalised) inverse of X′X. */
  readonly inverseRoot: readonly Float64Array[]
  /** Columns of the design that are not combinations of others. */
  readonly rank: number
}

/**
 * When a direction counts as absent. `own-length`: a column that keeps less than 1e-12 of its length beside the others,
 * whatever the columns' units. The other two cut singular values, so that a constant is lost beside a column in large
 * units: `singular-values` below 1e-15 of the largest, as the pseudo-inverse of statsmodels does; `row-rounding` below
 * 2⁻⁵² a row, as numpy's `lstsq` does.
 */
export type RankRule = 'own-length' | 'singular-values' | 'row-rounding'

/** A column is taken for a combination of the others when less than this fraction of its length is its own. */
const RANK_TOLERANCE = 1e-12
const CUT_BELOW = 1e-15

/**
 * Least squares of y on the columns of `design`, by Householder QR, and by a complete orthogonal decomposition where
 * columns depend on one another. By `own-length` rank does not depend on the columns' units; the shortest solution does.
 * `design`: k of [n], n >= k, finite. Source: Golub & Van Loan (2013), Matrix Computations, 5.3 and 5.5.
 */
export function leastSquares(design: readonly Float64Array[], y: Float64Array, rule: RankRule = 'own-length'): LeastSquares {
  const k = design.length
  const r = householder([...design, y])
  if (rule !== 'own-length') return truncated(r, rule === 'singular-values' ? CUT_BELOW : y.length * Number.EPSILON)
  if (design.every((column, j) => isIndependent(column, r[j][j]))) {
    return { coefficients: backSubstitute(r, r[k].slice(0, k)), inverseRoot: inverseOf(r, k), rank: k }
  }
  const { columns, rank } = independentFirst(design)
  const ordered = householder([...columns.map((j) => design[j]), y])
  const { coefficients, inverseRoot } = shortest(ordered, ordered[k].slice(0, rank))
  return { coefficients: inOrder(coefficients, columns), inverseRoot: inverseRoot.map((g) => inOrder(g, columns)), rank }
}

/**
 * Largest over smallest singular value of the columns as they stand, in their units: how many times a regression by
 * singular values magnifies rounding. `design`: k of [n], n >= k, finite. Infinite where a column is a combination of others.
 */
export function conditionOf(design: readonly Float64Array[]): number {
  const triples = singularTriples(householder(design))
  return triples[0].value / triples[triples.length - 1].value
}

/** The pseudo-inverse V diag(1/σ) U′ of R, applied to what R's last column explains. */
function truncated(r: readonly Float64Array[], cutBelow: number): LeastSquares {
  const k = r.length - 1
  const triples = singularTriples(r.slice(0, k).map((column) => column.subarray(0, k)))
  const [{ value: largest }] = triples
  const kept = triples.filter(({ value }) => value > cutBelow * largest)
  const coefficients = new Float64Array(k)
  const inverseRoot = kept.map(({ value, u, v }) => {
    const along = innerProduct(u, r[k]) / value
    for (let j = 0; j < k; j++) coefficients[j] += along * v[j]
    return v.map((entry) => entry / value)
  })
  return { coefficients, inverseRoot, rank: triples.filter(({ value }) => value > k * Number.EPSILON * largest).length }
}

function isIndependent(column: Float64Array, own: number): boolean {
  return Math.abs(own) > RANK_TOLERANCE * Math.sqrt(innerProduct(column, column))
}

/** Columns that are no combination of earlier ones come first, each group in its own order. */
function independentFirst(design: readonly Float64Array[]): { readonly columns: readonly number[]; readonly rank: number } {
  const basis: number[] = []
  const dependent: number[] = []
  design.forEach((column, j) => {
    const r = householder([...basis.map((at) => design[at]), column])
    if (isIndependent(column, r[basis.length][basis.length])) basis.push(j)
    else dependent.push(j)
  })
  return { columns: [...basis, ...dependent], rank: basis.length }
}

type Solution = { readonly coefficients: Float64Array; readonly inverseRoot: readonly Float64Array[] }

/** R⁻¹, column by column. */
function inverseOf(r: readonly Float64Array[], k: number): Float64Array[] {
  return Array.from({ length: k }, (_, j) => {
    const unit = new Float64Array(k)
    unit[j] = 1
    return backSubstitute(r, unit)
  })
}

/** b = Q z with T′z = c, where the rows that R keeps, transposed, are QT. */
function shortest(r: readonly Float64Array[], explained: Float64Array): Solution {
  const rank = explained.length
  const k = r.length - 1
  const rows = Array.from({ length: rank }, (_, i) => Float64Array.from({ length: k }, (_, j) => r[j][i]))
  const { q, t } = orthonormalise(rows)
  const combined = (c: Float64Array) => {
    const z = forwardSubstitute(t, c)
    return Float64Array.from({ length: k }, (_, i) => q.reduce((sum, column, j) => sum + column[i] * z[j], 0))
  }
  const inverseRoot = rows.map((_, i) => combined(Float64Array.from({ length: rank }, (_, j) => (i === j ? 1 : 0))))
  return { coefficients: combined(explained), inverseRoot }
}

function backSubstitute(r: readonly Float64Array[], right: Float64Array): Float64Array {
  const b = right.slice()
  for (let j = b.length - 1; j >= 0; j--) {
    b[j] /= r[j][j]
    for (let i = 0; i < j; i++) b[i] -= r[j][i] * b[j]
  }
  return b
}

function forwardSubstitute(t: readonly Float64Array[], right: Float64Array): Float64Array {
  const z = right.slice()
  for (let j = 0; j < z.length; j++) {
    for (let i = 0; i < j; i++) z[j] -= t[j][i] * z[i]
    z[j] /= t[j][j]
  }
  return z
}

function inOrder(values: Float64Array, columns: readonly number[]): Float64Array {
  const ordered = new Float64Array(values.length)
  columns.forEach((column, at) => {
    ordered[column] = values[at]
  })
  return ordered
}
