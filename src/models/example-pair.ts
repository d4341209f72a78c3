import { randomStream } from '#domain/random.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { MINUTE_MS, type PriceColumn, type TimeColumn } from '#domain/units.ts'
import type { TradingRules } from './trading-score.ts'
import type { TrainingInput } from './training-set.ts'

/** Rules of a small network that trains in a moment. */
const RULES = {
  sequenceBars: 5,
  hidden: [6, 4],
  dropout: 0.2,
  learningRate: 0.01,
  batchWindows: 32,
  maximumEpochs: 4,
  patienceEpochs: 4,
  trainFraction: 0.7,
  validationFraction: 0.15,
  gapBars: 5,
}

export const TRADING: TradingRules = {
  zscoreWindowBars: 30,
  entryZ: 1.5,
  exitZ: 0.3,
  stopZ: 4,
  minimumProbability: 0.5,
  costBps: 1,
}

/** 600 minutes of two legs whose log spread is an AR(1) with coefficient 0.8: ln y = 0.2 + 0.9 ln x + spread. */
export function examplePair(changes: Partial<TrainingInput> = {}): TrainingInput {
  const random = randomStream(4, 'pair')
  const rows = 600
  const y = new Float64Array(rows)
  const x = new Float64Array(rows)
  let [lnX, spread] = [4, 0]
  for (let t = 0; t < rows; t++) {
    lnX += 0.0005 * random.normal()
    spread = 0.8 * spread + 0.001 * random.normal()
    x[t] = Math.exp(lnX)
    y[t] = Math.exp(0.2 + 0.9 * lnX + spread)
  }
  return {
    pair: { y: 'XOM' as Symbol_, x: 'CVX' as Symbol_ },
    hedge: { alpha: 0.2, beta: 0.9 },
    halfLifeBars: 3.1,
    openedAt: Float64Array.from({ length: rows }, (_, t) => 1.5e12 + t * MINUTE_MS) as TimeColumn,
    y: y as PriceColumn,
    x: x as PriceColumn,
    feed: 'import',
    timeframe: '1m',
    rules: RULES,
    seed: 7,
    ...changes,
  }
}
