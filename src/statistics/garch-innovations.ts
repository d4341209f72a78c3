import type { Path } from './garch-path.ts'
import { logBeta } from './special-beta.ts'
import { digamma, trigamma } from './special-gamma.ts'

/*
 * The density of a surprise e with variance σ², as functions of q = e²/σ² and `tail` = 1/ν: normal for 0, else Student's t
 * of unit variance. Sources: Bollerslev (1987), Review of Economics and Statistics 69(3), 542–547; expected information:
 * Fiorentini, Sentana & Calzolari (2003), Journal of Business & Economic Statistics 21(4), 532–546.
 */

/** How the log-density of every row answers to its own e, ln σ² and tail. */
export type InnovationSlopes = {
  /** [n] d / d ln σ² */
  readonly logVariance: Float64Array
  /** [n] −d / d e */
  readonly surprise: Float64Array
  /** [n] d / d tail; zeros for normal innovations. */
  readonly tail: Float64Array
}

/** Expected information of one row, where d ln σ² and d e move on their own; in e it is `surprise` / σ². */
export type RowInformation = {
  readonly logVariance: number
  readonly surprise: number
  readonly tail: number
  readonly logVarianceAndTail: number
}

/** Σ ln f(e[t] | σ²[t]) over the path. */
export function logDensity({ surprise, variance }: Path, tail: number): number {
  const excess = tail > 0 ? tail / (1 - 2 * tail) : 0
  let quadratic = 0
  const logVariances = new LogSum()
  const logWeights = new LogSum()
  for (let t = 0; t < surprise.length; t++) {
    const q = (surprise[t] * surprise[t]) / variance[t]
    quadratic += q
    logVariances.add(variance[t])
    if (tail > 0) logWeights.add(1 + excess * q)
  }
  const rows = surprise.length
  if (tail === 0) return -0.5 * (rows * Math.log(2 * Math.PI) + logVariances.total() + quadratic)
  return rows * logConstant(tail) - 0.5 * (logVariances.total() + (1 + 1 / tail) * logWeights.total())
}

/** ln of Γ((ν+1)/2) / (Γ(ν/2) √(π(ν−2))). */
function logConstant(tail: number): number {
  return -logBeta(0.5 / tail, 0.5) - 0.5 * Math.log(1 / tail - 2)
}

/** An empty set of slopes for n rows. */
export function emptyInnovationSlopes(n: number): InnovationSlopes {
  return { logVariance: new Float64Array(n), surprise: new Float64Array(n), tail: new Float64Array(n) }
}

/** Fills the slopes of every row of the path. */
export function fillInnovationSlopes(to: InnovationSlopes, path: Path, tail: number): void {
  if (tail === 0) fillNormalSlopes(to, path)
  else fillStudentSlopes(to, path, 1 / tail)
}

function fillNormalSlopes(to: InnovationSlopes, { surprise, variance }: Path): void {
  for (let t = 0; t < surprise.length; t++) {
    const pulled = surprise[t] / variance[t]
    to.surprise[t] = pulled
    to.logVariance[t] = 0.5 * (pulled * surprise[t] - 1)
  }
}

/** With w = (ν+1)/(ν−2+q): ½(w q − 1), w e/σ², and the tail's −ν² d/dν. */
function fillStudentSlopes(to: InnovationSlopes, { surprise, variance }: Path, nu: number): void {
  const above = nu - 2
  const constant = 0.5 * (digamma((nu + 1) / 2) - digamma(nu / 2) - 1 / above)
  for (let t = 0; t < surprise.length; t++) {
    const precision = 1 / variance[t]
    const q = surprise[t] * surprise[t] * precision
    const weight = (nu + 1) / (above + q)
    to.surprise[t] = weight * surprise[t] * precision
    to.logVariance[t] = 0.5 * (weight * q - 1)
    to.tail[t] = -nu * nu * (constant - 0.5 * Math.log1p(q / above) + (0.5 * weight * q) / above)
  }
}

/** The expected information of one row. */
export function rowInformation(tail: number): RowInformation {
  if (tail === 0) return { logVariance: 0.5, surprise: 1, tail: 0, logVarianceAndTail: 0 }
  const nu = 1 / tail
  const above = nu - 2
  const shape = 0.25 * (trigamma(nu / 2) - trigamma((nu + 1) / 2)) + nu / (2 * above * above * (nu + 3)) - 1 / (above * (nu + 1))
  return {
    logVariance: (0.5 * nu) / (nu + 3),
    surprise: (nu * (nu + 1)) / (above * (nu + 3)),
    tail: nu ** 4 * shape,
    logVarianceAndTail: (-3 * nu * nu) / (above * (nu + 1) * (nu + 3)),
  }
}

/** Σ ln v over positive v between 1e-30 and 1e30, one logarithm for eight of them. */
class LogSum {
  #product = 1
  #pending = 0
  #sum = 0

  add(value: number): void {
    this.#product *= value
    if (++this.#pending === 8) this.#flush()
  }

  total(): number {
    this.#flush()
    return this.#sum
  }

  #flush(): void {
    this.#sum += Math.log(this.#product)
    this.#product = 1
    this.#pending = 0
  }
}
