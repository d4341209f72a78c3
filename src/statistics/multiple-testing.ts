import { type Adjusted, benjaminiHochberg } from './benjamini-hochberg.ts'

/**
 * What an adjusted p-value <= q keeps at or below q. `bonferroni`, `holm`: the chance of any false rejection;
 * `benjamini-hochberg`: the expected fraction of false ones, for independent or positively dependent tests;
 * `benjamini-yekutieli`: the same for any dependence.
 */
export type Correction = 'bonferroni' | 'holm' | 'benjamini-hochberg' | 'benjamini-yekutieli'

/**
 * P-values adjusted for the number of tests. `pValues`: [n] in [0, 1]. Returns [n] in [0, 1], row by row; refuses no
 * test at all and a value outside [0, 1] or NaN. Sources: Holm (1979), Scandinavian Journal of Statistics 6(2), 65–70;
 * Benjamini & Yekutieli (2001), Annals of Statistics 29(4), 1165–1188; checked against statsmodels 0.13.5.
 */
export function adjustPValues(pValues: Float64Array, correction: Correction): Adjusted {
  const hochberg = benjaminiHochberg(pValues)
  if (hochberg.kind !== 'adjusted') return hochberg
  const n = pValues.length
  switch (correction) {
    case 'benjamini-hochberg':
      return hochberg
    case 'benjamini-yekutieli': {
      const harmonic = pValues.reduce((sum, _, i) => sum + 1 / (i + 1), 0)
      return { kind: 'adjusted', adjusted: hochberg.adjusted.map((p) => Math.min(1, p * harmonic)) }
    }
    case 'bonferroni':
      return { kind: 'adjusted', adjusted: pValues.map((p) => Math.min(1, p * n)) }
    case 'holm':
      return { kind: 'adjusted', adjusted: holm(pValues) }
    default:
      return correction satisfies never
  }
}

function holm(pValues: Float64Array): Float64Array {
  const ascending = Uint32Array.from(pValues, (_, i) => i).sort((a, b) => pValues[a] - pValues[b])
  const adjusted = new Float64Array(pValues.length)
  let largest = 0
  ascending.forEach((i, rank) => {
    largest = Math.max(largest, Math.min(1, pValues[i] * (pValues.length - rank)))
    adjusted[i] = largest
  })
  return adjusted
}
