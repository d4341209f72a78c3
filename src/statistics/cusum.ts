import { kolmogorovTail } from './kolmogorov.ts'
import { recursiveResiduals } from './recursive-residuals.ts'
import type { Collinear, Constant, NotFinite, TooShort } from './refusals.ts'
import { normalCdf } from './special.ts'

export type BreakTest =
  | {
      readonly kind: 'tested'
      /** The largest distance of the path from 0, over what grows with the boundary. */
      readonly statistic: number
      /** Asymptotic, in [0, 1]; the null is that the coefficients stay. */
      readonly pValue: number
      /** The row of y at which the path is furthest: the last before the break, about, for a break of the level. */
      readonly row: number
      /** The path that is held against the boundary, one value a tested row. */
      readonly path: Float64Array
    }
  | TooShort
  | NotFinite
  | Constant
  | Collinear

/** Needed beside the coefficients: fewer errors say nothing of their variance. */
const ERRORS_NEEDED = 3

/**
 * CUSUM test of recursive residuals: Σ w / (σ √m) against ±a (1 + 2 (t − k) / m), m = n − k. a is 0.850 at 10 %, 0.948 at 5 %
 * and 1.143 at 1 %. `y`, `x[j]`: [n >= k + 3] finite, the constant among the columns of x if there is one; lagged values of y
 * may be among them. It sees breaks of the level best, and those that came early. `constant`: nothing is left to be explained.
 * Sources: Brown, Durbin & Evans (1975), JRSS B 37(2), 149–192; Krämer, Ploberger & Alt (1988), Econometrica 56(6), 1355–1369,
 * for lagged values; Zeileis (2004), Computational Statistics & Data Analysis 44(4), 577–595, for the p-value.
 */
export function recursiveCusum(y: Float64Array, x: readonly Float64Array[]): BreakTest {
  const needed = x.length + ERRORS_NEEDED
  if (y.length < needed) return { kind: 'too-short', observations: y.length, needed }
  const found = recursiveResiduals(y, x)
  if (found.kind !== 'measured') return found
  const { residuals, rows } = found
  const deviation = deviationOf(residuals)
  if (!(deviation > rounding(y))) return { kind: 'constant' }
  const m = residuals.length
  const path = cumulated(residuals, deviation * Math.sqrt(m))
  const { at, largest } = furthest(path.map((sum, i) => sum / (1 + (2 * (i + 1)) / m)))
  return { kind: 'tested', statistic: largest, pValue: lineTail(largest), row: rows[at], path }
}

/**
 * CUSUM test of the residuals of a regression with a constant: max |Σ e / (σ √n)|, σ² = Σ e² / n; 1.224 at 10 %, 1.358 at 5 %,
 * 1.628 at 1 %. `residuals`: [n >= 3] finite, without autocorrelation. It sees breaks of the level in the middle best.
 * Source: Ploberger & Krämer (1992), Econometrica 60(2), 271–285; checked against statsmodels 0.13.5, `breaks_cusumolsresid`.
 */
export function residualCusum(residuals: Float64Array): BreakTest {
  const n = residuals.length
  if (n < ERRORS_NEEDED) return { kind: 'too-short', observations: n, needed: ERRORS_NEEDED }
  const row = residuals.findIndex((value) => !Number.isFinite(value))
  if (row >= 0) return { kind: 'not-finite', row }
  const deviation = Math.sqrt(residuals.reduce((sum, e) => sum + e * e, 0) / n)
  if (deviation === 0) return { kind: 'constant' }
  const path = cumulated(residuals, deviation * Math.sqrt(n))
  const { at, largest } = furthest(path)
  return { kind: 'tested', statistic: largest, pValue: kolmogorovTail(largest), row: at, path }
}

/**
 * P(max |W(s)| / (1 + 2 s) > x) of a Brownian motion on [0, 1], by the chance of crossing either line, crossing both counted
 * off to first order; linear below 0.3, where the formula does not hold.
 * Source: Zeileis (2004), as above.
 */
function lineTail(x: number): number {
  if (x < 0.3) return 1 - 0.1464 * x
  const square = x * x
  const either = normalCdf(-3 * x) + Math.exp(-4 * square) * (normalCdf(x) - normalCdf(-5 * x))
  return Math.min(1, Math.max(0, 2 * (either - Math.exp(-16 * square) * normalCdf(-x))))
}

function cumulated(errors: Float64Array, unit: number): Float64Array {
  let sum = 0
  return errors.map((error) => {
    sum += error
    return sum / unit
  })
}

function furthest(path: Float64Array): { readonly at: number; readonly largest: number } {
  const largest = path.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  return { at: path.findIndex((value) => Math.abs(value) === largest), largest }
}

/** With m − 1, about the mean. */
function deviationOf(errors: Float64Array): number {
  const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length
  return Math.sqrt(errors.reduce((sum, error) => sum + (error - mean) ** 2, 0) / (errors.length - 1))
}

function rounding(y: Float64Array): number {
  return 64 * Number.EPSILON * y.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
}
