import { type Correlation, pearson } from './correlation.ts'

export type Covariance =
  | { readonly kind: 'measured'; readonly value: number; readonly observations: number }
  | { readonly kind: 'too-short'; readonly observations: number; readonly needed: number }

/**
 * Sample covariance (n − 1) over the rows at which both columns were observed, in the product of their units.
 * `a`, `b`: [n], NaN where not observed; two common rows at least.
 */
export function covariance(a: Float64Array, b: Float64Array): Covariance {
  const [x, y] = commonRows(a, b)
  const observations = x.length
  if (observations < 2) return { kind: 'too-short', observations, needed: 2 }
  const [meanX, meanY] = [x, y].map(
    (column) => column[0] + column.reduce((sum, value) => sum + (value - column[0]), 0) / observations,
  )
  const products = x.reduce((sum, value, t) => sum + (value - meanX) * (y[t] - meanY), 0)
  return { kind: 'measured', value: products / (observations - 1), observations }
}

/**
 * Spearman's rank correlation over the rows at which both columns were observed, r in [−1, 1]; values that tie share
 * their mean rank. Domain and refusals as `pearson`. Source: Spearman (1904), American Journal of Psychology 15(1), 72–101.
 */
export function spearman(a: Float64Array, b: Float64Array): Correlation {
  const [x, y] = commonRows(a, b)
  return pearson(ranksOf(x), ranksOf(y))
}

function commonRows(a: Float64Array, b: Float64Array): [Float64Array, Float64Array] {
  const isCommon = (_: number, t: number) => !Number.isNaN(a[t]) && !Number.isNaN(b[t])
  return [a.filter(isCommon), b.filter(isCommon)]
}

function ranksOf(x: Float64Array): Float64Array {
  const order = Uint32Array.from(x, (_, i) => i).sort((i, j) => x[i] - x[j])
  const ranks = new Float64Array(x.length)
  for (let from = 0; from < order.length; ) {
    let to = from
    while (to < order.length && x[order[to]] === x[order[from]]) to++
    for (let at = from; at < to; at++) ranks[order[at]] = (from + 1 + to) / 2
    from = to
  }
  return ranks
}
