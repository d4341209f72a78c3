import type { LogSpreadColumn } from '#domain/units.ts'
import { rollingMean } from '#statistics/rolling.ts'
import { rsi } from '#statistics/rsi.ts'

export type PairFeatureInput = {
  /** [n] log spread at the training window's hedge. */
  readonly spread: LogSpreadColumn
  /** [n] conditional volatility of the spread's changes, from `filterGarch`. */
  readonly garchVolatility: Float64Array
  /** [n] standardised residual of the spread's changes, from `filterGarch`. */
  readonly garchResidual: Float64Array
}

export type FeatureColumns = {
  readonly names: readonly string[]
  /** One [n] column a name, NaN where the feature is not known. */
  readonly columns: readonly Float64Array[]
  /** The first row at which every feature can be known. */
  readonly warmupRows: number
}

export const PAIR_FEATURES = [
  'lag_1',
  'lag_2',
  'lag_3',
  'lag_4',
  'lag_5',
  'garch_volatility',
  'garch_residual',
  'ma_5',
  'ma_20',
  'rsi_14',
] as const

/**
 * The ten inputs of a pair model: the spread 1 to 5 rows ago, the GARCH volatility and standardised residual, the
 * spread's means over 5 and 20 rows and its RSI over 14. Row t uses rows <= t; a gap in the spread makes every window
 * that touches it NaN.
 */
export function pairFeatures({ spread, garchVolatility, garchResidual }: PairFeatureInput): FeatureColumns {
  const lags = [1, 2, 3, 4, 5].map((rows) => lagged(spread, rows))
  const means = [5, 20].map((window) => rollingMean(spread, { window }))
  return {
    names: PAIR_FEATURES,
    columns: [...lags, garchVolatility, garchResidual, ...means, rsi(spread, { window: 14 })],
    warmupRows: 19,
  }
}

/**
 * 1 where the spread's next step moves towards its mean, 0 where it does not (a step of exactly 0, or a spread on its
 * mean, is 0); NaN where the spread, its next value or the mean is not known, so always in the last row.
 * `mean`: the training window's mean, or a causal column [n], in log dollars. The label of row t looks one row ahead.
 */
export function reversionLabels(spread: LogSpreadColumn, mean: number | Float64Array): Float64Array {
  const labels = new Float64Array(spread.length).fill(Number.NaN)
  for (let t = 0; t + 1 < spread.length; t++) {
    const deviation = spread[t] - (typeof mean === 'number' ? mean : mean[t])
    const pull = (spread[t + 1] - spread[t]) * deviation
    if (!Number.isNaN(pull)) labels[t] = pull < 0 ? 1 : 0
  }
  return labels
}

function lagged(x: Float64Array, rows: number): Float64Array {
  const column = new Float64Array(x.length).fill(Number.NaN)
  column.set(x.subarray(0, Math.max(0, x.length - rows)), Math.min(rows, x.length))
  return column
}
