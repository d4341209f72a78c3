import { expect, test } from 'vitest'
import { randomStream } from '#domain/random.ts'
import { EXAMPLE_RULES, revertingOf, walkOf } from './example-market.ts'
import { compositeScore, modelFit, residualDiagnostics, scoreParts } from './score.ts'
import { type ScorePart, scored, unscored } from './score-part.ts'
import { type FittedSpreadModel, fitSpreadModel } from './spread-model.ts'

const [HEAD, TAIL] = [800, 200]

function worthOf(part: ScorePart): number {
  if (part.kind === 'undefined') throw new Error(part.why)
  return part.value
}

function modelOf(spread: Float64Array): FittedSpreadModel {
  const model = fitSpreadModel(spread)
  if (model.kind !== 'fitted') throw new Error(model.kind)
  return model
}

const centred = (spread: Float64Array) => spread.map((s) => s - spread.reduce((sum, v) => sum + v, 0) / spread.length)

test('the score weighs its parts 40, 30, 20 and 10 %, and a part without a value adds nothing', () => {
  const none = unscored('no-trades')
  const parts = { fit: none, volatilityForecast: none, recentBacktest: none, residualDiagnostics: none }
  expect(compositeScore(parts)).toBe(0)
  const weights = { fit: 0.4, volatilityForecast: 0.3, recentBacktest: 0.2, residualDiagnostics: 0.1 }
  for (const [name, weight] of Object.entries(weights))
    expect(compositeScore({ ...parts, [name]: scored(0.5) })).toBeCloseTo(weight / 2, 15)
})

test('error correction is found where it is, with its speed, and not in a walk', () => {
  const reverting = modelOf(revertingOf(randomStream(2, 'reverting'), HEAD, 8))
  expect(reverting.correction).toBeCloseTo(2 ** (-1 / 8) - 1, 1)
  expect(worthOf(modelFit(reverting))).toBeGreaterThan(0.99)
  const walks = Array.from({ length: 6 }, (_, i) => worthOf(modelFit(modelOf(centred(walkOf(randomStream(i, 'walk'), HEAD))))))
  expect(walks.reduce((sum, fit) => sum + fit, 0) / walks.length).toBeLessThan(0.5)
})

test('the criteria differ by what one parameter costs: 2 and ln n', () => {
  const { aicGain, bicGain } = modelOf(revertingOf(randomStream(2, 'reverting'), HEAD, 8))
  expect(aicGain - bicGain).toBeCloseTo(Math.log(HEAD - 1) - 2, 10)
  expect(worthOf(modelFit({ ...modelOf(revertingOf(randomStream(2, 'reverting'), HEAD, 8)), aicGain: 0, bicGain: 0 }))).toBe(0.5)
})

test('residuals without a pattern have nothing to object to, and one of every second row does', () => {
  const model = modelOf(revertingOf(randomStream(5, 'clean'), HEAD, 8))
  expect(worthOf(residualDiagnostics(model))).toBe(1)
  const patterned = model.standardisedResiduals.map((z, t) => z + (t % 2 === 0 ? 0.3 : -0.3))
  expect(worthOf(residualDiagnostics({ ...model, standardisedResiduals: patterned }))).toBeLessThan(0.6)
})

test('a spread without a variance model keeps its backtest and says why the rest is missing', () => {
  const spread = revertingOf(randomStream(6, 'short'), 40 + TAIL, 3)
  const parts = scoreParts({ head: spread.subarray(0, 40), tail: spread.subarray(40) }, 1, {
    ...EXAMPLE_RULES.zScoreRule,
    zscoreWindowBars: 30,
  })
  expect(parts.recentBacktest.kind).toBe('measured')
  for (const part of [parts.fit, parts.volatilityForecast, parts.residualDiagnostics])
    expect(part).toEqual(unscored('not-fitted'))
})

test('neither the unit of the spread nor its sign changes a part', () => {
  const spread = revertingOf(randomStream(9, 'unit'), HEAD + TAIL, 8)
  const free = { ...EXAMPLE_RULES.zScoreRule, costBps: 0 }
  const partsOf = (factor: number) => {
    const scaled = spread.map((s) => factor * s)
    return Object.values(scoreParts({ head: scaled.subarray(0, HEAD), tail: scaled.subarray(HEAD) }, 1, free)).map(worthOf)
  }
  const rounded = (factor: number) => partsOf(factor).map((part) => part.toFixed(6))
  expect(rounded(100)).toEqual(rounded(1))
  expect(rounded(-1)).toEqual(rounded(1))
})
