import { logGamma, requirePositive, stirlingRest } from './special-gamma.ts'

/** From here on ln Γ is taken apart by Stirling's formula. */
const LARGE = 12
/** In Lentz's method, what stands for a denominator of 0. */
const TINY = 1e-300

/** ln B(a, b) = ln Γ(a) + ln Γ(b) − ln Γ(a + b) for a, b > 0, without the cancellation of large terms. */
export function logBeta(a: number, b: number): number {
  const [small, large] = a < b ? [a, b] : [b, a]
  if (large < LARGE) return logGamma(small) + logGamma(large) - logGamma(small + large)
  const sum = small + large
  const bulk = (large - 0.5) * Math.log1p(small / large) + small * Math.log(sum) - small
  return logGamma(small) - bulk + stirlingRest(large) - stirlingRest(sum)
}

/**
 * I_x(a, b), the regularised incomplete beta function, for x in [0, 1] and a, b > 0. `rest` is 1 − x, for
 * callers that know it better than the difference does.
 * Source: DLMF 8.17.22, by the method of Lentz; the symmetry 8.17.4 picks the side on which it converges fast.
 */
export function incompleteBeta(x: number, { a, b, rest = 1 - x }: { a: number; b: number; rest?: number }): number {
  requirePositive(a, 'a')
  requirePositive(b, 'b')
  if (x < 0 || rest < 0) throw new RangeError(`x must lie in [0, 1], got ${x}`)
  if (x === 0) return 0
  if (rest === 0) return 1
  if (x > (a + 1) / (a + b + 2)) return 1 - lowerBeta(rest, { a: b, b: a, rest: x })
  return lowerBeta(x, { a, b, rest })
}

function lowerBeta(x: number, { a, b, rest }: { a: number; b: number; rest: number }): number {
  const logX = x > 0.5 ? Math.log1p(-rest) : Math.log(x)
  const logRest = rest > 0.5 ? Math.log1p(-x) : Math.log(rest)
  const weight = Math.exp(a * logX + b * logRest - logBeta(a, b))
  return (weight / a) * lentzFraction(x, a, b)
}

function lentzFraction(x: number, a: number, b: number): number {
  let c = 1
  let d = 1 / apartFromZero(1 - ((a + b) * x) / (a + 1))
  let value = d
  for (let m = 1; m < 100_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / apartFromZero(1 + even * d)
    c = apartFromZero(1 + even / c)
    value *= c * d
    d = 1 / apartFromZero(1 + odd * d)
    c = apartFromZero(1 + odd / c)
    value *= c * d
    if (Math.abs(c * d - 1) < 1e-15) break
  }
  return value
}

function apartFromZero(value: number): number {
  return Math.abs(value) < TINY ? TINY : value
}
