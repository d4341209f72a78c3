import { householder } from './triangular.ts'

type OlsFit = {
  readonly kind: 'fitted'
  /** The intercept first if there is one, then one for each regressor. */
  readonly coefficients: Float64Array
  /** In the order of the coefficients, under errors of equal variance without correlation. */
  readonly standardErrors: Float64Array
  /** [n] in the unit of y. */
  readonly residuals: Float64Array
  /** Sum of squared residuals. */
  readonly ssr: number
  /** Fraction of the variance explained; of the sum of squares where there is no intercept. */
  readonly rSquared: number
  /** Of normal errors, at the maximum. */
  readonly logLikelihood: number
  readonly aic: number
  readonly bic: number
  readonly observations: number
}

export type Ols =
  | OlsFit
  | { readonly kind: 'too-short'; readonly observations: number; readonly needed: number }
  | { readonly kind: 'not-finite'; readonly row: number }
  | { readonly kind: 'constant' }
  | { readonly kind: 'rank-deficient' }

/** A column is taken for a combination of the others when less than this fraction of its length is its own. */
const RANK_TOLERANCE = 1e-12

/**
 * Least squares of y on the columns of x, by Householder QR.
 * `y`, `x[j]`: [n] finite, n greater than the number of coefficients. `constant`: y does not vary (is zero, without an
 * intercept), so that R² has no value; `rank-deficient`: a regressor is a combination of the others. Throws RangeError
 * for columns of different lengths. Checked against statsmodels 0.13.5, `OLS`.
 * Source: Golub & Van Loan (2013), Matrix Computations, 5.3.
 */
export function ols(y: Float64Array, x: readonly Float64Array[], { intercept }: { readonly intercept: boolean }): Ols {
  const refusal = refusalOf(y, x, intercept)
  if (refusal) return refusal
  const n = y.length
  const design = intercept ? [new Float64Array(n).fill(1), ...x] : x
  const r = householder([...design, y])
  if (!hasFullRank(r, design)) return { kind: 'rank-deficient' }
  const coefficients = backSubstitute(r, design.length)
  const residuals = residualsOf(y, design, coefficients)
  const ssr = sumOfSquares(residuals, 0)
  const variance = ssr / (n - design.length)
  return {
    kind: 'fitted',
    coefficients,
    standardErrors: inverseRowNorms(r, design.length).map((norm) => norm * Math.sqrt(variance)),
    residuals,
    ssr,
    rSquared: 1 - ssr / sumOfSquares(y, intercept ? meanOf(y) : 0),
    ...informationCriteria(ssr, n, design.length),
    observations: n,
  }
}

/** Gaussian log-likelihood at the maximum, and the criteria with one unit for each of `parameters` coefficients. */
export function informationCriteria(ssr: number, n: number, parameters: number) {
  const logLikelihood = (-n / 2) * (Math.log(2 * Math.PI) + Math.log(ssr / n) + 1)
  return { logLikelihood, aic: -2 * logLikelihood + 2 * parameters, bic: -2 * logLikelihood + Math.log(n) * parameters }
}

function refusalOf(y: Float64Array, x: readonly Float64Array[], intercept: boolean): Exclude<Ols, OlsFit> | undefined {
  const n = y.length
  const odd = x.find((column) => column.length !== n)
  if (odd) throw new RangeError(`regressors must be as long as y, which has ${n} rows; got one of ${odd.length}`)
  const parameters = x.length + (intercept ? 1 : 0)
  if (n <= parameters) return { kind: 'too-short', observations: n, needed: parameters + 1 }
  for (const column of [y, ...x]) {
    const row = column.findIndex((value) => !Number.isFinite(value))
    if (row >= 0) return { kind: 'not-finite', row }
  }
  const still = intercept ? y[0] : 0
  return y.every((value) => value === still) ? { kind: 'constant' } : undefined
}

function hasFullRank(r: readonly Float64Array[], design: readonly Float64Array[]): boolean {
  return design.every((column, j) => Math.abs(r[j][j]) > RANK_TOLERANCE * Math.sqrt(sumOfSquares(column, 0)))
}

function backSubstitute(r: readonly Float64Array[], k: number): Float64Array {
  const b = r[k].slice(0, k)
  for (let j = k - 1; j >= 0; j--) {
    b[j] /= r[j][j]
    for (let i = 0; i < j; i++) b[i] -= r[j][i] * b[j]
  }
  return b
}

function residualsOf(y: Float64Array, design: readonly Float64Array[], b: Float64Array): Float64Array {
  const e = y.slice()
  design.forEach((column, j) => {
    for (let t = 0; t < e.length; t++) e[t] -= b[j] * column[t]
  })
  return e
}

/** Norms of the rows of R⁻¹, the square roots of the diagonal of (X′X)⁻¹. */
function inverseRowNorms(r: readonly Float64Array[], k: number): Float64Array {
  const squares = new Float64Array(k)
  for (let j = 0; j < k; j++) {
    const column = new Float64Array(k)
    column[j] = 1
    for (let i = j; i >= 0; i--) {
      column[i] /= r[i][i]
      for (let above = 0; above < i; above++) column[above] -= r[i][above] * column[i]
      squares[i] += column[i] * column[i]
    }
  }
  return squares.map(Math.sqrt)
}

function meanOf(x: Float64Array): number {
  return x.reduce((sum, value) => sum + value, 0) / x.length
}

function sumOfSquares(x: Float64Array, about: number): number {
  let sum = 0
  for (let t = 0; t < x.length; t++) sum += (x[t] - about) * (x[t] - about)
  return sum
}
