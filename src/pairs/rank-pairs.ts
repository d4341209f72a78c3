import { nameOf } from '#domain/pair.ts'
import { bySymbol } from '#domain/symbol.ts'
import { benjaminiHochberg } from '#statistics/benjamini-hochberg.ts'
import type { AssessedPair, AssessedToTheEnd } from './assess-pair.ts'
import type { ScreenedPair, ScreenRules } from './screened-pair.ts'

/**
 * The assessed pairs after the gate that needs all of them: shortlisted ones by rank, then the others by name.
 *
 * False discoveries: Benjamini–Hochberg over all pairs tried. A pair's p-value is twice the smaller one of its two
 * directions, at most 1 (Bonferroni for having looked at both); a pair that never reached the test, for want of
 * correlation or of data, enters with 1, since it was tried and gave no evidence. The gate stands before the held-back
 * rows: whoever it stops is stopped there, however they would have done on them.
 *
 * Rank: by score, best first; ties by name.
 */
export function rankPairs(assessed: readonly AssessedPair[], rules: ScreenRules): ScreenedPair[] {
  const adjusted = adjustedPValues(assessed)
  const judged = assessed.map((one, i) => judge(one, adjusted[i], rules))
  const shortlisted = judged.filter((one) => one.verdict === 'shortlisted').sort((a, b) => b.score - a.score || byName(a, b))
  const others = judged.filter((one) => one.verdict !== 'shortlisted').sort(byName)
  return [...shortlisted.map((one, i) => ({ ...one, rank: i + 1 })), ...others]
}

function byName(a: ScreenedPair, b: ScreenedPair): number {
  return bySymbol(a.name, b.name)
}

/** The verdict of a pair, with a rank still to be given. */
function judge(one: AssessedPair, adjustedPValue: number, rules: ScreenRules): ScreenedPair {
  const name = nameOf(one.pair)
  if (!hasReverted(one)) return { ...one, name }
  if (adjustedPValue > rules.falseDiscoveryRate) return { ...discovered(one), name, verdict: 'false-discovery', adjustedPValue }
  switch (one.verdict) {
    case 'broke-out-of-sample':
      return { ...one, name, adjustedPValue }
    case 'low-score':
      return { ...one, name, adjustedPValue }
    case 'passed':
      return { ...one, name, adjustedPValue, verdict: 'shortlisted', rank: 0 }
    default:
      return one satisfies never
  }
}

function hasReverted(one: AssessedPair): one is AssessedToTheEnd {
  return one.verdict === 'broke-out-of-sample' || one.verdict === 'low-score' || one.verdict === 'passed'
}

/** What was known of a pair when the gate of false discoveries was reached. */
function discovered({ pair, correlation, pValue, alpha, beta, observations, halfLifeBars }: AssessedToTheEnd) {
  return { pair, correlation, pValue, alpha, beta, observations, halfLifeBars }
}

function adjustedPValues(assessed: readonly AssessedPair[]): Float64Array {
  const result = benjaminiHochberg(Float64Array.from(assessed, (one) => ('pValue' in one ? Math.min(1, 2 * one.pValue) : 1)))
  return result.kind === 'adjusted' ? result.adjusted : new Float64Array(assessed.length)
}
