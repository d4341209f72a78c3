import { expect, test } from 'vitest'
import { randomStream } from '#domain/random.ts'
import { normalCdf } from '#statistics/special.ts'
import { type ScorePart, unscored } from './score-part.ts'
import { fitSpreadModel } from './spread-model.ts'
import { volatilityForecast } from './volatility-forecast.ts'

const [HEAD, TAIL] = [800, 200]

/** A reverting spread whose shocks have GARCH variance; `alpha` 0 makes it constant. */
function spreadOf(trial: number, alpha: number): Float64Array {
  const { normal } = randomStream(trial, 'garch spread')
  let [level, variance, shock] = [0, 1, 0]
  return Float64Array.from({ length: HEAD + TAIL }, () => {
    variance = 0.05 + alpha * shock * shock + (0.95 - alpha) * variance
    shock = Math.sqrt(variance) * normal()
    level = 0.9 * level + shock
    return level
  })
}

function forecastOf(spread: Float64Array): ScorePart {
  const model = fitSpreadModel(spread.subarray(0, HEAD))
  if (model.kind !== 'fitted') throw new Error(model.kind)
  return volatilityForecast(spread, HEAD, model)
}

function meanOver(trials: number, alpha: number): number {
  const values = Array.from({ length: trials }, (_, trial) => forecastOf(spreadOf(trial, alpha)))
  return values.reduce((sum, part) => sum + (part.kind === 'measured' ? part.value : Number.NaN), 0) / trials
}

test('a variance that clusters is forecast better than by a constant, one that does not is not', () => {
  expect(meanOver(10, 0.3)).toBeGreaterThan(0.85)
  const steady = meanOver(10, 0)
  expect(steady).toBeGreaterThan(0.1)
  expect(steady).toBeLessThan(0.65)
})

test('three rows by hand: each forecast comes of the rows before it, and the difference has the error of Newey and West', () => {
  const spread = Float64Array.of(1, 2, 0, 1, 3, 2)
  const variance = { mu: 0, omega: 0.5, alpha: 0.5, beta: 0.25, initialVariance: 2 }
  const model = { kind: 'fitted' as const, correction: 0, variance, standardisedResiduals: spread, aicGain: 0, bicGain: 0 }
  // Changes 1 and −2 stand before row 3; 1, 2 and −1 are forecast.
  const h1 = 0.5 + 0.5 * 2 + 0.25 * 2
  const h2 = 0.5 + 0.5 * 1 + 0.25 * h1
  const h3 = 0.5 + 0.5 * 4 + 0.25 * h2
  const h4 = 0.5 + 0.5 * 1 + 0.25 * h3
  const h5 = 0.5 + 0.5 * 4 + 0.25 * h4
  const loss = (h: number, square: number) => Math.log(h) + square / h
  const d = [loss(2.5, 1) - loss(h3, 1), loss(2.5, 4) - loss(h4, 4), loss(2.5, 1) - loss(h5, 1)]
  const mean = (d[0] + d[1] + d[2]) / 3
  const [u, v, w] = d.map((x) => x - mean)
  const longRun = (u * u + v * v + w * w) / 3 + 2 * 0.5 * ((v * u + w * v) / 3)
  expect(longRun).toBeGreaterThan(0)
  const found = volatilityForecast(spread, 3, model)
  expect(found.kind === 'measured' && found.value).toBeCloseTo(normalCdf(mean / Math.sqrt(longRun / 3)), 12)
})

test('fewer than two rows to forecast, or losses that do not differ, are no evidence', () => {
  const spread = spreadOf(1, 0.3)
  const model = fitSpreadModel(spread.subarray(0, HEAD))
  if (model.kind !== 'fitted') throw new Error(model.kind)
  expect(volatilityForecast(spread.subarray(0, HEAD + 1), HEAD, model)).toEqual(unscored('too-short'))
  const before = new Float64Array(HEAD + TAIL).map((_, t) => (t % 2 === 0 ? 1 : -1))
  const constant = { ...model, correction: 0, variance: { mu: 0, omega: 4, alpha: 0, beta: 0, initialVariance: 4 } }
  expect(volatilityForecast(before, HEAD, constant)).toEqual(unscored('no-variation'))
})
