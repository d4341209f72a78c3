import { incompleteBeta } from './special-beta.ts'

export type McNemar =
  | {
      readonly kind: 'tested'
      /** Rows that the first alone got right, and the second alone. */
      readonly firstOnly: number
      readonly secondOnly: number
      /** Exact, two-sided, in [0, 1]; the null is that both are right equally often. */
      readonly pValue: number
    }
  /** Both are right on the same rows: nothing tells them apart. */
  | { readonly kind: 'no-difference' }

/**
 * McNemar's exact test of two classifiers on the same rows: of the rows that one alone got right, half should be each one's.
 * `first`, `second`: [n] 1 where right, else 0. Throws RangeError for different lengths.
 * Source: McNemar (1947), Psychometrika 12(2), 153–157; checked against statsmodels 0.13.5, `mcnemar(exact=True)`.
 */
export function mcnemar(first: ArrayLike<number>, second: ArrayLike<number>): McNemar {
  if (first.length !== second.length)
    throw new RangeError(`both must judge the same rows, got ${first.length} and ${second.length}`)
  let [firstOnly, secondOnly] = [0, 0]
  for (let i = 0; i < first.length; i++) {
    if (first[i] > second[i]) firstOnly++
    if (second[i] > first[i]) secondOnly++
  }
  if (firstOnly + secondOnly === 0) return { kind: 'no-difference' }
  return { kind: 'tested', firstOnly, secondOnly, pValue: evenSplit(Math.min(firstOnly, secondOnly), firstOnly + secondOnly) }
}

/** Twice P(X <= k) of n fair tosses, at most 1: the incomplete beta function at one half. */
function evenSplit(k: number, n: number): number {
  return 2 * k === n ? 1 : Math.min(1, 2 * incompleteBeta(0.5, { a: n - k, b: k + 1 }))
}
