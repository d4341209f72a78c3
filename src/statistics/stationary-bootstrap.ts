import type { RandomStream } from '#domain/random.ts'

export type BootstrapOptions = {
  /** Resamples drawn; >= 1. */
  readonly replicates: number
  /** Rows of a block on average, >= 1; 1 draws every row by itself. About n^⅓ for rows that follow one another. */
  readonly meanBlock: number
  readonly random: RandomStream
}

/**
 * [n] rows of n >= 1, drawn in blocks of random length that wrap around, so that what is resampled stays stationary.
 * Throws RangeError for a block below 1. Source: Politis & Romano (1994), JASA 89(428), 1303–1313.
 */
export function resampledRows(n: number, { meanBlock, random }: Pick<BootstrapOptions, 'meanBlock' | 'random'>): Int32Array {
  if (!(meanBlock >= 1)) throw new RangeError(`a block has a row at least, got ${meanBlock}`)
  const rows = new Int32Array(n)
  let row = 0
  for (let i = 0; i < n; i++) {
    row = i === 0 || random.uniform() * meanBlock < 1 ? random.below(n) : (row + 1) % n
    rows[i] = row
  }
  return rows
}

/**
 * The figure on each resample of n rows, ascending; resamples on which it is not finite are left out, so that fewer than were
 * asked for may come back, or none.
 */
export function bootstrapped(n: number, figureOf: (rows: Int32Array) => number, options: BootstrapOptions): Float64Array {
  return Float64Array.from({ length: options.replicates }, () => figureOf(resampledRows(n, options)))
    .filter(Number.isFinite)
    .sort()
}

/**
 * Ends of the middle `confidence` in (0, 1) of ascending figures, at least one.
 * Source: Efron (1979), Annals of Statistics 7(1), 1–26.
 */
export function percentileInterval(ascending: Float64Array, { confidence }: { readonly confidence: number }) {
  const at = (p: number) => ascending[Math.min(ascending.length - 1, Math.max(0, Math.round(p * (ascending.length - 1))))]
  return { low: at((1 - confidence) / 2), high: at((1 + confidence) / 2) }
}

/**
 * Chance of a figure at least as far from 0 as `observed` if the truth were 0: the share of resamples that are as far from
 * what was observed, it included among them; in (0, 1].
 * Source: Davison & Hinkley (1997), Bootstrap Methods, 4.4.
 */
export function bootstrapPValue(observed: number, resampled: Float64Array): number {
  const asFar = resampled.filter((figure) => Math.abs(figure - observed) >= Math.abs(observed)).length
  return (1 + asFar) / (1 + resampled.length)
}
