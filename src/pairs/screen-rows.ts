import type { ScorePart } from './score-part.ts'
import type { ScreenedPair } from './screened-pair.ts'
import type { ScreenedSymbol } from './screened-symbol.ts'

/** A pair as a row. Numbers that its gate had not reached are null; what has no column of its own stands in the detail. */
export function pairRow(screened: ScreenedPair) {
  const known: Partial<Record<string, unknown>> = screened
  const number = (key: string) => (typeof known[key] === 'number' ? known[key] : null)
  const parts = 'parts' in screened ? screened.parts : undefined
  return {
    name: screened.name,
    y: screened.pair.y,
    x: screened.pair.x,
    rank: number('rank'),
    correlation: number('correlation'),
    pValue: number('pValue'),
    beta: number('beta'),
    alpha: number('alpha'),
    halfLifeBars: number('halfLifeBars'),
    score: number('score'),
    verdict: screened.verdict,
    fit: numberIn(parts?.fit),
    volatilityForecast: numberIn(parts?.volatilityForecast),
    recentBacktest: numberIn(parts?.recentBacktest),
    residualDiagnostics: numberIn(parts?.residualDiagnostics),
    tailPValue: number('tailPValue'),
    tailShift: number('tailShift'),
    detail: JSON.stringify({
      why: known.why,
      observations: known.observations,
      adjustedPValue: known.adjustedPValue,
      unscored: parts && unscoredOf(Object.entries(parts)),
    }),
  }
}

export type PairRow = ReturnType<typeof pairRow>

/** The columns of a pair, in the order in which the store writes them. */
export const PAIR_COLUMNS = [
  'name',
  'y',
  'x',
  'rank',
  'correlation',
  'pValue',
  'beta',
  'alpha',
  'halfLifeBars',
  'score',
  'verdict',
  'fit',
  'volatilityForecast',
  'recentBacktest',
  'residualDiagnostics',
  'tailPValue',
  'tailShift',
  'detail',
] as const satisfies readonly (keyof PairRow)[]

/** A symbol as a row; nulls and detail as for a pair. */
export function symbolRow(screened: ScreenedSymbol) {
  const stability = 'stability' in screened ? screened.stability : undefined
  const standing = 'standing' in screened ? screened.standing : undefined
  return {
    symbol: screened.symbol,
    verdict: screened.verdict,
    observations: screened.observations,
    maskedSpikes: 'maskedSpikes' in screened ? screened.maskedSpikes : null,
    archPValue: stability?.archPValue ?? null,
    ljungBoxPValue: stability?.ljungBoxPValue ?? null,
    volatilityVariation: stability?.volatilityVariation ?? null,
    zScore: standing?.zScore ?? null,
    volatility: standing?.volatility ?? null,
    detail: JSON.stringify(symbolDetail(screened)),
  }
}

export type SymbolRow = ReturnType<typeof symbolRow>

/** The columns of a symbol, in the order in which the store writes them. */
export const SYMBOL_COLUMNS = [
  'symbol',
  'verdict',
  'observations',
  'maskedSpikes',
  'archPValue',
  'ljungBoxPValue',
  'volatilityVariation',
  'zScore',
  'volatility',
  'detail',
] as const satisfies readonly (keyof SymbolRow)[]

function symbolDetail(screened: ScreenedSymbol): object {
  switch (screened.verdict) {
    case 'incomplete':
      return { needed: screened.needed }
    case 'not-testable':
      return { why: screened.why }
    case 'unstable':
      return { failures: screened.failures }
    case 'screened':
      return {}
    default:
      return screened satisfies never
  }
}

function numberIn(part: ScorePart | undefined): number | null {
  return part?.kind === 'measured' ? part.value : null
}

/** Why each part without a value has none, by its name; undefined when all have one. */
function unscoredOf(parts: readonly (readonly [string, ScorePart])[]): object | undefined {
  const reasons = parts.flatMap(([name, part]) => (part.kind === 'undefined' ? [[name, part.why]] : []))
  return reasons.length === 0 ? undefined : Object.fromEntries(reasons)
}
