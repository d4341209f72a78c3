import { incompleteBeta, logBeta } from './special-beta.ts'
import { upperGamma } from './special-gamma.ts'

/*
 * The distribution functions behind every p-value. They keep 10 digits and more in both tails as long as the answer is a
 * normal number (above 1e-307), answer NaN for NaN, and throw RangeError outside their domain.
 */

/**
 * Complementary error function, (2/√π) ∫ₓ^∞ e^(−t²) dt, in [0, 2], to about 1e-14 relative in both tails; NaN for NaN.
 * Source: Abramowitz & Stegun (1964) 7.1.6 (series, every term positive) and 7.1.14 (continued fraction).
 */
export function erfc(x: number): number {
  if (x < 0) return 2 - erfc(-x)
  if (x < 1.5) return 1 - erfSeries(x)
  return x > 27.3 ? 0 : (gaussian(x) / Math.sqrt(Math.PI)) * erfcFraction(x)
}

/** Standard normal distribution function, in [0, 1], accurate in the lower tail down to 1e-307; NaN for NaN. */
export function normalCdf(x: number): number {
  return 0.5 * erfc(-x * Math.SQRT1_2)
}

/** Logarithm of the standard normal distribution function, finite far beyond where the function itself is 0. */
export function logNormalCdf(x: number): number {
  if (x > 0) return Math.log1p(-normalCdf(-x))
  const z = -x * Math.SQRT1_2
  return z < 1.5 ? Math.log(normalCdf(x)) : Math.log(erfcFraction(z) / (2 * Math.sqrt(Math.PI))) - z * z
}

/**
 * The x with normalCdf(x) = p, for p in [0, 1]: −∞ at 0, ∞ at 1. Newton's method on ln Φ, which is concave, so that it
 * climbs without overshooting from a bound below the answer (Φ(x) ≤ ½ e^(−x²/2) for x ≤ 0).
 */
export function normalQuantile(p: number): number {
  requireProbability(p)
  if (p > 0.5) return -normalQuantile(1 - p)
  if (p === 0) return Number.NEGATIVE_INFINITY
  const target = Math.log(p)
  let x = -Math.sqrt(Math.max(0, -2 * Math.log(2 * p)))
  for (let round = 0; round < 50; round++) {
    const logCdf = logNormalCdf(x)
    const hazard = Math.exp(-0.5 * x * x - logCdf) / Math.sqrt(2 * Math.PI)
    const step = (target - logCdf) / hazard
    x += step
    if (Math.abs(step) <= 1e-15 * Math.abs(x)) break
  }
  return x
}

/** P(X > x) of the chi-squared distribution with `df` > 0 degrees of freedom; 1 for x <= 0. */
export function chiSquaredTail(x: number, df: number): number {
  return x <= 0 ? 1 : upperGamma(df / 2, x / 2)
}

/** P(X > x) of Snedecor's F with positive degrees of freedom; 1 for x <= 0. */
export function fTail(x: number, { df1, df2 }: { readonly df1: number; readonly df2: number }): number {
  if (x <= 0) return 1
  if (x === Number.POSITIVE_INFINITY) return 0
  const whole = df2 + df1 * x
  return incompleteBeta(df2 / whole, { a: df2 / 2, b: df1 / 2, rest: (df1 * x) / whole })
}

/** P(X > x) of Student's t with `df` > 0 degrees of freedom, not scaled to unit variance. */
export function studentTail(x: number, df: number): number {
  if (x < 0) return 1 - studentTail(-x, df)
  return 0.5 * fTail(x * x, { df1: 1, df2: df })
}

/** P(|X| > |t|) of Student's t with `df` > 0 degrees of freedom. */
export function twoSidedStudent(t: number, df: number): number {
  return 2 * studentTail(Math.abs(t), df)
}

/**
 * The x with P(X <= x) = p of Student's t with `df` > 0 degrees of freedom: −∞ at 0, ∞ at 1. Newton's method on the
 * logarithm of the tail against ln x, from the normal quantile: the two bend one way and are nearly straight in the tail.
 */
export function studentQuantile(p: number, df: number): number {
  requireProbability(p)
  if (p > 0.5) return -studentQuantile(1 - p, df)
  if (p === 0) return Number.NEGATIVE_INFINITY
  if (p === 0.5) return 0
  let x = Math.max(-normalQuantile(p), Number.EPSILON)
  const target = Math.log(p)
  for (let round = 0; round < 100; round++) {
    const tail = studentTail(x, df)
    const step = ((Math.log(tail) - target) * tail) / (x * studentDensity(x, df))
    x *= Math.exp(step)
    if (x > LARGEST_SQUARE) return Number.NEGATIVE_INFINITY
    if (Math.abs(step) <= 1e-15) break
  }
  return -x
}

function requireProbability(p: number): void {
  if (p < 0 || p > 1) throw new RangeError(`a probability must lie in [0, 1], got ${p}`)
}

/** Beyond it a square is no finite number. */
const LARGEST_SQUARE = 1e154

/** By the slope of the incomplete beta function: Γ((df+1)/2) / (√(df π) Γ(df/2)) · (1 + x²/df)^(−(df+1)/2). */
function studentDensity(x: number, df: number): number {
  return Math.exp(-0.5 * (df + 1) * Math.log1p((x * x) / df) - logBeta(df / 2, 0.5)) / Math.sqrt(df)
}

function erfSeries(x: number): number {
  let term = x
  let sum = x
  for (let n = 1; term > sum * 1e-17; n++) {
    term *= (2 * x * x) / (2 * n + 1)
    sum += term
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum
}

/** e^(−x²) with x² split exactly, since rounding x² alone would cost x² units in the last place. */
function gaussian(x: number): number {
  const coarse = Math.trunc(x * 16) / 16
  return Math.exp(-coarse * coarse) * Math.exp(-(x - coarse) * (x + coarse))
}

/** 1/(x + ½/(x + 1/(x + 1½/(x + …)))), from the inside out; at x = 1.5, 120 levels reach 1e-16. */
function erfcFraction(x: number): number {
  let tail = x
  for (let level = 120; level >= 1; level--) tail = x + level / 2 / tail
  return 1 / tail
}
