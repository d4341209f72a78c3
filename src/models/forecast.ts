import { type Outcome, ok, refuse } from '#domain/outcome.ts'
import type { LogSpreadColumn, PriceColumn, Probability } from '#domain/units.ts'
import { predictOne } from '#network/predict.ts'
import { logSpread } from '#pairs/spread.ts'
import { type FilteredSpread, featureRows, filterSpread, lastRows, scaled } from './pair-frame.ts'
import type { PairModel } from './pair-model.ts'

/** Why there is no probability. `gap`: a feature of the latest window is not known, because a price is missing in it. */
type NoForecast = { readonly kind: 'too-few-bars'; readonly rows: number; readonly needed: number } | { readonly kind: 'gap' }

export type Forecast = {
  /** [n] at the model's hedge. */
  readonly spread: LogSpreadColumn
  /** Standard deviation expected of the spread's next change; undefined without a GARCH fit or with too few bars. */
  readonly volatility: number | undefined
  /** That the next change is towards the mean that the model was trained with. */
  readonly probability: Outcome<Probability, NoForecast>
}

/** Rows that the slowest feature (the mean over 20) needs before its first value. */
const WARMUP_ROWS = 19

/**
 * What the model says at the last row of two columns of closes on one clock: [n] USD per share, NaN where missing. It
 * depends on these rows alone. The network runs in plain float64, the same on every machine of one engine version.
 */
export function forecast(model: PairModel, y: PriceColumn, x: PriceColumn): Forecast {
  const { shape, variance } = model
  const spread = logSpread(y, x, model.hedge)
  const needed = shape.sequence + WARMUP_ROWS
  if (spread.length < needed) {
    return { spread, volatility: undefined, probability: refuse({ kind: 'too-few-bars', rows: spread.length, needed }) }
  }
  const filtered = filterSpread(spread, variance)
  const volatility = variance.kind === 'garch' ? filtered.nextVolatility : undefined
  return { spread, volatility, probability: probabilityOf(model, lastRows(filtered, needed)) }
}

function probabilityOf({ shape, weights, scaler }: PairModel, latest: FilteredSpread): Outcome<Probability, NoForecast> {
  const rows = featureRows(latest)
  const window = scaled(rows.subarray(-shape.sequence * shape.inputs), scaler)
  return window.every(Number.isFinite) ? ok(predictOne({ shape, weights }, window)) : refuse({ kind: 'gap' })
}
