import { expect, test } from 'vitest'
import type { ScreenedPair, ScreenedSymbol } from '../../../src/api/contract.ts'
import { gateText, symbolSentence, unscoredText, verdictSentence } from './screen.ts'

const RULES = {
  minimumCorrelation: 0.8,
  maximumPValue: 0.05,
  minimumHalfLifeBars: 2,
  maximumHalfLifeBars: 390,
  falseDiscoveryRate: 1,
  maximumTailPValue: 0.25,
  maximumTailShift: 2,
  minimumScore: 0.7,
  minimumArchPValue: 0,
  minimumLjungBoxPValue: 0.01,
  maximumVolatilityVariation: 1.5,
}

const PAIR: ScreenedPair = {
  pair: 'XOM-CVX',
  rank: null,
  correlation: 0.41,
  pValue: 0.21,
  adjustedPValue: 0.6,
  hedgeRatio: -0.4,
  halfLifeBars: 412.34,
  tailPValue: 0.62,
  tailShift: 3.1,
  fit: null,
  volatilityForecast: null,
  recentBacktest: null,
  residualDiagnostics: null,
  unscored: {},
  score: 0.61,
  verdict: 'shortlisted',
  why: null,
}

test('each verdict names the figure and the limit that it broke', () => {
  const says = (more: Partial<ScreenedPair>) => verdictSentence({ ...PAIR, ...more }, RULES)
  expect(says({ verdict: 'not-testable', why: 'collinear' })).toBe('No test can be made, since the two are one series.')
  expect(says({ verdict: 'low-correlation' })).toBe('Correlation of 0.41 is below 0.80.')
  expect(says({ verdict: 'not-cointegrated' })).toBe('Engle–Granger p of 0.210 is above 0.05.')
  expect(says({ verdict: 'half-life-out-of-range' })).toBe('Half of a deviation takes 412.3 bars; 2 to 390 are taken.')
  expect(says({ verdict: 'half-life-out-of-range', halfLifeBars: null })).toBe('The spread does not revert.')
  expect(says({ verdict: 'low-score' })).toBe('Score of 0.61 is below 0.70.')
})

test('a pair that broke says how: it does not return, has moved away, both, or could not be looked at', () => {
  const says = (more: Partial<ScreenedPair>) => verdictSentence({ ...PAIR, verdict: 'broke-out-of-sample', ...more }, RULES)
  expect(says({})).toBe(
    'On the bars held back the spread does not return to its mean (p 0.620) and has moved 3.10 σ away from it.',
  )
  expect(says({ tailShift: 1 })).toBe('On the bars held back the spread does not return to its mean (p 0.620).')
  expect(says({ tailPValue: 0.001 })).toBe('On the bars held back the spread has moved 3.10 σ away from it.')
  expect(says({ tailPValue: null, tailShift: null, why: 'too-short' })).toBe(
    'The bars held back are not enough to look: there are too few rows that both have.',
  )
})

test('a symbol left out says why', () => {
  const symbol: ScreenedSymbol = {
    symbol: 'NI',
    verdict: 'unstable',
    observations: 1259,
    needed: null,
    maskedSpikes: 0,
    archPValue: 0.9,
    ljungBoxPValue: 0.0004,
    volatilityVariation: 1.72,
    zScore: 0.4,
    volatility: 0.012,
    failures: ['autocorrelated', 'unsteady-volatility'],
    why: null,
  }
  expect(symbolSentence(symbol, RULES)).toBe(
    'Ljung–Box p < 0.001 is below 0.01; Volatility varies by 1.72 of its mean; the limit is 1.50.',
  )
  expect(symbolSentence({ ...symbol, verdict: 'incomplete', observations: 700, needed: 1008 }, RULES)).toBe(
    '700 bars of the 1,008 that are needed.',
  )
})

test('a gate that refuses nobody says so, and one of an older screen leaves out what it did not ask', () => {
  expect(gateText('false-discovery', RULES)).toBe('False discoveries, not enforced')
  expect(gateText('out-of-sample', RULES)).toBe('Reverts out of sample, p ≤ 0.25, mean within 2 σ')
  expect(gateText('out-of-sample', { ...RULES, maximumTailPValue: 1, maximumTailShift: null })).toBe('Reverts out of sample')
  expect(gateText('shortlisted', { ...RULES, minimumScore: 0 })).toBe('Shortlisted')
  expect(unscoredText('no-trades')).toBe('The rule did not trade on the bars held back. It adds nothing to the score.')
})
