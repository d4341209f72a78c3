/*
 * Γ and its relatives. NaN gives NaN; arguments outside the domain throw RangeError. Sources: Abramowitz & Stegun (1964),
 * chapter 6; DLMF 8.11 and 8.9.
 */

/** From here on the asymptotic series below reach a double's rounding. */
const LARGE = 12

/** B₂ₖ / (2k (2k−1)), k = 1, 2, … */
const STIRLING = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156]
/** B₂ₖ / 2k. */
const DIGAMMA = [1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132, -691 / 32760, 1 / 12]
/** B₂ₖ. */
const TRIGAMMA = [1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6]

/** ln Γ(x) for x > 0, to 1e-15 absolute or relative, whichever is larger. */
export function logGamma(x: number): number {
  requirePositive(x, 'x')
  let product = 1
  let large = x
  for (; large < LARGE; large++) product *= large
  return (large - 0.5) * Math.log(large) - large + 0.5 * Math.log(2 * Math.PI) + stirlingRest(large) - Math.log(product)
}

/** ln Γ(x) − ((x − ½) ln x − x + ½ ln 2π) for x >= 12. */
export function stirlingRest(x: number): number {
  return oddSeries(STIRLING, x)
}

/** ψ(x) = d ln Γ / dx for x > 0. */
export function digamma(x: number): number {
  requirePositive(x, 'x')
  let sum = 0
  let large = x
  for (; large < LARGE; large++) sum += 1 / large
  return Math.log(large) - 0.5 / large - oddSeries(DIGAMMA, large) / large - sum
}

/** ψ′(x) for x > 0. */
export function trigamma(x: number): number {
  requirePositive(x, 'x')
  let sum = 0
  let large = x
  for (; large < LARGE; large++) sum += 1 / (large * large)
  return 1 / large + 0.5 / (large * large) + oddSeries(TRIGAMMA, large) / (large * large) + sum
}

/** Throws RangeError for a number that is not positive; NaN passes. */
export function requirePositive(value: number, name: string): void {
  if (value <= 0) throw new RangeError(`${name} must be positive, got ${value}`)
}

/** Σ c[k] x^(−2k−1). */
function oddSeries(coefficients: readonly number[], x: number): number {
  const square = 1 / (x * x)
  return coefficients.reduceRight((sum, coefficient) => sum * square + coefficient, 0) / x
}

/** Q(a, x) = Γ(a, x) / Γ(a), the upper regularised incomplete gamma function, for a > 0 and x >= 0. */
export function upperGamma(a: number, x: number): number {
  requirePositive(a, 'a')
  if (x < 0) throw new RangeError(`x must not be negative, got ${x}`)
  if (x === 0) return 1
  if (x === Number.POSITIVE_INFINITY) return 0
  return x < a + 1 ? 1 - gammaWeight(a, x) * lowerSeries(a, x) : gammaWeight(a, x) * upperFraction(a, x)
}

/** xᵃ e^(−x) / Γ(a), without the cancellation of its large logarithms where a is large. */
function gammaWeight(a: number, x: number): number {
  if (a < LARGE) return Math.exp(a * Math.log(x) - x - logGamma(a))
  const excess = (x - a) / a
  return Math.exp(a * (Math.log1p(excess) - excess) - stirlingRest(a)) * Math.sqrt(a / (2 * Math.PI))
}

/** Σ xᵏ / (a (a+1) … (a+k)). */
function lowerSeries(a: number, x: number): number {
  let term = 1 / a
  let sum = term
  for (let k = 1; term > sum * 1e-17; k++) {
    term *= x / (a + k)
    sum += term
  }
  return sum
}

/** 1/(x+1−a − 1(1−a)/(x+3−a − 2(2−a)/(x+5−a − …))), by the method of Lentz (1976), Applied Optics 15(3). */
function upperFraction(a: number, x: number): number {
  let b = x + 1 - a
  let c = Number.POSITIVE_INFINITY
  let d = 1 / b
  let value = d
  for (let k = 1; k < 100_000; k++) {
    const numerator = k * (a - k)
    b += 2
    d = 1 / (numerator * d + b)
    c = b + numerator / c
    const factor = c * d
    value *= factor
    if (Math.abs(factor - 1) < 1e-16) break
  }
  return value
}
