import { describe, expect, test } from 'vitest'
import { randomStream } from '#domain/random.ts'
import type { LogSpreadColumn } from '#domain/units.ts'
import { rollingZScore } from '#statistics/rolling.ts'
import { baselineProbabilities } from './baselines.ts'
import { compareClassifiers, SCORE_NAMES, scoreEvidence, scoreOf } from './score-evidence.ts'
import { classificationScores } from './scores.ts'

/** Labels with probabilities that know them by `skill`: 0 nothing, 1 a good deal. */
function judged(seed: number, n: number, skill: number) {
  const { uniform, normal } = randomStream(seed, 'judged')
  const labels = Uint8Array.from({ length: n }, () => Number(uniform() < 0.5))
  const probabilities = Float64Array.from(labels, (label) => 1 / (1 + Math.exp(-(skill * (2 * label - 1) + normal()))))
  return { labels, probabilities }
}
const options = (seed = 1) => ({ replicates: 200, meanBlock: 5, random: randomStream(seed, 'bootstrap') })

describe('score evidence', () => {
  test('is the scores that trainings have, each inside its interval', () => {
    const one = judged(1, 200, 0.6)
    const evidence = scoreEvidence(one, { ...options(), confidence: 0.9 })
    const { f1, auc, accuracy, precision, recall, logLoss } = classificationScores(one.labels, one.probabilities)
    const plain = { f1, auc, accuracy, precision, recall, logLoss }
    for (const [name, score] of Object.entries(plain)) expect(evidence).toMatchObject({ [name]: score })
    for (const name of SCORE_NAMES) {
      const score = evidence[name]
      expect(score.kind === 'measured' && score.low <= score.value && score.value <= score.high, name).toBe(true)
    }
  })

  test('is the same for the same seed, and holds the truth about as often as it says', () => {
    const one = judged(1, 120, 0.6)
    expect(scoreEvidence(one, { ...options(), confidence: 0.9 })).toEqual(scoreEvidence(one, { ...options(), confidence: 0.9 }))
    // The truth of this accuracy is Φ(0.6).
    const held = Array.from({ length: 60 }, (_, seed) => {
      const { accuracy } = scoreEvidence(judged(seed, 120, 0.6), {
        ...options(seed),
        replicates: 100,
        meanBlock: 1,
        confidence: 0.9,
      })
      return accuracy.kind === 'measured' && accuracy.low <= 0.7257 && 0.7257 <= accuracy.high
    })
    expect(held.filter(Boolean).length / 60).toBeGreaterThan(0.78)
  })

  test('is undefined as the score is: with one class there is no area', () => {
    const one = { labels: new Uint8Array(20).fill(1), probabilities: new Float64Array(20).fill(0.7) }
    const { auc, f1 } = scoreEvidence(one, { ...options(), confidence: 0.9 })
    expect(auc).toEqual({ kind: 'undefined', why: 'one-class' })
    expect(f1).toEqual({ kind: 'measured', value: 1, low: 1, high: 1 })
    const unbracketed = scoreEvidence(one, { ...options(), replicates: 0, confidence: 0.9 })
    expect(unbracketed.f1).toEqual({ kind: 'measured', value: 1, low: 1, high: 1 })
  })
})

describe('the baselines', () => {
  const spread = Float64Array.from({ length: 60 }, (_, t) => Math.sin(t) + (t === 40 ? 9 : 0)) as LogSpreadColumn
  const rule = { zscoreWindowBars: 20, entryZ: 2 }
  const rows = Int32Array.of(25, 39, 40, 41)

  test('always say yes, and say yes where the z-score is beyond the entry', () => {
    const baselines = baselineProbabilities(spread, rows, rule)
    expect([...baselines['always-revert']]).toEqual([1, 1, 1, 1])
    const z = rollingZScore(spread, { window: 20 })
    expect([...baselines['z-score-rule']]).toEqual([...rows].map((row) => Number(Math.abs(z[row]) >= 2)))
    expect(baselines['z-score-rule'][2]).toBe(1)
  })

  test('are scored by the same functions as models', () => {
    const { labels, probabilities } = judged(2, 4, 1)
    const [own, always] = [probabilities, baselineProbabilities(spread, rows, rule)['always-revert']]
    expect(scoreOf('f1', { labels, probabilities: own })).toEqual(classificationScores(labels, own).f1)
    expect(scoreOf('f1', { labels, probabilities: always })).toEqual(classificationScores(labels, own).alwaysRevert.f1)
  })
})

describe('two forecasters of the same windows', () => {
  test('differ where one knows more, and not where both know as much', () => {
    const { labels, probabilities: champion } = judged(1, 400, 0.2)
    const { normal } = randomStream(9, 'other')
    const knows = (skill: number) =>
      Float64Array.from(labels, (label) => 1 / (1 + Math.exp(-(skill * (2 * label - 1) + normal()))))
    const better = compareClassifiers(labels, { challenger: knows(1), champion }, options())
    expect(better.f1.kind === 'compared' && better.f1.difference > 0.1 && better.f1.pValue < 0.02).toBe(true)
    expect(better.rightness.kind === 'tested' && better.rightness.pValue < 0.01).toBe(true)
    const alike = compareClassifiers(labels, { challenger: knows(0.2), champion }, options())
    expect(alike.f1.kind === 'compared' && alike.f1.pValue > 0.05).toBe(true)
    expect(compareClassifiers(labels, { challenger: champion, champion }, options())).toEqual({
      rightness: { kind: 'no-difference' },
      f1: { kind: 'compared', difference: 0, pValue: 1 },
    })
  })
})
