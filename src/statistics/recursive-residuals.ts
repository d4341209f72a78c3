import type { Collinear, NotFinite, TooShort } from './refusals.ts'

export type RecursiveResiduals =
  | {
      readonly kind: 'measured'
      /**
       * [n − k] errors of forecasting each row from those before it, each over what its variance grows by; independent with
       * the variance of the regression's errors as long as its coefficients stay. Their squares sum to those of the residuals.
       */
      readonly residuals: Float64Array
      /** [n − k] the row of each. */
      readonly rows: Int32Array
    }
  | TooShort
  | NotFinite
  | Collinear

/** What is left of a regressor's value by rotations counts as nothing below this fraction of the value. */
const NOTHING = 1e-10

/**
 * Recursive residuals (y[t] − x[t]′b[t−1]) / √(1 + x[t]′(X′X)⁻¹x[t]) of y on the columns of x, row by row as they come: each
 * row is rotated into a triangular factor, and what the rotations leave of its y is the residual, so nothing is inverted. The
 * first k rows that are independent leave none. `y`, `x[j]`: [n > k] finite. `collinear`: a column is a combination of others.
 * Throws RangeError for columns of different lengths.
 * Sources: Brown, Durbin & Evans (1975), JRSS B 37(2), 149–192; Gentleman (1974), Applied Statistics 23(3), 448–454, for the
 * rotations; checked against statsmodels 0.13.5, `recursive_olsresiduals`.
 */
export function recursiveResiduals(y: Float64Array, x: readonly Float64Array[]): RecursiveResiduals {
  const refusal = refusalOf(y, x)
  if (refusal) return refusal
  const k = x.length
  const factor = Array.from({ length: k }, () => new Float64Array(k + 1))
  const residuals: number[] = []
  const rows: number[] = []
  let rank = 0
  for (let t = 0; t < y.length; t++) {
    const row = Float64Array.of(...x.map((column) => column[t]), y[t])
    if (rotateIn(factor, row)) rank++
    else {
      residuals.push(row[k])
      rows.push(t)
    }
  }
  if (rank < k) return { kind: 'collinear' }
  return { kind: 'measured', residuals: Float64Array.from(residuals), rows: Int32Array.from(rows) }
}

/** Rotates the row into the factor; true where it was taken in whole, as the first in its direction. */
function rotateIn(factor: readonly Float64Array[], row: Float64Array): boolean {
  const whole = row.slice()
  for (let j = 0; j < factor.length; j++) {
    if (Math.abs(row[j]) <= NOTHING * Math.abs(whole[j])) continue
    const own = factor[j]
    if (own[j] === 0) {
      own.set(row.subarray(j), j)
      return true
    }
    rotate(own, row, j)
  }
  return false
}

function rotate(own: Float64Array, row: Float64Array, from: number): void {
  // The sign of the length is the pivot's, so that the row's y keeps the sign of its error.
  const length = Math.sign(own[from]) * Math.hypot(own[from], row[from])
  const [c, s] = [own[from] / length, row[from] / length]
  for (let i = from; i < row.length; i++) {
    const [kept, left] = [c * own[i] + s * row[i], c * row[i] - s * own[i]]
    own[i] = kept
    row[i] = left
  }
}

function refusalOf(y: Float64Array, x: readonly Float64Array[]): TooShort | NotFinite | undefined {
  const odd = x.find((column) => column.length !== y.length)
  if (odd) throw new RangeError(`regressors must be as long as y, which has ${y.length} rows; got one of ${odd.length}`)
  if (y.length <= x.length) return { kind: 'too-short', observations: y.length, needed: x.length + 1 }
  const row = y.findIndex((value, t) => ![value, ...x.map((column) => column[t])].every(Number.isFinite))
  return row >= 0 ? { kind: 'not-finite', row } : undefined
}
