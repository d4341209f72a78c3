import { adjustmentOf, type BarTable, type Feed, type Timeframe } from '#domain/bars.ts'
import type { EpochMs } from '#domain/units.ts'
import type { BarBatch } from '#sources/files/bar-batch.ts'
import { CopyTuples } from './copy-tuples.ts'

const STAGED_FIELDS = 10
/** Everything of a staged row but the symbol's bytes: field count, nine other fields with their lengths, the symbol's length. */
const STAGED_BYTES = 2 + 12 + 4 + 12 + 5 * 12 + 12 + 8
const STORED_FIELDS = 13
/** Everything of a stored row but its four texts: field count, their lengths, two instants, six doubles, one integer. */
const STORED_BYTES = 2 + 4 * 4 + 2 * 12 + 6 * 12 + 8

/**
 * The rows of `batch` as binary COPY tuples: line bigint, symbol text, opened_at timestamptz, open, high, low, close, volume
 * and vwap float8, trades integer; NaN vwap and trades are null. `symbols` are all tickers of the file so far, as bytes.
 */
export function copyRows(batch: BarBatch, symbols: readonly Buffer[]): Buffer {
  const tuples = new CopyTuples(batch.rows * STAGED_BYTES + textBytes(batch.symbolIndex, symbols, batch.rows))
  for (let i = 0; i < batch.rows; i++) {
    tuples.begin(STAGED_FIELDS)
    tuples.wide(batch.line[i])
    tuples.text(symbols[batch.symbolIndex[i]])
    tuples.instant(batch.openedAt[i])
    tuples.double(batch.open[i])
    tuples.double(batch.high[i])
    tuples.double(batch.low[i])
    tuples.double(batch.close[i])
    tuples.double(batch.volumeShares[i])
    tuples.doubleOrNull(batch.vwap[i])
    tuples.wholeOrNull(batch.trades[i])
  }
  return tuples.written()
}

/** What every stored row of one table shares. */
export type StoredAs = {
  readonly feed: Feed
  readonly timeframe: Timeframe
  readonly receivedAt: EpochMs
}

/** The columns of `bars` in the order in which `copyTable` writes them. */
export const STORED_COLUMNS =
  'symbol, timeframe, opened_at, feed, open, high, low, close, volume, vwap, trades, adjustment, received_at'

/** The rows of a table as binary COPY tuples of STORED_COLUMNS; NaN vwap and trades are null. */
export function copyTable(table: BarTable, { feed, timeframe, receivedAt }: StoredAs): Buffer {
  const symbols = table.symbols.map((symbol) => Buffer.from(symbol))
  const [feedText, timeframeText, adjustmentText] = [feed, timeframe, adjustmentOf(feed)].map((text) => Buffer.from(text))
  const rows = table.openedAt.length
  const shared = feedText.length + timeframeText.length + adjustmentText.length
  const tuples = new CopyTuples(rows * (STORED_BYTES + shared) + textBytes(table.symbolIndex, symbols, rows))
  for (let i = 0; i < rows; i++) {
    tuples.begin(STORED_FIELDS)
    tuples.text(symbols[table.symbolIndex[i]])
    tuples.text(timeframeText)
    tuples.instant(table.openedAt[i])
    tuples.text(feedText)
    tuples.double(table.open[i])
    tuples.double(table.high[i])
    tuples.double(table.low[i])
    tuples.double(table.close[i])
    tuples.double(table.volumeShares[i])
    tuples.doubleOrNull(table.vwap[i])
    tuples.wholeOrNull(table.trades[i])
    tuples.text(adjustmentText)
    tuples.instant(receivedAt)
  }
  return tuples.written()
}

function textBytes(index: Uint16Array | Uint32Array, symbols: readonly Buffer[], rows: number): number {
  let bytes = 0
  for (let i = 0; i < rows; i++) bytes += symbols[index[i]].length
  return bytes
}
