/**
 * The upper triangle R of A = QR, as columns: r[j][i] is R's row i, column j, zero for i > j. R′R = A′A, so with the
 * explained variable as A's last column, R holds all that a regression needs: coefficients by back-substitution, and
 * squared norms of tails of the last column as sums of squared residuals.
 * `columns`: k of [n], n >= k, finite; left as they are. Source: Golub & Van Loan (2013), Matrix Computations, 5.2.1.
 */
export function householder(columns: readonly Float64Array[]): Float64Array[] {
  const a = columns.map((column) => column.slice())
  const n = a[0].length
  for (let j = 0; j < a.length && j < n; j++) {
    const v = a[j]
    const norm = normFrom(v, j)
    if (norm === 0) continue
    const alpha = v[j] > 0 ? -norm : norm
    const pivot = v[j] - alpha
    for (let c = j + 1; c < a.length; c++) reflect(a[c], v, { from: j, pivot, scale: 1 / (alpha * pivot) })
    v[j] = alpha
  }
  return a.map((column, j) => {
    const r = new Float64Array(a.length)
    r.set(column.subarray(0, j + 1))
    return r
  })
}

/**
 * The same triangle from the cross-products g = A′A, by Cholesky; or undefined where a column keeps less than
 * `tolerance` of its squared length beside the ones before it, since squaring has then cost too many digits.
 */
export function cholesky(g: readonly Float64Array[], tolerance: number): Float64Array[] | undefined {
  const r = g.map((column) => new Float64Array(column.length))
  for (let j = 0; j < g.length; j++) {
    const column = r[j]
    let left = g[j][j]
    for (let i = 0; i < j; i++) {
      const above = r[i]
      let sum = g[j][i]
      for (let m = 0; m < i; m++) sum -= above[m] * column[m]
      column[i] = sum / above[i]
      left -= column[i] * column[i]
    }
    if (!(left > tolerance * g[j][j])) return undefined
    column[j] = Math.sqrt(left)
  }
  return r
}

type Reflection = { readonly from: number; readonly pivot: number; readonly scale: number }

function reflect(x: Float64Array, v: Float64Array, { from, pivot, scale }: Reflection): void {
  let dot = x[from] * pivot
  for (let t = from + 1; t < x.length; t++) dot += x[t] * v[t]
  const factor = dot * scale
  x[from] += factor * pivot
  for (let t = from + 1; t < x.length; t++) x[t] += factor * v[t]
}

/** Scaled, so that squares neither overflow nor vanish. */
function normFrom(v: Float64Array, from: number): number {
  let largest = 0
  for (let t = from; t < v.length; t++) largest = Math.max(largest, Math.abs(v[t]))
  if (largest === 0) return 0
  let sum = 0
  for (let t = from; t < v.length; t++) sum += (v[t] / largest) ** 2
  return largest * Math.sqrt(sum)
}
