import type { Timeframe } from '#domain/bars.ts'
import type { RejectedRow } from './reject-reason.ts'

/** How a file of bars is to be read. `file` is its name in messages. */
export type BarFileOptions = {
  readonly file: string
  readonly timeframe: Timeframe
  /** Zone of stamps that name none; undefined: such rows are rejected. */
  readonly zone: string | undefined
  /** Reject bars that open outside regular trading hours. */
  readonly isSessionOnly: boolean
}

/** Columns of rows that keep every rule; the first `rows` elements count. vwap and trades are NaN where the file has none. */
export type BarBatch = {
  readonly rows: number
  /** Tickers seen for the first time; `symbolIndex` counts through those of all batches so far. */
  readonly newSymbols: readonly string[]
  readonly symbolIndex: Uint32Array<ArrayBuffer>
  readonly line: Float64Array<ArrayBuffer>
  readonly openedAt: Float64Array<ArrayBuffer>
  readonly open: Float64Array<ArrayBuffer>
  readonly high: Float64Array<ArrayBuffer>
  readonly low: Float64Array<ArrayBuffer>
  readonly close: Float64Array<ArrayBuffer>
  readonly volumeShares: Float64Array<ArrayBuffer>
  readonly vwap: Float64Array<ArrayBuffer>
  readonly trades: Float64Array<ArrayBuffer>
  readonly rejects: readonly RejectedRow[]
}

export const BATCH_ROWS = 16_384

export type OpenBatch = { -readonly [Key in keyof BarBatch]: BarBatch[Key] } & { newSymbols: string[]; rejects: RejectedRow[] }

export function openBatch(): OpenBatch {
  const column = () => new Float64Array(BATCH_ROWS)
  return {
    rows: 0,
    newSymbols: [],
    symbolIndex: new Uint32Array(BATCH_ROWS),
    line: column(),
    openedAt: column(),
    open: column(),
    high: column(),
    low: column(),
    close: column(),
    volumeShares: column(),
    vwap: column(),
    trades: column(),
    rejects: [],
  }
}
