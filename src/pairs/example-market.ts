import { type RandomStream, randomStream } from '#domain/random.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import type { PriceColumn } from '#domain/units.ts'
import type { ScreenRules } from './screened-pair.ts'
import type { ScreenInput } from './screened-symbol.ts'

/** The settings of config/spreadworks.yaml, for tests. */
export const EXAMPLE_RULES: ScreenRules = {
  completeness: 0.8,
  outOfSampleFraction: 0.2,
  stabilityLags: 10,
  stabilityWindowBars: 30,
  zScoreMinimumBars: 30,
  minimumArchPValue: 0,
  minimumLjungBoxPValue: 0,
  maximumVolatilityVariation: 1.5,
  minimumCorrelation: 0.8,
  maximumPValue: 0.05,
  minimumHalfLifeBars: 2,
  maximumHalfLifeBars: 390,
  falseDiscoveryRate: 1,
  maximumTailPValue: 0.25,
  maximumTailShift: 2,
  minimumScore: 0.7,
  maximum: 20,
  zScoreRule: { zscoreWindowBars: 120, entryZ: 2, exitZ: 0.5, stopZ: 4, costBps: 1.5 },
}

/** Log prices of a random walk, [rows]. */
export function walkOf({ normal }: RandomStream, rows: number): Float64Array {
  let level = 3
  return Float64Array.from({ length: rows }, () => {
    level += 0.01 * normal()
    return level
  })
}

/** An AR(1) around 0 of which half is gone after `halfLifeBars`, [rows]. */
export function revertingOf({ normal }: RandomStream, rows: number, halfLifeBars: number): Float64Array {
  const kept = 2 ** (-1 / halfLifeBars)
  let level = 0
  return Float64Array.from({ length: rows }, () => {
    level = kept * level + 0.006 * normal()
    return level
  })
}

/** Columns of log prices as closes to be screened. */
export function inputOf(logPrices: Readonly<Record<string, Float64Array>>): ScreenInput {
  return {
    symbols: Object.keys(logPrices) as Symbol_[],
    closes: Object.values(logPrices).map((column) => column.map(Math.exp) as PriceColumn),
  }
}

/**
 * A market in which AAA and BBB share a walk to the end and DDD shares it until the held-back rows, then goes its own way; OWN has
 * its own walk, LATE lacks the first half, WILD has a day on which its volatility is another.
 */
export function plantedMarket(rows: number): ScreenInput {
  const stream = randomStream(8, 'planted')
  const [walk, own, other] = [walkOf(stream, rows), walkOf(stream, rows), walkOf(stream, rows)]
  const [a, b, d] = [6, 6, 6].map((bars) => revertingOf(stream, rows, bars))
  const head = Math.round(0.8 * rows)
  return inputOf({
    AAA: walk.map((level, t) => level + a[t]),
    BBB: walk.map((level, t) => 0.5 + 0.9 * level + b[t]),
    DDD: walk.map((level, t) => 0.2 + (t < head ? level : walk[head] + 3 * (other[t] - other[head])) + d[t]),
    OWN: own,
    LATE: walk.map((level, t) => (t < rows / 2 ? Number.NaN : level + a[t])),
    WILD: own.map((level, t) => level + (t > rows / 3 ? 3 : 0) + d[t]),
  })
}
