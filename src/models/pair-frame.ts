import type { LogSpreadColumn } from '#domain/units.ts'
import { pairFeatures } from '#features/pair-features.ts'
import { filterGarch } from '#statistics/garch.ts'
import type { Scaler, VarianceModel } from './pair-model.ts'

/** One-bar changes of the spread, [n]: the first is NaN, and so is one that touches a gap. */
export function changesOf(spread: LogSpreadColumn): Float64Array {
  const changes = new Float64Array(spread.length).fill(Number.NaN)
  for (let t = 1; t < spread.length; t++) changes[t] = spread[t] - spread[t - 1]
  return changes
}

/** A spread with what its variance model makes of it: equal-length columns, each row depending on rows up to it. */
export type FilteredSpread = {
  readonly spread: LogSpreadColumn
  /** Standard deviation expected of the row's change from the rows before it. */
  readonly garchVolatility: Float64Array
  readonly garchResidual: Float64Array
  /** Standard deviation expected of the change that follows the last row. */
  readonly nextVolatility: number
}

/** Runs the variance model over the whole spread, which has at least one row. */
export function filterSpread(spread: LogSpreadColumn, { parameters }: VarianceModel): FilteredSpread {
  // A row more, whose change is not known yet: its volatility is the forecast.
  const changes = new Float64Array(spread.length + 1).fill(Number.NaN)
  changes.set(changesOf(spread))
  const { volatility, standardisedResiduals } = filterGarch(changes, parameters)
  return {
    spread,
    garchVolatility: volatility.subarray(0, spread.length),
    garchResidual: standardisedResiduals.subarray(0, spread.length),
    nextVolatility: volatility[spread.length],
  }
}

/** The last `count` rows of every column. */
export function lastRows(
  { spread, garchVolatility, garchResidual, nextVolatility }: FilteredSpread,
  count: number,
): FilteredSpread {
  return {
    spread: spread.subarray(-count) as LogSpreadColumn,
    garchVolatility: garchVolatility.subarray(-count),
    garchResidual: garchResidual.subarray(-count),
    nextVolatility,
  }
}

/** The ten features of every row, unscaled, row-major [n × 10]; NaN where not known. Row t depends on rows up to t. */
export function featureRows(filtered: FilteredSpread): Float64Array {
  const { columns } = pairFeatures(filtered)
  const rows = new Float64Array(filtered.spread.length * columns.length)
  columns.forEach((column, i) => {
    for (let t = 0; t < column.length; t++) rows[t * columns.length + i] = column[t]
  })
  return rows
}

/** Mean and standard deviation (n) of each of `inputs` columns over the rows [0, until) that are wholly known. */
export function fitScaler(rows: Float64Array, { inputs, until }: { readonly inputs: number; readonly until: number }): Scaler {
  const known = knownRows(rows, inputs).subarray(0, until)
  const count = known.reduce((sum, isKnown) => sum + isKnown, 0)
  const averageOf = (valueAt: (t: number) => number) =>
    known.reduce((sum, isKnown, t) => (isKnown === 1 ? sum + valueAt(t) : sum), 0) / count
  const mean = Array.from({ length: inputs }, (_, i) => averageOf((t) => rows[t * inputs + i]))
  const variance = mean.map((m, i) => averageOf((t) => (rows[t * inputs + i] - m) ** 2))
  // A feature that never changes tells nothing: it is centred and left unscaled.
  return { mean, deviation: variance.map((v) => (v > 0 ? Math.sqrt(v) : 1)) }
}

/** 1 for each row of which every column is known, else 0: [n]. */
export function knownRows(rows: Float64Array, inputs: number): Uint8Array {
  return Uint8Array.from({ length: rows.length / inputs }, (_, t) =>
    rows.subarray(t * inputs, (t + 1) * inputs).every(Number.isFinite) ? 1 : 0,
  )
}

/** (x − mean) / deviation of every element of row-major rows. */
export function scaled(rows: Float64Array, { mean, deviation }: Scaler): Float64Array {
  return rows.map((value, at) => (value - mean[at % mean.length]) / deviation[at % mean.length])
}
