export type Adjusted =
  | { readonly kind: 'adjusted'; readonly adjusted: Float64Array }
  | { readonly kind: 'none' }
  | { readonly kind: 'not-probability'; readonly row: number }

/**
 * P-values adjusted for the number of tests: rejecting those whose adjusted value is <= q keeps the expected fraction
 * of false rejections at or below q, for independent or positively dependent tests.
 * `pValues`: [n] in [0, 1]. Returns [n] in [0, 1], row by row; refuses no test at all and a value outside [0, 1] or NaN.
 * Source: Benjamini & Hochberg (1995), Journal of the Royal Statistical Society B 57(1), 289–300.
 */
export function benjaminiHochberg(pValues: Float64Array): Adjusted {
  const n = pValues.length
  if (n === 0) return { kind: 'none' }
  const row = pValues.findIndex((p) => !(p >= 0 && p <= 1))
  if (row >= 0) return { kind: 'not-probability', row }
  const ascending = Uint32Array.from(pValues, (_, i) => i).sort((a, b) => pValues[a] - pValues[b])
  const adjusted = new Float64Array(n)
  let smallest = 1
  for (let rank = n; rank >= 1; rank--) {
    const i = ascending[rank - 1]
    smallest = Math.min(smallest, (pValues[i] * n) / rank)
    adjusted[i] = smallest
  }
  return { kind: 'adjusted', adjusted }
}
