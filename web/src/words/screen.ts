import type { FunnelStep, PairVerdict, ScreenedPair, ScreenedSymbol, ScreenRules } from '../../../src/api/contract.ts'
import { count, pValue, ratio } from './figures.ts'

/** What a verdict is called. */
export const VERDICT_NAMES: Readonly<Record<PairVerdict, string>> = {
  'not-testable': 'Not testable',
  'low-correlation': 'Low correlation',
  'not-cointegrated': 'Not cointegrated',
  'negative-hedge-ratio': 'Negative hedge ratio',
  'half-life-out-of-range': 'Half-life out of range',
  'false-discovery': 'False discovery',
  'broke-out-of-sample': 'Broke out of sample',
  'low-score': 'Low score',
  shortlisted: 'Shortlisted',
}

/** From the one that passed everything to the one that could not be tested. */
export const VERDICTS: readonly PairVerdict[] = [
  'shortlisted',
  'low-score',
  'broke-out-of-sample',
  'false-discovery',
  'half-life-out-of-range',
  'negative-hedge-ratio',
  'not-cointegrated',
  'low-correlation',
  'not-testable',
]

/** What a gate lets through, in words that follow a count. */
export function gateText(gate: FunnelStep['gate'], rules: ScreenRules): string {
  const tail = [
    ...(rules.maximumTailPValue < 1 ? [`p ≤ ${rules.maximumTailPValue}`] : []),
    ...(rules.maximumTailShift === null ? [] : [`mean within ${rules.maximumTailShift} σ`]),
  ]
  const texts: Readonly<Record<string, string>> = {
    offered: 'Symbols offered',
    complete: 'Complete enough',
    stable: 'Steady variance',
    tried: 'Pairs tried',
    correlated: `Correlation ≥ ${ratio(rules.minimumCorrelation)}`,
    cointegrated: `Cointegrated, p ≤ ${rules.maximumPValue}`,
    hedged: 'Hedge ratio above 0',
    reverting: `Half-life ${count(rules.minimumHalfLifeBars)} to ${count(rules.maximumHalfLifeBars)} bars`,
    'false-discovery':
      rules.falseDiscoveryRate < 1 ? `False discoveries ≤ ${rules.falseDiscoveryRate}` : 'False discoveries, not enforced',
    'out-of-sample': `Reverts out of sample${tail.length === 0 ? '' : `, ${tail.join(', ')}`}`,
    shortlisted: rules.minimumScore > 0 ? `Shortlisted, score ≥ ${ratio(rules.minimumScore)}` : 'Shortlisted',
  }
  return texts[gate] ?? gate
}

/** The verdicts of the pairs that passed a gate and were stopped by the next one. */
export const STOPPED_AFTER: Readonly<Record<string, readonly PairVerdict[]>> = {
  tried: ['low-correlation', 'not-testable'],
  correlated: ['not-cointegrated'],
  cointegrated: ['negative-hedge-ratio'],
  hedged: ['half-life-out-of-range'],
  reverting: ['false-discovery'],
  'false-discovery': ['broke-out-of-sample'],
  'out-of-sample': ['low-score'],
}

const WHY_NOT_TESTABLE: Readonly<Record<string, string>> = {
  'too-short': 'there are too few rows that both have',
  'not-finite': 'a figure is not finite',
  constant: 'it does not move',
  collinear: 'the two are one series',
  'no-residual': 'the two are one series',
}

/** What stopped a pair, with the figure and the limit that it broke. */
export function verdictSentence(row: ScreenedPair, rules: ScreenRules): string {
  switch (row.verdict) {
    case 'not-testable':
      return `No test can be made, since ${WHY_NOT_TESTABLE[row.why ?? ''] ?? row.why}.`
    case 'low-correlation':
      return `Correlation of ${figure(row.correlation, ratio)} is below ${ratio(rules.minimumCorrelation)}.`
    case 'not-cointegrated':
      return `Engle–Granger p of ${figure(row.pValue, pValue)} is above ${rules.maximumPValue}.`
    case 'negative-hedge-ratio':
      return `Hedge ratio of ${figure(row.hedgeRatio, ratio)}: both legs would be on one side.`
    case 'half-life-out-of-range':
      return halfLifeSentence(row, rules)
    case 'false-discovery':
      return `After so many tries p is ${figure(row.adjustedPValue, pValue)}; the limit is ${rules.falseDiscoveryRate}.`
    case 'broke-out-of-sample':
      return tailSentence(row, rules)
    case 'low-score':
      return `Score of ${figure(row.score, ratio)} is below ${ratio(rules.minimumScore)}.`
    case 'shortlisted':
      return 'Passed every gate.'
    default:
      return row.verdict satisfies never
  }
}

function halfLifeSentence({ halfLifeBars }: ScreenedPair, { minimumHalfLifeBars, maximumHalfLifeBars }: ScreenRules): string {
  if (halfLifeBars === null) return 'The spread does not revert.'
  return `Half of a deviation takes ${halfLifeBars.toFixed(1)} bars; ${count(minimumHalfLifeBars)} to ${count(maximumHalfLifeBars)} are taken.`
}

function tailSentence({ tailPValue, tailShift, why }: ScreenedPair, rules: ScreenRules): string {
  if (tailPValue === null || tailShift === null)
    return `The bars held back are not enough to look: ${WHY_NOT_TESTABLE[why ?? ''] ?? why}.`
  const faults = [
    ...(tailPValue > rules.maximumTailPValue ? [`does not return to its mean (p ${pValue(tailPValue)})`] : []),
    ...(rules.maximumTailShift !== null && tailShift > rules.maximumTailShift
      ? [`has moved ${ratio(tailShift)} σ away from it`]
      : []),
  ]
  return `On the bars held back the spread ${faults.join(' and ')}.`
}

const FAILURES: Readonly<Record<ScreenedSymbol['failures'][number], (row: ScreenedSymbol, rules: ScreenRules) => string>> = {
  'arch-effects': (row, rules) => `ARCH-LM p ${figure(row.archPValue, pValue)} is below ${rules.minimumArchPValue}`,
  autocorrelated: (row, rules) => `Ljung–Box p ${figure(row.ljungBoxPValue, pValue)} is below ${rules.minimumLjungBoxPValue}`,
  'unsteady-volatility': (row, rules) =>
    `Volatility varies by ${figure(row.volatilityVariation, ratio)} of its mean; the limit is ${figure(rules.maximumVolatilityVariation, ratio)}`,
}

/** What became of a symbol, with the figure and the limit that it broke. */
export function symbolSentence(row: ScreenedSymbol, rules: ScreenRules): string {
  switch (row.verdict) {
    case 'incomplete':
      return `${count(row.observations)} bars of the ${figure(row.needed, count)} that are needed.`
    case 'not-testable':
      return `No test can be made, since ${WHY_NOT_TESTABLE[row.why ?? ''] ?? row.why}.`
    case 'unstable':
      return `${row.failures.map((failure) => FAILURES[failure](row, rules)).join('; ')}.`
    case 'screened':
      return 'Paired.'
    default:
      return row.verdict satisfies never
  }
}

const UNSCORED: Readonly<Record<string, string>> = {
  'not-fitted': 'No variance model could be fitted to the spread.',
  'too-short': 'Too few bars were held back.',
  'no-variation': 'What it measures does not vary.',
  'no-trades': 'The rule did not trade on the bars held back.',
}

/** Why a part of a score has no value. */
export function unscoredText(why: string | undefined): string {
  if (why === undefined) return 'The pair was stopped by an earlier gate, before this was measured.'
  return `${UNSCORED[why] ?? why} It adds nothing to the score.`
}

function figure(value: number | null, show: (value: number) => string): string {
  return value === null ? '–' : show(value)
}
