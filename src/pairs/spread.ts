import type { LogSpreadColumn, PriceColumn } from '#domain/units.ts'

/** How y is hedged with x: ln y = alpha + beta ln x + spread. */
export type Hedge = { readonly alpha: number; readonly beta: number }

/**
 * Log spread s[t] = ln y[t] − β·ln x[t] − α, stationary when (y, x) are cointegrated.
 * `y`, `x`: [n] USD per share on the same clock, NaN where not observed. `α`, `β`: from `engleGranger` on the training
 * window only. Returns [n] log dollars, NaN where either leg is.
 * Source: Engle & Granger (1987), Econometrica 55(2), 251–276.
 */
export function logSpread(y: PriceColumn, x: PriceColumn, { alpha, beta }: Hedge): LogSpreadColumn {
  const s = new Float64Array(y.length)
  for (let t = 0; t < s.length; t++) s[t] = Math.log(y[t]) - beta * Math.log(x[t]) - alpha
  return s as LogSpreadColumn
}
