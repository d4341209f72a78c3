import { innerProduct } from './inner-product.ts'

/**
 * Orthonormal columns q and the triangle t[j][i], i <= j, with A = QT, by Gram–Schmidt done twice, which is enough.
 * `columns`: k of [n], n >= k, linearly independent. Source: Giraud, Langou & Rozložník (2005), Numerische Mathematik
 * 101(1), 87–100.
 */
export function orthonormalise(columns: readonly Float64Array[]) {
  const q: Float64Array[] = []
  const t = columns.map((column, j) => {
    const triangle = new Float64Array(columns.length)
    const left = column.slice()
    for (let pass = 0; pass < 2; pass++) {
      q.forEach((unit, i) => {
        const along = innerProduct(unit, left)
        triangle[i] += along
        for (let at = 0; at < left.length; at++) left[at] -= along * unit[at]
      })
    }
    triangle[j] = Math.sqrt(innerProduct(left, left))
    q.push(left.map((value) => value / triangle[j]))
    return triangle
  })
  return { q, t }
}

/** A = U diag(values) V′: columns of U and V side by side with their singular values, descending. */
export type SingularTriple = { readonly value: number; readonly u: Float64Array; readonly v: Float64Array }

const MOST_SWEEPS = 60

/**
 * Singular value decomposition by one-sided Jacobi rotations: small singular values keep their digits where only the
 * columns' units differ. `columns`: k of [n], n >= k. U's column is zero where the value is.
 * Source: Demmel & Veselić (1992), SIAM Journal on Matrix Analysis 13(4), 1204–1245.
 */
export function singularTriples(columns: readonly Float64Array[]): SingularTriple[] {
  const a = columns.map((column) => column.slice())
  const v = columns.map((_, j) => Float64Array.from(columns, (_, i) => (i === j ? 1 : 0)))
  for (let sweep = 0; sweep < MOST_SWEEPS && rotateAll(a, v); sweep++);
  return a
    .map((column, j) => {
      const value = Math.sqrt(innerProduct(column, column))
      return { value, u: value > 0 ? column.map((entry) => entry / value) : column, v: v[j] }
    })
    .sort((one, other) => other.value - one.value)
}

/** One sweep over all pairs of columns; whether any of them still had to be turned. */
function rotateAll(a: readonly Float64Array[], v: readonly Float64Array[]): boolean {
  let hasTurned = false
  for (let i = 0; i < a.length; i++) {
    for (let j = i + 1; j < a.length; j++) {
      const [ii, jj, ij] = [innerProduct(a[i], a[i]), innerProduct(a[j], a[j]), innerProduct(a[i], a[j])]
      if (Math.abs(ij) <= 1e-16 * Math.sqrt(ii) * Math.sqrt(jj)) continue
      hasTurned = true
      const zeta = (jj - ii) / (2 * ij)
      const tangent = (zeta < 0 ? -1 : 1) / (Math.abs(zeta) + Math.sqrt(1 + zeta * zeta))
      turn(a[i], a[j], tangent)
      turn(v[i], v[j], tangent)
    }
  }
  return hasTurned
}

function turn(x: Float64Array, y: Float64Array, tangent: number): void {
  const cosine = 1 / Math.sqrt(1 + tangent * tangent)
  const sine = cosine * tangent
  for (let t = 0; t < x.length; t++) {
    const [before, other] = [x[t], y[t]]
    x[t] = cosine * before - sine * other
    y[t] = sine * before + cosine * other
  }
}
