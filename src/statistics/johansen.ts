import { innerProduct } from './inner-product.ts'
import { type CriticalRow, type JohansenTrend, MAXIMUM_EIGENVALUE_CRITICAL, TRACE_CRITICAL } from './johansen-tables.ts'
import { orthonormalise, singularTriples } from './orthogonal.ts'
import { type Collinear, refusalOfSeries, type SeriesRefusal } from './refusals.ts'
import { householder } from './triangular.ts'

export type { JohansenTrend }

export type JohansenOptions = {
  /** What is taken out of the levels first; the differences lose their mean unless there is nothing. */
  readonly trend: JohansenTrend
  /** Lagged differences in the model. */
  readonly lags: number
}

/** The test of "at most `relations` cointegrating relations" against more (trace) or against one more (maximum). */
export type JohansenStep = {
  readonly relations: number
  readonly eigenvalue: number
  readonly trace: number
  readonly maximumEigenvalue: number
  /** At 90 %, 95 % and 99 %. */
  readonly traceCritical: CriticalRow
  readonly maximumEigenvalueCritical: CriticalRow
  /** [k] weights of the series in this relation, scaled to v′S v = 1; its sign means nothing. */
  readonly vector: Float64Array
}

export type Johansen =
  | { readonly kind: 'tested'; readonly steps: readonly JohansenStep[]; readonly observations: number }
  | SeriesRefusal
  | Collinear

const MOST_SERIES = 12
const RANK_TOLERANCE = 1e-10

/**
 * Johansen's test for how many cointegrating relations k series have. `columns`: 2 to 12 of [n] finite, none constant,
 * any unit. `collinear`: a series is a combination of others, exactly or through its lags. The steps are ordered by
 * eigenvalue, largest first. Throws RangeError for other numbers of series and for columns of different lengths.
 * Sources: Johansen (1991), Econometrica 59(6), 1551–1580; checked against statsmodels 0.13.5, `coint_johansen`.
 */
export function johansen(columns: readonly Float64Array[], { trend, lags }: JohansenOptions): Johansen {
  requireSeries(columns)
  const k = columns.length
  const needed = lags + 1 + k * (lags + 2) + 1
  for (const column of columns) {
    const refusal = refusalOfSeries(column, needed)
    if (refusal) return refusal
  }
  const levels = columns.map((column) => withoutSpan(column, polynomials(column.length, trend)))
  const differences = levels.map((level) => Float64Array.from({ length: level.length - 1 }, (_, t) => level[t + 1] - level[t]))
  const rows = differences[0].length - lags
  const common = trend === 'none' ? [] : polynomials(rows, 'constant')
  const about = (column: Float64Array) => withoutSpan(column, common)
  const lagged = differences.flatMap((difference) =>
    Array.from({ length: lags }, (_, j) => about(difference.subarray(lags - 1 - j, lags - 1 - j + rows))),
  )
  const basis = fullRankBasis(lagged)
  const changes = differences.map((difference) => withoutSpan(about(difference.subarray(lags)), basis?.q ?? []))
  const before = levels.map((level) => withoutSpan(about(level.subarray(1, 1 + rows)), basis?.q ?? []))
  const [q0, qk] = [fullRankBasis(changes), fullRankBasis(before)]
  if (basis === undefined || q0 === undefined || qk === undefined) return { kind: 'collinear' }
  return { kind: 'tested', steps: stepsOf(q0, qk, { rows, trend }), observations: rows }
}

function requireSeries(columns: readonly Float64Array[]): void {
  if (columns.length < 2 || columns.length > MOST_SERIES) {
    throw new RangeError(`Johansen's test takes 2 to ${MOST_SERIES} series, got ${columns.length}`)
  }
  const [first] = columns
  const odd = columns.find((column) => column.length !== first.length)
  if (odd) throw new RangeError(`series must be equally long: the first has ${first.length} rows, another ${odd.length}`)
}

type Basis = ReturnType<typeof orthonormalise>

/** Undefined where a column is a combination of the others. */
function fullRankBasis(columns: readonly Float64Array[]): Basis | undefined {
  if (columns.length === 0) return { q: [], t: [] }
  const r = householder(columns)
  const isFullRank = columns.every((column, j) => Math.abs(r[j][j]) > RANK_TOLERANCE * Math.sqrt(innerProduct(column, column)))
  return isFullRank ? orthonormalise(columns) : undefined
}

/** Squared canonical correlations of changes and levels are the eigenvalues; their level weights are the vectors. */
function stepsOf(changes: Basis, levels: Basis, { rows, trend }: { rows: number; trend: JohansenTrend }): JohansenStep[] {
  const k = levels.q.length
  const products = changes.q.map((change) => Float64Array.from(levels.q, (level) => innerProduct(level, change)))
  const triples = singularTriples(products)
  const eigenvalues = triples.map(({ value }) => value * value)
  return triples.map(({ u }, relations) => ({
    relations,
    eigenvalue: eigenvalues[relations],
    trace: -rows * eigenvalues.slice(relations).reduce((sum, value) => sum + Math.log1p(-value), 0),
    maximumEigenvalue: -rows * Math.log1p(-eigenvalues[relations]),
    traceCritical: TRACE_CRITICAL[trend][k - relations - 1],
    maximumEigenvalueCritical: MAXIMUM_EIGENVALUE_CRITICAL[trend][k - relations - 1],
    vector: weightsOf(levels.t, u, Math.sqrt(rows)),
  }))
}

/** T⁻¹u times `scale`. */
function weightsOf(t: readonly Float64Array[], u: Float64Array, scale: number): Float64Array {
  const weights = u.map((value) => value * scale)
  for (let j = weights.length - 1; j >= 0; j--) {
    weights[j] /= t[j][j]
    for (let i = 0; i < j; i++) weights[i] -= t[j][i] * weights[j]
  }
  return weights
}

/** Orthonormal 1 and t over `rows` rows, as many as the trend has. */
function polynomials(rows: number, trend: JohansenTrend): Float64Array[] {
  const terms = [() => 1, (t: number) => t - (rows - 1) / 2].slice(0, { none: 0, constant: 1, linear: 2 }[trend])
  return terms.map((term) => {
    const column = Float64Array.from({ length: rows }, (_, t) => term(t))
    const norm = Math.sqrt(innerProduct(column, column))
    return column.map((value) => value / norm)
  })
}

/** The part of `x` outside the span of orthonormal columns, taken out twice. */
function withoutSpan(x: Float64Array, span: readonly Float64Array[]): Float64Array {
  const left = x.slice()
  for (const unit of [...span, ...span]) {
    const along = innerProduct(unit, left)
    for (let t = 0; t < left.length; t++) left[t] -= along * unit[t]
  }
  return left
}
