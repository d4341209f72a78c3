import { innerProduct } from './inner-product.ts'
import { leastSquares, type RankRule } from './least-squares.ts'
import { type Collinear, refusalOfSeries, type SeriesRefusal } from './refusals.ts'
import { chiSquaredTail } from './special.ts'

export type Autocorrelation =
  /** values[k]: correlation with the series k rows earlier, values[0] = 1. */
  { readonly kind: 'measured'; readonly values: Float64Array } | SeriesRefusal

/**
 * Autocorrelation at lags 0..lags about the mean, with moments over n; `isAdjusted`: over n − k.
 * `x`: [n > lags] finite, not constant, any unit. Source: Box & Jenkins (1970); checked against statsmodels 0.13.5, `acf`.
 */
export function autocorrelation(
  x: Float64Array,
  { lags, isAdjusted }: { readonly lags: number; readonly isAdjusted: boolean },
): Autocorrelation {
  const refusal = refusalOfSeries(x, Math.max(2, lags + 1))
  if (refusal) return refusal
  const n = x.length
  const centred = aboutMean(x)
  const square = innerProduct(centred, centred)
  const values = Float64Array.from({ length: lags + 1 }, (_, k) => {
    const product = innerProduct(centred.subarray(k), centred)
    return ((isAdjusted ? n / (n - k) : 1) * product) / square
  })
  return { kind: 'measured', values }
}

/**
 * How the partial autocorrelation is estimated. `moments`: from the autocorrelation by Levinson and Durbin, which
 * solves the Yule–Walker equations; `least-squares`: the last coefficient of a regression on k lags and a constant with all
 * rows that k leaves; `common-rows`: without the constant, about the series' mean, on the rows that all lags leave.
 */
export type PartialMethod = 'moments' | 'least-squares' | 'common-rows'

export type PartialOptions = {
  readonly lags: number
  readonly method: PartialMethod
  /** Over n − k instead of n. */
  readonly isAdjusted: boolean
  /** Of the regressions; `own-length` unless given: the answer does not depend on the unit of the series. */
  readonly rankRule?: RankRule
}

/**
 * Partial autocorrelation at lags 0..lags, values[0] = 1: correlation with the series k rows earlier beyond what the
 * rows between explain. `x`: [n > 2 lags] finite, not constant. `collinear`: the series repeats itself exactly.
 * Sources: Durbin (1960), Review of the International Statistical Institute 28(3), 233–244; checked against
 * statsmodels 0.13.5, `pacf`.
 */
export function partialAutocorrelation(x: Float64Array, options: PartialOptions): Autocorrelation | Collinear {
  const { lags, method, isAdjusted, rankRule = 'own-length' } = options
  const refusal = refusalOfSeries(x, 2 * lags + 2)
  if (refusal) return refusal
  if (method === 'moments') {
    const correlation = autocorrelation(x, { lags, isAdjusted })
    return correlation.kind === 'measured' ? { kind: 'measured', values: levinsonDurbin(correlation.values) } : correlation
  }
  const values = new Float64Array(lags + 1).fill(1)
  for (let k = 1; k <= lags; k++) {
    const { design, explained } = lagRegression(x, k, method === 'least-squares' ? undefined : lags)
    const { coefficients, rank } = leastSquares(design, explained, rankRule)
    if (rankRule === 'own-length' && rank < design.length) return { kind: 'collinear' }
    values[k] = (isAdjusted ? x.length / (x.length - k) : 1) * coefficients[design.length - 1]
  }
  return { kind: 'measured', values }
}

/** The regression on lags 1..k; with `commonLags`, on the rows that so many leave and about the mean. */
function lagRegression(x: Float64Array, k: number, commonLags: number | undefined) {
  const from = commonLags ?? k
  const series = commonLags === undefined ? x : aboutMean(x)
  const design = Array.from({ length: k }, (_, j) => series.subarray(from - 1 - j, x.length - 1 - j))
  if (commonLags === undefined) design.unshift(new Float64Array(x.length - from).fill(1))
  return { design, explained: series.subarray(from) }
}

function levinsonDurbin(r: Float64Array): Float64Array {
  const partial = new Float64Array(r.length)
  partial[0] = 1
  let phi = new Float64Array(r.length)
  let error = 1
  for (let k = 1; k < r.length; k++) {
    let reach = r[k]
    for (let j = 1; j < k; j++) reach -= phi[j] * r[k - j]
    partial[k] = reach / error
    const next = phi.slice()
    next[k] = partial[k]
    for (let j = 1; j < k; j++) next[j] = phi[j] - partial[k] * phi[k - j]
    phi = next
    error *= 1 - partial[k] * partial[k]
  }
  return partial
}

export type Portmanteau =
  | {
      readonly kind: 'tested'
      /** [lags] for lags 1..k together, k = 1, 2, … */
      readonly statistics: Float64Array
      /** [lags] in [0, 1]. */
      readonly pValues: Float64Array
    }
  | SeriesRefusal

/**
 * Ljung–Box test for every k up to `lags`, n (n + 2) Σ r²/(n − k); the null is no autocorrelation up to lag k.
 * `x`: [n > lags] finite, not constant. Source: Ljung & Box (1978), Biometrika 65(2), 297–303; checked against
 * statsmodels 0.13.5, `acorr_ljungbox`.
 */
export function ljungBox(x: Float64Array, { lags }: { readonly lags: number }): Portmanteau {
  return portmanteau(x, lags, (n, k) => (n * (n + 2)) / (n - k))
}

/** Box–Pierce test for every k up to `lags`, n Σ r². As `ljungBox`. Source: Box & Pierce (1970), JASA 65(332), 1509–1526. */
export function boxPierce(x: Float64Array, { lags }: { readonly lags: number }): Portmanteau {
  return portmanteau(x, lags, (n) => n)
}

function portmanteau(x: Float64Array, lags: number, weight: (n: number, k: number) => number): Portmanteau {
  const correlation = autocorrelation(x, { lags, isAdjusted: false })
  if (correlation.kind !== 'measured') return correlation
  let sum = 0
  const statistics = correlation.values.slice(1).map((r, i) => {
    sum += weight(x.length, i + 1) * r * r
    return sum
  })
  return { kind: 'tested', statistics, pValues: statistics.map((statistic, i) => chiSquaredTail(statistic, i + 1)) }
}

function aboutMean(x: Float64Array): Float64Array {
  const [origin] = x
  const mean = origin + x.reduce((sum, value) => sum + (value - origin), 0) / x.length
  return x.map((value) => value - mean)
}
