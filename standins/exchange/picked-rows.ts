import type { TapeRows } from '#domain/tape.ts'

/** The rows at the places `at`, in that order, copied. */
export function rowsAt(rows: TapeRows, at: ArrayLike<number>): TapeRows {
  return {
    openedAt: valuesAt(rows.openedAt, at),
    symbolIndex: Uint16Array.from(at, (i) => rows.symbolIndex[i]),
    open: valuesAt(rows.open, at),
    high: valuesAt(rows.high, at),
    low: valuesAt(rows.low, at),
    close: valuesAt(rows.close, at),
    volumeShares: valuesAt(rows.volumeShares, at),
  }
}

/** The values of a column at the places `at`, copied. */
export function valuesAt(column: Float64Array, at: ArrayLike<number>): Float64Array {
  const values = new Float64Array(at.length)
  for (let k = 0; k < at.length; k++) values[k] = column[at[k]]
  return values
}
