import { innerProduct } from './inner-product.ts'
import { cholesky, householder } from './triangular.ts'

/** A series without its trend, and its differences: difference[i] is level[i + 1] − level[i]. */
export type Differences = {
  readonly level: Float64Array
  readonly difference: Float64Array
  /** Terms of the trend that every regression carries: 1, t, t². */
  readonly trendTerms: number
}

/**
 * The regressions of Δx on the trend, the level and lags 1..k of Δx, for every k up to `lags` at once. `r` is the
 * triangle of [level, lag 1, lag 2, …, Δx], each without its trend: the tail of its last column after lag k is what
 * the later lags and the residual explain, so its squares sum to the ssr of k lags.
 */
export type LagDesign = {
  readonly rows: number
  readonly lags: number
  readonly trendTerms: number
  readonly r: readonly Float64Array[]
}

/**
 * Cross-products square the condition number. Where a column keeps less than this fraction of its squared length, their
 * digits no longer suffice for 1e-8, and the columns themselves are triangularised.
 */
const CROSS_PRODUCT_TOLERANCE = 1e-5
const RANK_TOLERANCE = 1e-12

/**
 * Takes the polynomial of the trend out of the series first. The regression's answer stays the same, since both the
 * polynomial and its differences lie in the span of the trend, and nothing large is left to cancel.
 */
export function differencesOf(x: Float64Array, trendTerms: number): Differences {
  const level = withoutTrend(x, orthonormalTrend(x.length, trendTerms))
  const difference = new Float64Array(x.length - 1)
  for (let i = 0; i < difference.length; i++) difference[i] = level[i + 1] - level[i]
  return { level, difference, trendTerms }
}

/** The regressions with up to `lags` lags on the rows that `lags` leave; undefined where the columns are collinear. */
export function lagDesign(series: Differences, lags: number): LagDesign | undefined {
  const rows = series.difference.length - lags
  const columns = lagColumns(series, lags)
  const trend = orthonormalTrend(rows, series.trendTerms)
  const g = crossProducts(columns, series.difference, trend)
  const r = (g && cholesky(g, CROSS_PRODUCT_TOLERANCE)) ?? triangleOf(columns, trend)
  return r && { rows, lags, trendTerms: series.trendTerms, r }
}

/** Coefficients of the regression with k lags, the trend's included. */
export function coefficientsWith(k: number, { trendTerms }: LagDesign): number {
  return trendTerms + 1 + k
}

/** Sum of squared residuals of the regression with k lags. */
export function ssrWith(k: number, { r, lags }: LagDesign): number {
  const explained = r[lags + 1]
  let ssr = 0
  for (let j = k + 1; j <= lags + 1; j++) ssr += explained[j] * explained[j]
  return ssr
}

/** |t| of lag k in the regression with k lags; of the level for k = 0. */
export function lastTWith(k: number, design: LagDesign): number {
  return Math.abs(design.r[design.lags + 1][k]) / residualDeviation(k, design)
}

/** t value of the level beside all lags. */
export function levelT(design: LagDesign): number {
  const { r, lags } = design
  const inverseRow = new Float64Array(lags + 1)
  let coefficient = 0
  for (let j = 0; j <= lags; j++) {
    let sum = j === 0 ? 1 : 0
    for (let i = 0; i < j; i++) sum -= inverseRow[i] * r[j][i]
    inverseRow[j] = sum / r[j][j]
    coefficient += inverseRow[j] * r[lags + 1][j]
  }
  return coefficient / (residualDeviation(lags, design) * Math.sqrt(innerProduct(inverseRow, inverseRow)))
}

function residualDeviation(k: number, design: LagDesign): number {
  return Math.sqrt(ssrWith(k, design) / (design.rows - coefficientsWith(k, design)))
}

/** Level, lag 1, lag 2, …, Δx: views of the series, one row for each row of the regression. */
function lagColumns({ level, difference }: Differences, lags: number): Float64Array[] {
  const end = difference.length
  const lagged = Array.from({ length: lags }, (_, j) => difference.subarray(lags - 1 - j, end - 1 - j))
  return [level.subarray(lags, end), ...lagged, difference.subarray(lags)]
}

/**
 * Cross-products of the columns without their trend, or undefined where too few digits are left. Lagged columns are one
 * series shifted, so that product (j + 1, k + 1) is product (j, k) with one row gained and one lost.
 */
function crossProducts(
  columns: readonly Float64Array[],
  difference: Float64Array,
  trend: readonly Float64Array[],
): Float64Array[] | undefined {
  const lags = columns.length - 2
  const [level] = columns
  const now = columns[lags + 1]
  const shifted = shiftedProducts(columns, difference)
  const g = columns.map(() => new Float64Array(columns.length))
  g[0][0] = innerProduct(level, level)
  for (let j = 1; j <= lags; j++) {
    g[j][0] = innerProduct(level, columns[j])
    for (let i = 1; i <= j; i++) g[j][i] = shifted[i][j]
    g[lags + 1][j] = shifted[0][j]
  }
  g[lags + 1][0] = innerProduct(level, now)
  g[lags + 1][lags + 1] = shifted[0][0]
  return withoutTrendProducts(g, columns, trend)
}

/** shifted[j][k], j <= k: product of the differences j and k rows back, 0 being the explained one. */
function shiftedProducts(columns: readonly Float64Array[], difference: Float64Array): Float64Array[] {
  const lags = columns.length - 2
  const now = columns[lags + 1]
  const end = difference.length
  const shifted = Array.from({ length: lags + 1 }, () => new Float64Array(lags + 1))
  shifted[0][0] = innerProduct(now, now)
  for (let k = 1; k <= lags; k++) shifted[0][k] = innerProduct(now, columns[k])
  for (let j = 1; j <= lags; j++) {
    for (let k = j; k <= lags; k++) {
      const gained = difference[lags - j] * difference[lags - k]
      const lost = difference[end - j] * difference[end - k]
      shifted[j][k] = shifted[j - 1][k - 1] + gained - lost
    }
  }
  return shifted
}

function withoutTrendProducts(
  g: Float64Array[],
  columns: readonly Float64Array[],
  trend: readonly Float64Array[],
): Float64Array[] | undefined {
  const longest = Math.max(...g.slice(1).map((column, j) => column[j + 1]))
  const lengths = g.map((column, j) => (j === 0 ? column[0] : longest))
  for (const term of trend) {
    const along = columns.map((column) => innerProduct(term, column))
    g.forEach((column, j) => {
      for (let i = 0; i <= j; i++) column[i] -= along[i] * along[j]
    })
  }
  return g.every((column, j) => column[j] > CROSS_PRODUCT_TOLERANCE * lengths[j]) ? g : undefined
}

function triangleOf(columns: readonly Float64Array[], trend: readonly Float64Array[]): Float64Array[] | undefined {
  const own = columns.map((column) => withoutTrend(withoutTrend(column, trend), trend))
  const r = householder(own)
  const isFullRank = own
    .slice(0, -1)
    .every((column, j) => Math.abs(r[j][j]) > RANK_TOLERANCE * Math.sqrt(innerProduct(column, column)))
  return isFullRank ? r : undefined
}

/** 1, t and t², as many as `terms`, orthonormal over `rows` rows. */
function orthonormalTrend(rows: number, terms: number): Float64Array[] {
  const middle = (rows - 1) / 2
  const meanSquare = (rows * rows - 1) / 12
  const polynomials = [() => 1, (u: number) => u, (u: number) => u * u - meanSquare]
  return polynomials.slice(0, terms).map((polynomial) => {
    const column = new Float64Array(rows)
    for (let t = 0; t < rows; t++) column[t] = polynomial(t - middle)
    const norm = Math.sqrt(innerProduct(column, column))
    for (let t = 0; t < rows; t++) column[t] /= norm
    return column
  })
}

/** The part of `x` outside the span of the orthonormal `trend`, term by term. */
function withoutTrend(x: Float64Array, trend: readonly Float64Array[]): Float64Array {
  const left = x.slice()
  for (const term of trend) {
    const along = innerProduct(term, left)
    for (let t = 0; t < left.length; t++) left[t] -= along * term[t]
  }
  return left
}
