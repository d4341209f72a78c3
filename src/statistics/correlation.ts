import { innerProduct } from './inner-product.ts'

/** Below it a double has fewer than 53 bits. */
const SMALLEST_NORMAL = 2 ** -1022

export type Correlation =
  | { readonly kind: 'correlated'; readonly r: number; readonly observations: number }
  | { readonly kind: 'too-short'; readonly observations: number; readonly needed: number }
  | { readonly kind: 'constant' }

/**
 * Pearson's correlation over the rows at which both columns were observed, r in [−1, 1] without a unit.
 * `a`, `b`: [n], NaN where not observed; two common rows at least. `constant`: one of them does not vary there.
 */
export function pearson(a: Float64Array, b: Float64Array): Correlation {
  const { observations, meanA, meanB } = commonMeans(a, b)
  if (observations < 2) return { kind: 'too-short', observations, needed: 2 }
  let aa = 0
  let bb = 0
  let ab = 0
  for (let t = 0; t < a.length; t++) {
    const da = a[t] - meanA
    const db = b[t] - meanB
    const product = da * db
    if (Number.isNaN(product)) continue
    aa += da * da
    bb += db * db
    ab += product
  }
  if (isRounding(aa, meanA, observations) || isRounding(bb, meanB, observations)) return { kind: 'constant' }
  return { kind: 'correlated', r: clamped(ab / rootOfProduct(aa, bb)), observations }
}

/**
 * Pearson's correlation of every column with every other: [k · k], row by row, symmetric, 1 on the diagonal. A cell is
 * NaN where the two have fewer than two common rows or one does not vary over them. `columns`: k of [n], NaN where not
 * observed; columns without a gap are centred and scaled once, so that a cell is one inner product.
 */
export function correlationMatrix(columns: readonly Float64Array[]): Float64Array {
  const k = columns.length
  const matrix = new Float64Array(k * k)
  const unit = columns.map(unitColumn)
  for (let i = 0; i < k; i++) {
    for (let j = 0; j <= i; j++) {
      const [u, v] = [unit[i], unit[j]]
      const r = u && v ? (i === j ? 1 : clamped(innerProduct(u, v))) : cellOf(pearson(columns[i], columns[j]))
      matrix[i * k + j] = r
      matrix[j * k + i] = r
    }
  }
  return matrix
}

function cellOf(correlation: Correlation): number {
  return correlation.kind === 'correlated' ? correlation.r : Number.NaN
}

/** The column about its mean, of length 1; undefined where it has a gap or does not vary. */
function unitColumn(x: Float64Array): Float64Array | undefined {
  const mean = x.reduce((sum, value) => sum + value - x[0], 0) / x.length + x[0]
  const centred = x.map((value) => value - mean)
  const square = innerProduct(centred, centred)
  if (Number.isNaN(square) || isRounding(square, mean, x.length)) return undefined
  return centred.map((value) => value / Math.sqrt(square))
}

function commonMeans(a: Float64Array, b: Float64Array) {
  let observations = 0
  let sumA = 0
  let sumB = 0
  for (let t = 0; t < a.length; t++) {
    if (Number.isNaN(a[t]) || Number.isNaN(b[t])) continue
    observations++
    sumA += a[t]
    sumB += b[t]
  }
  return { observations, meanA: sumA / observations, meanB: sumB / observations }
}

/** Whether a sum of squares about the mean is no more than the rounding of the values themselves. */
function isRounding(squares: number, mean: number, observations: number): boolean {
  return squares <= observations * (8 * Number.EPSILON * mean) ** 2
}

/** √(aa·bb), root by root where the product leaves what a double holds. */
function rootOfProduct(aa: number, bb: number): number {
  const product = aa * bb
  return product > SMALLEST_NORMAL && product < Infinity ? Math.sqrt(product) : Math.sqrt(aa) * Math.sqrt(bb)
}

function clamped(r: number): number {
  return Math.max(-1, Math.min(1, r))
}
