import type { BarBatch } from '#sources/files/bar-batch.ts'

/** PostgreSQL counts microseconds from 2000-01-01. */
const EPOCH_2000_MS = 946_684_800_000
const TWO_TO_32 = 4_294_967_296
const FIELDS = 10
const NULL_LENGTH = -1
/** Everything of a row but the symbol's bytes: field count, nine other fields with their lengths, the symbol's length. */
const FIXED_BYTES = 2 + 12 + 4 + 12 + 5 * 12 + 12 + 8

/** Head of a binary COPY. Source: PostgreSQL 18 documentation, COPY, "Binary Format". */
export const COPY_HEAD = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1')
export const COPY_TAIL = Buffer.from([0xff, 0xff])

/**
 * The rows of `batch` as binary COPY tuples: line bigint, symbol text, opened_at timestamptz, open, high, low, close, volume
 * and vwap float8, trades integer; NaN vwap and trades are null. `symbols` are all tickers of the file so far, as bytes.
 */
export function copyRows(batch: BarBatch, symbols: readonly Buffer[]): Buffer {
  const bytes = Buffer.allocUnsafe(sizeOf(batch, symbols))
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  let at = 0
  const wide = (value: number) => {
    const high = Math.floor(value / TWO_TO_32)
    view.setInt32(at, 8)
    view.setInt32(at + 4, high)
    view.setUint32(at + 8, value - high * TWO_TO_32)
    at += 12
  }
  const double = (value: number) => {
    view.setInt32(at, 8)
    view.setFloat64(at + 4, value)
    at += 12
  }
  const empty = () => {
    view.setInt32(at, NULL_LENGTH)
    at += 4
  }
  for (let i = 0; i < batch.rows; i++) {
    const symbol = symbols[batch.symbolIndex[i]]
    view.setInt16(at, FIELDS)
    at += 2
    wide(batch.line[i])
    view.setInt32(at, symbol.length)
    bytes.set(symbol, at + 4)
    at += 4 + symbol.length
    wide((batch.openedAt[i] - EPOCH_2000_MS) * 1000)
    double(batch.open[i])
    double(batch.high[i])
    double(batch.low[i])
    double(batch.close[i])
    double(batch.volumeShares[i])
    if (Number.isNaN(batch.vwap[i])) empty()
    else double(batch.vwap[i])
    if (Number.isNaN(batch.trades[i])) empty()
    else {
      view.setInt32(at, 4)
      view.setInt32(at + 4, batch.trades[i])
      at += 8
    }
  }
  return bytes.subarray(0, at)
}

/** Never too small: vwap and trades are counted as present. */
function sizeOf(batch: BarBatch, symbols: readonly Buffer[]): number {
  let size = batch.rows * FIXED_BYTES
  for (let i = 0; i < batch.rows; i++) size += symbols[batch.symbolIndex[i]].length
  return size
}
