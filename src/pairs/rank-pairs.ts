import { nameOf } from '#domain/pair.ts'
import { bySymbol } from '#domain/symbol.ts'
import { benjaminiHochberg } from '#statistics/benjamini-hochberg.ts'
import type { AssessedPair } from './assess-pair.ts'
import type { ScreenedPair, ScreenRules } from './screened-pair.ts'

type Passed = Extract<AssessedPair, { verdict: 'passed' }>

/**
 * The assessed pairs after the gates that need all of them: shortlisted ones by rank, then the others by name.
 *
 * False discoveries: Benjamini–Hochberg over all pairs tried. A pair's p-value is twice the smaller one of its two
 * directions, at most 1 (Bonferroni for having looked at both); a pair that never reached the test, for want of
 * correlation or of data, enters with 1, since it was tried and gave no evidence.
 *
 * Rank: by `scoreOf`, best first; ties by name.
 */
export function rankPairs(assessed: readonly AssessedPair[], rules: ScreenRules): ScreenedPair[] {
  const adjusted = adjustedPValues(assessed)
  const judged = assessed.map((one, i) => ({ one, adjustedPValue: adjusted[i] }))
  const isKept = (adjustedPValue: number) => adjustedPValue <= rules.falseDiscoveryRate
  const kept = judged.flatMap(({ one, adjustedPValue }) => {
    if (one.verdict !== 'passed' || !isKept(adjustedPValue)) return []
    return [{ ...one, name: nameOf(one.pair), adjustedPValue, score: scoreOf(one, rules) }]
  })
  const shortlisted = kept
    .sort((a, b) => b.score - a.score || bySymbol(a.name, b.name))
    .map((one, i): ScreenedPair => ({ ...one, verdict: 'shortlisted', rank: i + 1 }))
  const others = judged.flatMap(({ one, adjustedPValue }): ScreenedPair[] => {
    const name = nameOf(one.pair)
    if (one.verdict !== 'passed') return [{ ...one, name }]
    return isKept(adjustedPValue) ? [] : [{ ...one, name, verdict: 'false-discovery', adjustedPValue }]
  })
  return [...shortlisted, ...others.sort((a, b) => bySymbol(a.name, b.name))]
}

function adjustedPValues(assessed: readonly AssessedPair[]): Float64Array {
  const result = benjaminiHochberg(Float64Array.from(assessed, (one) => ('pValue' in one ? Math.min(1, 2 * one.pValue) : 1)))
  return result.kind === 'adjusted' ? result.adjusted : new Float64Array(assessed.length)
}

/**
 * How much a passed pair is worth looking at, in [0, 1]: half for significance (−log₁₀ p, full at p = 1e−6), three
 * tenths for speed (1 at the shortest allowed half-life, 0 at the longest, in logarithms), two tenths for correlation
 * (0 at the least allowed, 1 at 1). A rank among candidates, not a forecast of profit.
 */
function scoreOf({ pValue, halfLifeBars, correlation }: Passed, rules: ScreenRules): number {
  const significance = Math.min(1, -Math.log10(Math.max(pValue, Number.MIN_VALUE)) / 6)
  const { minimumHalfLifeBars: shortest, maximumHalfLifeBars: longest, minimumCorrelation } = rules
  const speed = longest > shortest ? Math.log(longest / halfLifeBars) / Math.log(longest / shortest) : 1
  const likeness = minimumCorrelation < 1 ? (correlation - minimumCorrelation) / (1 - minimumCorrelation) : 1
  return 0.5 * significance + 0.3 * speed + 0.2 * likeness
}
