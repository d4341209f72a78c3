import { leastSquares, type RankRule } from './least-squares.ts'
import { fTail, twoSidedStudent } from './special.ts'

export type Regression = {
  /** The intercept first if there is one, then one for each regressor. */
  readonly coefficients: Float64Array
  /** In the order of the coefficients, under errors of equal variance without correlation. */
  readonly standardErrors: Float64Array
  /** [k][k] in the order of the coefficients. */
  readonly covariance: readonly Float64Array[]
  /** [n] in the unit of y. */
  readonly residuals: Float64Array
  /** Sum of squared residuals. */
  readonly ssr: number
  /** Sum of squares of y, about its mean where a combination of the regressors is constant. */
  readonly totalSquares: number
  /** Fraction of the variance explained; of the sum of squares where no combination of the regressors is constant. */
  readonly rSquared: number
  /** The same with variances instead of sums of squares. */
  readonly adjustedRSquared: number
  /** Of normal errors, at the maximum. */
  readonly logLikelihood: number
  readonly aic: number
  readonly bic: number
  readonly observations: number
  /** Regressors, the intercept included, that are not combinations of others. */
  readonly rank: number
  /** Whether a combination of the regressors is constant, as the intercept is. */
  readonly hasConstant: boolean
}

/**
 * `rank-deficient` carries the shortest of the coefficient vectors that fit equally well: the fitted values are as good
 * as any, but no single coefficient means anything.
 */
export type Ols = ({ readonly kind: 'fitted' } & Regression) | ({ readonly kind: 'rank-deficient' } & Regression) | OlsRefusal

export type OlsOptions = {
  readonly intercept: boolean
  /** `own-length` unless given: the answer does not depend on the regressors' units. */
  readonly rankRule?: RankRule
}

type OlsRefusal =
  | { readonly kind: 'too-short'; readonly observations: number; readonly needed: number }
  | { readonly kind: 'not-finite'; readonly row: number }
  | { readonly kind: 'constant' }

/**
 * Least squares of y on the columns of x, by Householder QR.
 * `y`, `x[j]`: [n] finite, n greater than the number of coefficients. `constant`: y does not vary (is zero, without an
 * intercept), so that R² has no value; `rank-deficient`: a regressor is a combination of the others. Throws RangeError
 * for columns of different lengths, and for none. Checked against statsmodels 0.13.5, `OLS`.
 * Source: Golub & Van Loan (2013), Matrix Computations, 5.3.
 */
export function ols(y: Float64Array, x: readonly Float64Array[], { intercept, rankRule }: OlsOptions): Ols {
  const refusal = refusalOf(y, x, intercept)
  if (refusal) return refusal
  const n = y.length
  const design = intercept ? [new Float64Array(n).fill(1), ...x] : x
  const { coefficients, inverseRoot, rank } = leastSquares(design, y, rankRule)
  const residuals = residualsOf(y, design, coefficients)
  const ssr = sumOfSquares(residuals, 0)
  const hasConstant = intercept || spansConstant(design)
  const totalSquares = sumOfSquares(y, hasConstant ? meanOf(y) : 0)
  const rSquared = 1 - ssr / totalSquares
  const covariance = covarianceOf(inverseRoot, ssr / (n - rank))
  return {
    kind: rank === design.length ? 'fitted' : 'rank-deficient',
    coefficients,
    standardErrors: Float64Array.from(covariance, (row, j) => Math.sqrt(row[j])),
    covariance,
    residuals,
    ssr,
    totalSquares,
    rSquared,
    adjustedRSquared: 1 - ((n - (hasConstant ? 1 : 0)) / (n - rank)) * (1 - rSquared),
    ...informationCriteria(ssr, n, rank),
    observations: n,
    rank,
    hasConstant,
  }
}

/** Gaussian log-likelihood at the maximum, and the criteria with one unit for each of `parameters` coefficients. */
export function informationCriteria(ssr: number, n: number, parameters: number) {
  const logLikelihood = (-n / 2) * (Math.log(2 * Math.PI) + Math.log(ssr / n) + 1)
  return { logLikelihood, aic: -2 * logLikelihood + 2 * parameters, bic: -2 * logLikelihood + Math.log(n) * parameters }
}

/** t value of every coefficient and its two-sided p-value in [0, 1] under normal errors, in the order of the coefficients. */
export function coefficientTests({ coefficients, standardErrors, observations, rank }: Regression) {
  const t = coefficients.map((b, j) => b / standardErrors[j])
  return { t, pValues: t.map((value) => twoSidedStudent(value, observations - rank)) }
}

/**
 * F value of all regressors but the constant together, and its p-value in [0, 1] under normal errors; undefined where
 * there is no regressor beside the constant.
 */
export function jointTest({ ssr, totalSquares, observations, rank, hasConstant }: Regression) {
  const df1 = rank - (hasConstant ? 1 : 0)
  const df2 = observations - rank
  if (df1 === 0) return undefined
  const f = (totalSquares - ssr) / df1 / (ssr / df2)
  return { f, pValue: fTail(f, { df1, df2 }) }
}

function refusalOf(y: Float64Array, x: readonly Float64Array[], intercept: boolean): OlsRefusal | undefined {
  const n = y.length
  const odd = x.find((column) => column.length !== n)
  if (odd) throw new RangeError(`regressors must be as long as y, which has ${n} rows; got one of ${odd.length}`)
  const parameters = x.length + (intercept ? 1 : 0)
  if (parameters === 0) throw new RangeError('a regression needs a regressor or an intercept')
  if (n <= parameters) return { kind: 'too-short', observations: n, needed: parameters + 1 }
  for (const column of [y, ...x]) {
    const row = firstNotFinite(column)
    if (row >= 0) return { kind: 'not-finite', row }
  }
  return isEverywhere(intercept ? y[0] : 0, y) ? { kind: 'constant' } : undefined
}

/** −1 where every value is finite. A plain loop: this is looked at once for each of a universe's pairs. */
function firstNotFinite(column: Float64Array): number {
  for (let t = 0; t < column.length; t++) if (!Number.isFinite(column[t])) return t
  return -1
}

function isEverywhere(value: number, column: Float64Array): boolean {
  for (let t = 0; t < column.length; t++) if (column[t] !== value) return false
  return true
}

function residualsOf(y: Float64Array, design: readonly Float64Array[], b: Float64Array): Float64Array {
  const e = y.slice()
  design.forEach((column, j) => {
    for (let t = 0; t < e.length; t++) e[t] -= b[j] * column[t]
  })
  return e
}

function spansConstant(design: readonly Float64Array[]): boolean {
  const [first] = design
  if (first === undefined) return false
  return leastSquares([...design, new Float64Array(first.length).fill(1)], first).rank <= design.length
}

function covarianceOf(inverseRoot: readonly Float64Array[], variance: number): Float64Array[] {
  const [{ length: k }] = inverseRoot
  return Array.from({ length: k }, (_, i) =>
    Float64Array.from({ length: k }, (_, j) => variance * inverseRoot.reduce((sum, g) => sum + g[i] * g[j], 0)),
  )
}

function meanOf(x: Float64Array): number {
  let sum = 0
  for (let t = 0; t < x.length; t++) sum += x[t]
  return sum / x.length
}

function sumOfSquares(x: Float64Array, about: number): number {
  let sum = 0
  for (let t = 0; t < x.length; t++) sum += (x[t] - about) * (x[t] - about)
  return sum
}
