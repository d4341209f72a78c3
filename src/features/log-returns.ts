import type { LogReturnColumn, PriceColumn } from '#domain/units.ts'

/**
 * One-bar log returns, r[t] = ln(close[t] / close[t-1]).
 * `close` is [n], USD per share, strictly positive, NaN where nothing traded.
 * Returns [n]. r[0] is NaN, and so are both returns that touch a gap: a missing bar is never bridged.
 */
export function logReturns(close: PriceColumn): LogReturnColumn {
  const r = new Float64Array(close.length).fill(Number.NaN)
  for (let t = 1; t < close.length; t++) r[t] = Math.log(close[t] / close[t - 1])
  return r as LogReturnColumn
}
