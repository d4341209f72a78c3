/** Why a statistic has no value for a series, told as a case of its result. */
export type TooShort = { readonly kind: 'too-short'; readonly observations: number; readonly needed: number }
export type NotFinite = { readonly kind: 'not-finite'; readonly row: number }
export type Constant = { readonly kind: 'constant' }
export type Collinear = { readonly kind: 'collinear' }

export type SeriesRefusal = TooShort | NotFinite | Constant

/** Refuses a series that is shorter than `needed`, holds a value that is not finite, or does not vary. */
export function refusalOfSeries(x: Float64Array, needed: number): SeriesRefusal | undefined {
  if (x.length < needed) return { kind: 'too-short', observations: x.length, needed }
  const row = x.findIndex((value) => !Number.isFinite(value))
  if (row >= 0) return { kind: 'not-finite', row }
  return x.every((value) => value === x[0]) ? { kind: 'constant' } : undefined
}
