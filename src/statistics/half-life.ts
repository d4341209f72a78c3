import { ols } from './ols.ts'

/** Δx[t] = intercept + slope x[t−1]. */
type Line = { readonly intercept: number; readonly slope: number }

export type HalfLife =
  | ({
      readonly kind: 'reverting'
      /** Rows until half of a deviation is gone in expectation, −ln 2 / ln(1 + b). */
      readonly bars: number
      /** The level reverted to, −a / b, in the unit of the series. */
      readonly mean: number
    } & Line)
  | ({ readonly kind: 'not-reverting' } & Line)
  | ({ readonly kind: 'overshooting' } & Line)
  | { readonly kind: 'too-short'; readonly observations: number; readonly needed: number }
  | { readonly kind: 'constant' }
  | { readonly kind: 'not-finite'; readonly row: number }

/**
 * Half-life of the deviations of a series from its mean, from Δx[t] = a + b x[t−1] + e by least squares.
 * `x`: [n >= 4], any unit. `not-reverting` where b >= 0, `overshooting` where b <= −1: each step then crosses the mean.
 * Source: the AR(1) half-life; Chan (2013), Algorithmic Trading, chapter 2.
 */
export function halfLife(x: Float64Array): HalfLife {
  const n = x.length
  if (n < 4) return { kind: 'too-short', observations: n, needed: 4 }
  if (x.every((value) => value === x[0])) return { kind: 'constant' }
  const changes = new Float64Array(n - 1)
  for (let t = 1; t < n; t++) changes[t - 1] = x[t] - x[t - 1]
  const fit = ols(changes, [x.subarray(0, n - 1)], { intercept: true })
  switch (fit.kind) {
    case 'fitted': {
      const [a, b] = fit.coefficients
      const line = { intercept: a, slope: b }
      if (b >= 0) return { kind: 'not-reverting', ...line }
      if (b <= -1) return { kind: 'overshooting', ...line }
      return { kind: 'reverting', bars: -Math.LN2 / Math.log1p(b), mean: -a / b, ...line }
    }
    case 'rank-deficient':
      return { kind: 'constant' }
    case 'constant':
      return { kind: 'not-reverting', intercept: changes[0], slope: 0 }
    case 'too-short':
    case 'not-finite':
      return fit
    default:
      return fit satisfies never
  }
}
