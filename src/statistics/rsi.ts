/**
 * Relative strength index, 100 − 100 / (1 + mean gain / mean loss) over the last `window` one-row moves, in [0, 100].
 * A move that touches a NaN, and the one into row 0, counts as no move, so the first value stands at row window − 1.
 * No loss in the window gives 100; neither gain nor loss gives NaN. Moves are averaged plainly, not smoothed.
 * Source: Wilder (1978), New Concepts in Technical Trading Systems; checked against pandas 1.5.3 rolling means.
 */
export function rsi(x: Float64Array, { window }: { readonly window: number }): Float64Array {
  const column = new Float64Array(x.length).fill(Number.NaN)
  for (let t = window - 1; t < x.length; t++) {
    let gain = 0
    let loss = 0
    for (let i = Math.max(1, t - window + 1); i <= t; i++) {
      const move = x[i] - x[i - 1]
      if (move > 0) gain += move
      else if (move < 0) loss -= move
    }
    column[t] = gain === 0 && loss === 0 ? Number.NaN : 100 - 100 / (1 + gain / loss)
  }
  return column
}
