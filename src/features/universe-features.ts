import type { LogReturnColumn, PriceColumn, ZScoreColumn } from '#domain/units.ts'
import { expandingMoments, rollingMoments } from '#statistics/moving-moments.ts'
import { type LogCloseColumn, writeLogs } from './log-returns.ts'

/** What is derived of one symbol's closes, each [n] on their clock; row t depends on closes up to t. */
export type SymbolFeatures = {
  readonly logClose: LogCloseColumn
  /** NaN in row 0 and where it touches a gap. */
  readonly logReturn: LogReturnColumn
  /** Of the log close among those of rows 0..t; NaN where the close is, before `zScoreMinimum` closes, and while all are one. */
  readonly zScore: ZScoreColumn
  /** Mean and sample standard deviation (n − 1) of the last `returnWindow` log returns; NaN where one of them is. */
  readonly returnMean: LogReturnColumn
  readonly returnDeviation: LogReturnColumn
}

export type FeatureWindows = {
  /** Closes that a z-score is among at least, 2 or more. */
  readonly zScoreMinimum: number
  /** Log returns in a rolling mean and deviation, 2 or more. */
  readonly returnWindow: number
}

/** How many symbols there are on one clock of how many rows. */
export type UniverseSize = { readonly symbols: number; readonly rows: number }

/** Room for the features of that many symbols, to be derived into once or again and again; the numbers in it mean nothing yet. */
export function featureColumns({ symbols, rows }: UniverseSize): SymbolFeatures[] {
  const [logClose, logReturn, zScore, returnMean, returnDeviation] = Array.from(
    { length: 5 },
    () => new Float64Array(symbols * rows),
  )
  return Array.from({ length: symbols }, (_, i) => {
    const columnIn = (universe: Float64Array) => universe.subarray(i * rows, (i + 1) * rows)
    return {
      logClose: columnIn(logClose) as LogCloseColumn,
      logReturn: columnIn(logReturn) as LogReturnColumn,
      zScore: columnIn(zScore) as ZScoreColumn,
      returnMean: columnIn(returnMean) as LogReturnColumn,
      returnDeviation: columnIn(returnDeviation) as LogReturnColumn,
    }
  })
}

/**
 * Writes the features of every symbol into `into` (from `featureColumns`), symbol i of closes[i], and makes no column but
 * a few of scratch. `closes`: [n] each on one clock, USD per share, strictly positive, NaN where nothing traded: such a
 * row is never bridged. No symbols, and no rows, are fine. Throws RangeError where lengths differ or a window is out of
 * its domain.
 */
export function deriveFeatures(closes: readonly PriceColumn[], windows: FeatureWindows, into: readonly SymbolFeatures[]): void {
  const rows = closes[0]?.length ?? 0
  requireDomain({ closes, into, rows }, windows)
  const momentsOfReturns = rollingMoments({ rows, window: windows.returnWindow })
  const scratch = { mean: new Float64Array(rows), deviation: new Float64Array(rows) }
  closes.forEach((close, i) => {
    const { logClose, logReturn, zScore, returnMean, returnDeviation } = into[i]
    writeLogs(close, { logClose, logReturn })
    expandingMoments(logClose, { minimum: windows.zScoreMinimum }, { ...scratch, zScore })
    momentsOfReturns(logReturn, { mean: returnMean, deviation: returnDeviation })
  })
}

type Given = { readonly closes: readonly PriceColumn[]; readonly into: readonly SymbolFeatures[]; readonly rows: number }

function requireDomain({ closes, into, rows }: Given, { zScoreMinimum, returnWindow }: FeatureWindows): void {
  if (into.length !== closes.length) throw new RangeError(`there are ${closes.length} symbols and room for ${into.length}`)
  if (closes.some((close) => close.length !== rows) || into.some(({ logClose }) => logClose.length !== rows))
    throw new RangeError(`closes and features stand on one clock of ${rows} rows, and one of them does not`)
  if (!(zScoreMinimum >= 2)) throw new RangeError(`a z-score is among 2 closes or more, got ${zScoreMinimum}`)
  if (!(returnWindow >= 2)) throw new RangeError(`a deviation is of 2 returns or more, got ${returnWindow}`)
}
