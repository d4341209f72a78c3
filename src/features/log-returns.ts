import type { LogReturnColumn, Measured, PriceColumn } from '#domain/units.ts'

/** [n] natural logarithms of closes in USD per share; NaN where nothing was observed. */
export type LogCloseColumn = Measured<'log-price', Float64Array>

/**
 * One-bar log returns, r[t] = ln close[t] − ln close[t-1], good to 1e-15.
 * `close` is [n], USD per share, strictly positive and below 1e300, NaN where nothing traded.
 * Returns [n]. r[0] is NaN, and so are both returns that touch a gap: a missing bar is never bridged.
 */
export function logReturns(close: PriceColumn): LogReturnColumn {
  const logReturn = new Float64Array(close.length) as LogReturnColumn
  writeLogs(close, { logClose: new Float64Array(close.length) as LogCloseColumn, logReturn })
  return logReturn
}

/** The largest square of (close − anchor) / (close + anchor) for which the five terms below leave out less than 1e-17. */
const NEAR = 2 ** -10

/**
 * Writes the logarithms of `close` [n] and the returns of `logReturns` into columns of [n]. Row t depends on rows <= t.
 * Closes stay near one another, so most logarithms are that of a close some rows before, the anchor, and a short series:
 * ln c = ln a + 2 artanh s with s = (c − a) / (c + a), within a unit in the last place of `Math.log` and four times as fast.
 */
export function writeLogs(
  close: PriceColumn,
  { logClose, logReturn }: { readonly logClose: LogCloseColumn; readonly logReturn: LogReturnColumn },
): void {
  const rows = close.length
  let anchor = Number.NaN
  let anchorLog = Number.NaN
  let before = Number.NaN
  for (let t = 0; t < rows; t++) {
    const price = close[t]
    const s = (price - anchor) / (price + anchor)
    const q = s * s
    let now = anchorLog + 2 * s * (1 + q * (1 / 3 + q * (1 / 5 + q * (1 / 7 + q * (1 / 9)))))
    if (!(q < NEAR)) {
      now = Math.log(price)
      anchor = price
      anchorLog = now
    }
    logClose[t] = now
    logReturn[t] = now - before
    before = now
  }
}
