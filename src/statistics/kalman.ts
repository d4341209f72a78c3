import type { NotFinite, TooShort } from './refusals.ts'

export type HedgeFilterOptions = {
  /** How freely the state wanders, in [0, 1): each row adds delta / (1 − delta) to both variances. */
  readonly delta: number
  /** Variance of y around the line, positive, in squared units of y. */
  readonly noise: number
  /** Variance of both states before the first row, >= 0. */
  readonly initialVariance: number
  /** Intercept and slope before the first row. */
  readonly initial: readonly [number, number]
}

export type HedgePath =
  | {
      readonly kind: 'filtered'
      /** [n] after row t was seen. */
      readonly intercept: Float64Array
      /** [n] the hedge ratio after row t was seen. */
      readonly slope: Float64Array
      /** [n] y[t] less what the rows before it said; NaN where a leg is. */
      readonly surprise: Float64Array
      /** [n] variance of that surprise, positive; NaN where a leg is. */
      readonly surpriseVariance: Float64Array
      /** [2][2] of intercept and slope after the last row, positive semi-definite. */
      readonly covariance: readonly [Float64Array, Float64Array]
      readonly logLikelihood: number
    }
  | TooShort
  | NotFinite

/**
 * Intercept and hedge ratio of y on x as a random walk, by the Kalman filter in square-root form: the covariance is kept
 * as a triangular factor, so that it cannot lose its sign however diffuse the start or large the prices.
 * `y`, `x`: [n >= 1], NaN where not observed: such a row is passed over, uncertainty as it was before it. Infinite values
 * are refused. Row t uses rows <= t. Throws RangeError for parameters outside their domain and for legs of different lengths.
 * Sources: Carlson (1973), AIAA Journal 11(9), 1259–1265, for the triangular update; Chan (2013), Algorithmic Trading,
 * chapter 3, for the model.
 */
export function filterHedge(y: Float64Array, x: Float64Array, options: HedgeFilterOptions): HedgePath {
  requireDomain(y, x, options)
  const n = y.length
  if (n === 0) return { kind: 'too-short', observations: 0, needed: 1 }
  const row = y.findIndex(
    (value, t) => Math.abs(value) === Number.POSITIVE_INFINITY || Math.abs(x[t]) === Number.POSITIVE_INFINITY,
  )
  if (row >= 0) return { kind: 'not-finite', row }
  const columns = {
    intercept: new Float64Array(n),
    slope: new Float64Array(n),
    surprise: new Float64Array(n),
    surpriseVariance: new Float64Array(n),
  }
  const wander = options.delta / (1 - options.delta)
  const start = Math.sqrt(options.initialVariance)
  let factor: Factor = { a: start, b: 0, c: start }
  let [intercept, slope] = options.initial
  let logLikelihood = 0
  for (let t = 0; t < n; t++) {
    if (t > 0) factor = widened(factor, wander)
    const surprise = y[t] - (intercept + slope * x[t])
    const update = updated(factor, x[t], options.noise)
    const isObserved = !Number.isNaN(surprise)
    if (isObserved) {
      intercept += update.gain[0] * surprise
      slope += update.gain[1] * surprise
      factor = update.factor
      logLikelihood -= 0.5 * (Math.log(2 * Math.PI * update.variance) + surprise ** 2 / update.variance)
    }
    columns.intercept[t] = intercept
    columns.slope[t] = slope
    columns.surprise[t] = surprise
    columns.surpriseVariance[t] = isObserved ? update.variance : Number.NaN
  }
  return { kind: 'filtered', ...columns, covariance: covarianceOf(factor), logLikelihood }
}

/** Lower triangle [[a, 0], [b, c]] of the covariance's Cholesky factor; signs are free. */
type Factor = { readonly a: number; readonly b: number; readonly c: number }

function requireDomain(y: Float64Array, x: Float64Array, { delta, noise, initialVariance }: HedgeFilterOptions): void {
  if (y.length !== x.length) throw new RangeError(`legs must be equally long, got ${y.length} and ${x.length} rows`)
  if (!(delta >= 0 && delta < 1)) throw new RangeError(`delta must lie in [0, 1), got ${delta}`)
  if (!(noise > 0)) throw new RangeError(`the variance of y around the line must be positive, got ${noise}`)
  if (!(initialVariance >= 0)) throw new RangeError(`the initial variance must not be negative, got ${initialVariance}`)
}

/** The factor of P + wander · I. */
function widened({ a, b, c }: Factor, wander: number): Factor {
  const first = Math.sqrt(a * a + wander)
  if (first === 0) return { a: 0, b: 0, c: Math.sqrt(b * b + c * c + wander) }
  const below = (a * b) / first
  // What is left of b's row: b² + c² + wander − (ab)²/(a² + wander), without the subtraction.
  return { a: first, b: below, c: Math.sqrt(c * c + wander + wander * (b / first) ** 2) }
}

/** The factor after one observation of intercept + slope · x, its gain and the observation's variance. */
function updated({ a, b, c }: Factor, x: number, noise: number) {
  const along = [a + b * x, c * x]
  const variance = along[0] ** 2 + along[1] ** 2 + noise
  const gain = [(a * along[0]) / variance, (b * along[0] + c * along[1]) / variance]
  // The Cholesky factor of I − φφ′/variance, multiplied from the right.
  const first = noise + along[1] ** 2
  const kept = Math.sqrt(noise / first)
  const top = Math.sqrt(first / variance)
  const factor = { a: a * top, b: b * top - (c * along[0] * along[1]) / (top * variance), c: c * kept }
  return { gain, variance, factor }
}

function covarianceOf({ a, b, c }: Factor): [Float64Array, Float64Array] {
  return [Float64Array.of(a * a, a * b), Float64Array.of(a * b, b * b + c * c)]
}
