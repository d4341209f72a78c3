import type { EpochMs } from '#domain/units.ts'

/** How many bars of the session of `day` had closed by `through`, so that only later ones need be counted. */
export type BarCount = { readonly day: string; readonly through: EpochMs; readonly bars: number }
