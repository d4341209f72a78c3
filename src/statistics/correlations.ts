import type { Correlation } from './correlation.ts'

/** Pearson's correlation of each of many columns with each other. */
export type Correlations = {
  readonly columns: number
  /**
   * The triangle on and above the diagonal, row by row; `cellOf` says where a pair stands. In [−1, 1]; NaN where two
   * columns have fewer than two common rows or one does not vary over them.
   */
  readonly coefficients: Float64Array
  /** Rows at which both columns were observed, laid out likewise. */
  readonly observations: Int32Array
}

/** Cells of the triangle of `columns` columns, the diagonal included. */
export function cellCount(columns: number): number {
  return (columns * (columns + 1)) / 2
}

/** Where the triangle of `columns` columns holds the pair of columns `i` and `j`, in whichever order. */
export function cellOf(columns: number, i: number, j: number): number {
  const row = Math.min(i, j)
  return row * columns - (row * (row - 1)) / 2 + Math.max(i, j) - row
}

/** What `pearson` says of columns `i` and `j`. */
export function correlationOf({ columns, coefficients, observations: counts }: Correlations, i: number, j: number): Correlation {
  const cell = cellOf(columns, i, j)
  const observations = counts[cell]
  if (observations < 2) return { kind: 'too-short', observations, needed: 2 }
  const r = coefficients[cell]
  return Number.isNaN(r) ? { kind: 'constant' } : { kind: 'correlated', r, observations }
}
