import { bySymbol, type Symbol_ } from '#domain/symbol.ts'
import { type AssessedPair, assessPair } from './assess-pair.ts'
import { type FunnelStep, funnelOf } from './funnel.ts'
import { rankPairs } from './rank-pairs.ts'
import type { ScreenedPair, ScreenRules } from './screened-pair.ts'
import {
  type LineUp,
  lineUpOf,
  prepareColumn,
  type ScreenedSymbol,
  type ScreenInput,
  verdictOnSymbol,
} from './screened-symbol.ts'

export type { ScreenedPair, ScreenRules } from './screened-pair.ts'
export type { ScreenInput } from './screened-symbol.ts'

export type ScreenResult = {
  /** Rows of the clock, and those of them before the held-back ones. */
  readonly rows: number
  readonly headRows: number
  /** How many symbols and pairs passed each gate, in the order of the gates. */
  readonly funnel: readonly FunnelStep[]
  /** Prices taken for bad ticks and left out, by symbol; symbols without one are absent. */
  readonly maskedSpikes: Readonly<Record<string, number>>
  /** Every symbol handed in, ascending. */
  readonly symbols: readonly ScreenedSymbol[]
  /** Every pair tried: shortlisted ones by rank, then the others by name. */
  readonly pairs: readonly ScreenedPair[]
}

/** Told of pairs done and their total. */
export type ScreenProgress = (done: number, total: number) => void

/** The symbols that are paired, ascending, with their log prices without spikes. */
export type Field = {
  readonly symbols: readonly Symbol_[]
  readonly columns: readonly Float64Array[]
  /** Rows before the held-back ones. */
  readonly headRows: number
}

/**
 * Every pair of the symbols that are fit for it, with the gate that stopped it or its rank. The gates, in order. Symbols:
 * complete enough → variance steady enough. Pairs: correlation of log prices → Engle–Granger in both directions, the
 * better one names y → positive hedge ratio → half-life → false discoveries over all pairs tried → reversion on the newest
 * rows, which no estimate has seen → composite score. Bad ticks are left out first (`maskSpikes`), and a pair is tested on the
 * rows that both have. Hand in the training window only. The same input and rules give the same result, whatever the
 * order of the symbols. docs/screen.md defines every figure.
 */
export function screen(input: ScreenInput, rules: ScreenRules, onProgress?: ScreenProgress): ScreenResult {
  const lineUp = lineUpOf(input, rules)
  const prepared = lineUp.complete.map(({ close }) => prepareColumn(close, lineUp.headRows, rules))
  const verdicts = lineUp.complete.map((candidate, i) => verdictOnSymbol(candidate, prepared[i]))
  const places = placesOf(verdicts)
  const field = {
    symbols: places.map((place) => verdicts[place].symbol),
    columns: places.map((place) => prepared[place].logPrices),
    headRows: lineUp.headRows,
  }
  let done = 0
  const assessed = places.flatMap((_, row) => {
    const pairs = assessRow(field, row, rules)
    done += pairs.length
    onProgress?.(done, pairsOf(places.length))
    return pairs
  })
  return concludeScreen({ lineUp, verdicts, assessed }, rules)
}

/** The places, among complete symbols, of those that are paired. */
export function placesOf(verdicts: readonly ScreenedSymbol[]): number[] {
  return verdicts.flatMap(({ verdict }, place) => (verdict === 'screened' ? [place] : []))
}

/** How many pairs `symbols` symbols make. */
export function pairsOf(symbols: number): number {
  return (symbols * (symbols - 1)) / 2
}

/** Every pair of the field's symbol at `row` with a later one, in their order. */
export function assessRow({ symbols, columns, headRows }: Field, row: number, rules: ScreenRules): AssessedPair[] {
  const assessed: AssessedPair[] = []
  for (let other = row + 1; other < symbols.length; other++)
    assessed.push(
      assessPair({ y: symbols[row], x: symbols[other] }, { first: columns[row], second: columns[other], headRows }, rules),
    )
  return assessed
}

/** What is known once every pair was assessed; `verdicts` are of the complete symbols, `assessed` in the order of the rows. */
export type Assessed = {
  readonly lineUp: LineUp
  readonly verdicts: readonly ScreenedSymbol[]
  readonly assessed: readonly AssessedPair[]
}

/** The gates that need all pairs, and the counts. */
export function concludeScreen({ lineUp, verdicts, assessed }: Assessed, rules: ScreenRules): ScreenResult {
  const symbols = [...verdicts, ...lineUp.incomplete].sort((a, b) => bySymbol(a.symbol, b.symbol))
  const pairs = rankPairs(assessed, rules)
  const masked = symbols.flatMap((one) => ('maskedSpikes' in one && one.maskedSpikes > 0 ? [[one.symbol, one.maskedSpikes]] : []))
  return {
    rows: lineUp.rows,
    headRows: lineUp.headRows,
    funnel: funnelOf(symbols, pairs),
    maskedSpikes: Object.fromEntries(masked),
    symbols,
    pairs,
  }
}
