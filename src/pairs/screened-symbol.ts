import { bySymbol, type Symbol_ } from '#domain/symbol.ts'
import type { PriceColumn } from '#domain/units.ts'
import { deriveFeatures, featureColumns } from '#features/universe-features.ts'
import type { ScreenRules } from './screened-pair.ts'
import { maskSpikes } from './spikes.ts'
import { type Stability, type StabilityFailure, type VarianceStability, varianceStability } from './variance-stability.ts'

/** Closes of many symbols on one clock: closes[i][t] is symbols[i] at row t, NaN where nothing was observed. */
export type ScreenInput = {
  readonly symbols: readonly Symbol_[]
  readonly closes: readonly PriceColumn[]
}

/** What became of a symbol before any pair was made of it: only `screened` ones are paired. */
export type ScreenedSymbol = { readonly symbol: Symbol_; readonly observations: number } & (
  | { readonly verdict: 'incomplete'; readonly needed: number }
  | ({ readonly verdict: 'not-testable'; readonly why: string } & Masked)
  | ({ readonly verdict: 'unstable'; readonly stability: Stability; readonly failures: readonly StabilityFailure[] } & Masked)
  | ({ readonly verdict: 'screened'; readonly stability: Stability } & Masked)
)

/** Where a symbol stood at its last close. */
export type Standing = {
  /** Deviations of the log close from the mean of those so far, by the expanding z-score; undefined where there is none. */
  readonly zScore: number | undefined
  /** Standard deviation of the log returns of the last `stabilityWindowBars` bars; undefined where one of them is missing. */
  readonly volatility: number | undefined
}

type Masked = {
  /** Prices taken for bad ticks and left out. */
  readonly maskedSpikes: number
  readonly standing: Standing
}

/** The symbols complete enough, ascending with a close column each, and those that are not. */
export type LineUp = {
  readonly complete: readonly { readonly symbol: Symbol_; readonly observations: number; readonly close: PriceColumn }[]
  readonly incomplete: readonly ScreenedSymbol[]
  readonly rows: number
  /** Rows before the held-back ones. */
  readonly headRows: number
}

/** Who is complete enough to be looked at. Throws RangeError where columns and symbols do not match. */
export function lineUpOf(
  { symbols, closes }: ScreenInput,
  { completeness, outOfSampleFraction }: Pick<ScreenRules, 'completeness' | 'outOfSampleFraction'>,
): LineUp {
  const rows = closes[0]?.length ?? 0
  if (closes.length !== symbols.length || closes.some((close) => close.length !== rows))
    throw new RangeError(
      `a screen needs one column a symbol on one clock, got ${closes.length} columns for ${symbols.length} symbols`,
    )
  const all = symbols
    .map((symbol, i) => ({ symbol, close: closes[i], observations: observedIn(closes[i]) }))
    .sort((a, b) => bySymbol(a.symbol, b.symbol))
  const needed = Math.max(1, Math.ceil(completeness * Math.max(...all.map(({ observations }) => observations))))
  return {
    complete: all.filter(({ observations }) => observations >= needed),
    incomplete: all
      .filter(({ observations }) => observations < needed)
      .map(({ symbol, observations }) => ({ symbol, observations, verdict: 'incomplete', needed })),
    rows,
    headRows: Math.round(rows * (1 - outOfSampleFraction)),
  }
}

/** A column made ready: log prices without spikes, and how steady the variance of its returns is. */
export type PreparedColumn = { readonly logPrices: Float64Array } & PreparedFigures
export type PreparedFigures = Masked & { readonly stability: VarianceStability }

/**
 * Log prices of `close`, [n] USD per share, NaN where not observed or a spike (`maskSpikes`), and the variance stability of the
 * head's log returns. Head and tail are masked apart, so that nothing of the head depends on the rows held back.
 */
export function prepareColumn(close: PriceColumn, headRows: number, rules: ScreenRules): PreparedColumn {
  const logs = close.map(Math.log)
  const parts = [maskSpikes(logs.subarray(0, headRows)), maskSpikes(logs.subarray(headRows))]
  const isMasked = (t: number) => Number.isNaN(t < headRows ? parts[0].column[t] : parts[1].column[t - headRows])
  const clean = close.map((price, t) => (isMasked(t) ? Number.NaN : price)) as PriceColumn
  const [features] = featureColumns({ symbols: 1, rows: close.length })
  const windows = { zScoreMinimum: rules.zScoreMinimumBars, returnWindow: rules.stabilityWindowBars }
  deriveFeatures([clean], windows, [features])
  return {
    logPrices: features.logClose,
    maskedSpikes: parts[0].count + parts[1].count,
    standing: { zScore: lastOf(features.zScore), volatility: lastOf(features.returnDeviation) },
    stability: varianceStability(features.logReturn.subarray(0, headRows), rules),
  }
}

function lastOf(column: Float64Array): number | undefined {
  const last = column.at(-1)
  return last === undefined || Number.isNaN(last) ? undefined : last
}

/** What became of a complete symbol. */
export function verdictOnSymbol(
  { symbol, observations }: LineUp['complete'][number],
  { maskedSpikes, standing, stability }: PreparedFigures,
): ScreenedSymbol {
  const known = { symbol, observations, maskedSpikes, standing }
  if (stability.kind !== 'measured') return { ...known, verdict: 'not-testable', why: stability.kind }
  const { failures, stability: figures } = stability
  if (failures.length > 0) return { ...known, verdict: 'unstable', stability: figures, failures }
  return { ...known, verdict: 'screened', stability: figures }
}

function observedIn(close: PriceColumn): number {
  let count = 0
  for (let t = 0; t < close.length; t++) if (!Number.isNaN(close[t])) count++
  return count
}
