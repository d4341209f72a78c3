import { everyPair, type Pair } from '#domain/pair.ts'
import { bySymbol, type Symbol_ } from '#domain/symbol.ts'
import type { PriceColumn } from '#domain/units.ts'
import { assessPair } from './assess-pair.ts'
import { rankPairs } from './rank-pairs.ts'
import type { ScreenedPair, ScreenRules } from './screened-pair.ts'
import { maskSpikes } from './spikes.ts'

export type { ScreenedPair, ScreenRules } from './screened-pair.ts'

/** Closes of many symbols on one clock: closes[i][t] is symbols[i] at row t, NaN where nothing was observed. */
export type ScreenInput = {
  readonly symbols: readonly Symbol_[]
  readonly closes: readonly PriceColumn[]
}

export type ScreenResult = {
  /** Symbols handed in. */
  readonly offered: number
  /** Symbols complete enough to be paired. */
  readonly complete: number
  /** Prices taken for bad ticks and left out, by symbol; symbols without one are absent. */
  readonly maskedSpikes: Readonly<Record<string, number>>
  /** Pairs tried, and how many of them passed each gate and those before it. */
  readonly tested: number
  readonly correlated: number
  readonly cointegrated: number
  readonly shortlisted: number
  /** Shortlisted ones by rank, then the others by name. */
  readonly pairs: readonly ScreenedPair[]
}

export type ScreenProgress = (done: number, total: number) => void

/** Symbols complete enough, ascending, with their log prices without spikes, and every pair of them. */
export type Candidates = {
  readonly symbols: readonly Symbol_[]
  readonly logPrices: readonly Float64Array[]
  readonly maskedSpikes: Readonly<Record<string, number>>
  readonly pairs: readonly Pair[]
}

/**
 * Every pair of the symbols that are complete enough, with the gate that stopped it or its rank. The gates, in order:
 * correlation of log prices → Engle–Granger in both directions, the better one names y → positive hedge ratio →
 * half-life → false discoveries over all pairs tried → score. Bad ticks are left out first (`maskSpikes`), and a pair
 * is tested on the rows that both have. Uses every row: hand in the training window only. The same input and rules give
 * the same result, whatever the order of the symbols. `onProgress` is told the pairs done and their total.
 */
export function screen(input: ScreenInput, rules: ScreenRules, onProgress?: ScreenProgress): ScreenResult {
  const candidates = candidatesOf(input, rules)
  const columns = new Map(candidates.symbols.map((symbol, i) => [symbol, candidates.logPrices[i]]))
  const assessed = candidates.pairs.map(({ y, x }, done) => {
    onProgress?.(done, candidates.pairs.length)
    return assessPair({ y, x }, { first: columnOf(columns, y), second: columnOf(columns, x) }, rules)
  })
  onProgress?.(assessed.length, assessed.length)
  return concludeScreen(input, candidates, rankPairs(assessed, rules))
}

/** What of the input is screened. Throws RangeError where columns and symbols do not match. */
export function candidatesOf({ symbols, closes }: ScreenInput, { completeness }: ScreenRules): Candidates {
  const rows = closes[0]?.length ?? 0
  if (closes.length !== symbols.length || closes.some((close) => close.length !== rows))
    throw new RangeError(
      `a screen needs one column a symbol on one clock, got ${closes.length} columns for ${symbols.length} symbols`,
    )
  const observed = closes.map((close) => close.filter((price) => !Number.isNaN(price)).length)
  const needed = completeness * Math.max(...observed)
  const complete = symbols
    .map((symbol, i) => ({ symbol, close: closes[i], isComplete: observed[i] > 0 && observed[i] >= needed }))
    .filter(({ isComplete }) => isComplete)
    .sort((a, b) => bySymbol(a.symbol, b.symbol))
    .map(({ symbol, close }) => ({ symbol, masked: maskSpikes(close.map(Math.log)) }))
  return {
    symbols: complete.map(({ symbol }) => symbol),
    logPrices: complete.map(({ masked }) => masked.column),
    maskedSpikes: Object.fromEntries(
      complete.filter(({ masked }) => masked.count > 0).map(({ symbol, masked }) => [symbol, masked.count]),
    ),
    pairs: everyPair(complete.map(({ symbol }) => symbol)),
  }
}

/** The counts over ranked pairs. */
export function concludeScreen(input: ScreenInput, candidates: Candidates, pairs: readonly ScreenedPair[]): ScreenResult {
  const count = (...verdicts: readonly ScreenedPair['verdict'][]) =>
    pairs.filter(({ verdict }) => verdicts.includes(verdict)).length
  const shortlisted = count('shortlisted')
  const cointegrated = shortlisted + count('negative-hedge-ratio', 'half-life-out-of-range', 'false-discovery')
  return {
    offered: input.symbols.length,
    complete: candidates.symbols.length,
    maskedSpikes: candidates.maskedSpikes,
    tested: pairs.length,
    correlated: cointegrated + count('not-cointegrated'),
    cointegrated,
    shortlisted,
    pairs,
  }
}

function columnOf(columns: ReadonlyMap<Symbol_, Float64Array>, symbol: Symbol_): Float64Array {
  const column = columns.get(symbol)
  if (column === undefined) throw new RangeError(`${symbol} is in a pair but has no column`)
  return column
}
