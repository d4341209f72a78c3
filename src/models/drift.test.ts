import { describe, expect, test } from 'vitest'
import { randomStream } from '#domain/random.ts'
import type { LogSpreadColumn } from '#domain/units.ts'
import { type DriftEvidence, type DriftRules, driftFindings } from './drift.ts'
import { driftWords } from './drift-words.ts'

const RULES: DriftRules = {
  stabilityBins: 10,
  maximumStabilityIndex: 0.25,
  maximumDistance: 0.15,
  maximumPValue: 0.01,
  cointegrationWindow: 120,
  cointegrationEvery: 30,
  maximumCointegrationPValue: 0.05,
  consecutiveWindows: 3,
  scoreTolerance: 0.05,
}
const normals = (label: string, n: number, { mean = 0, deviation = 1 } = {}) => {
  const { normal } = randomStream(3, label)
  return Float64Array.from({ length: n }, () => mean + deviation * normal())
}

/** A pair whose spread reverts until `breaksAt`, and from there wanders, or reverts to another level. */
function pair({ breaksAt = 600, to = 'wandering', level = 0 } = {}) {
  const { normal } = randomStream(5, 'drifting-pair')
  const [logX, spread] = [new Float64Array(600), new Float64Array(600)]
  let [x, s] = [4, 0]
  for (let t = 0; t < 600; t++) {
    const [pull, mean] = t < breaksAt ? [0.4, 0] : [to === 'wandering' ? 0 : 0.4, level]
    x += 0.004 * normal()
    s += pull * (mean - s) + 0.002 * normal()
    logX[t] = x
    spread[t] = s
  }
  return { logX, logY: logX.map((value, t) => 0.1 + 0.9 * value + spread[t]), spread: spread as LogSpreadColumn }
}
const calm: DriftEvidence = {
  reference: { rsi_14: normals('a', 2000), garch_residual: normals('b', 2000) },
  recent: { rsi_14: normals('c', 300), garch_residual: normals('d', 300) },
  ...pair(),
  validation: { f1: 0.7, brier: 0.22 },
  live: {
    f1: { kind: 'measured', value: 0.66, low: 0.6, high: 0.72 },
    brier: { kind: 'measured', value: 0.24, low: 0.21, high: 0.27 },
  },
}
const found = (changes: Partial<DriftEvidence>) => driftFindings({ ...calm, ...changes }, RULES)

describe('drift', () => {
  test('is not found where there is none', () => {
    expect(driftFindings(calm, RULES)).toEqual([])
  })

  test('of one column is found by both tests, named, and of no other', () => {
    const recent = { ...calm.recent, rsi_14: normals('c', 300, { mean: 1.2 }) }
    expect(found({ recent }).map((finding) => [finding.kind, 'column' in finding && finding.column])).toEqual([
      ['population-moved', 'rsi_14'],
      ['distribution-moved', 'rsi_14'],
    ])
  })

  test('of the residuals’ scale is found though their mean stays', () => {
    const recent = { ...calm.recent, garch_residual: normals('d', 300, { deviation: 2.5 }) }
    expect(found({ recent }).map(({ kind }) => kind)).toContain('population-moved')
  })

  test('is not made of a difference that is sure but small', () => {
    const reference = { rsi_14: normals('e', 20_000) }
    expect(found({ reference, recent: { rsi_14: normals('f', 20_000, { mean: 0.1 }) } })).toEqual([])
  })

  test('is told of a column that is gone, unknown or still', () => {
    const gone = found({ recent: { rsi_14: new Float64Array(300).fill(Number.NaN) } })
    expect(gone).toEqual([
      { kind: 'not-comparable', column: 'garch_residual', why: 'too-short' },
      { kind: 'not-comparable', column: 'rsi_14', why: 'too-short' },
    ])
    const still = found({ recent: { ...calm.recent, rsi_14: new Float64Array(300) } })
    expect(still.map(({ kind }) => kind)).toEqual(['population-moved', 'distribution-moved'])
  })

  test('of the pair is found where its legs come apart, and where its mean moves', () => {
    const apart = found(pair({ breaksAt: 250 }))
    expect(apart.map(({ kind }) => kind)).toContain('cointegration-broken')
    const moved = found(pair({ breaksAt: 400, to: 'another level', level: 0.02 }))
    expect(moved.map(({ kind }) => kind)).toContain('reversion-broken')
    const { logX, logY, spread } = calm
    const short = { logX: logX.subarray(0, 130), logY: logY.subarray(0, 130), spread: spread.subarray(0, 130) as LogSpreadColumn }
    expect(found(short)).toEqual([{ kind: 'not-comparable', column: 'cointegration', why: '1 of 3 windows' }])
  })

  test('of a score is found where even its better end lies below validation by more than the tolerance', () => {
    const live = {
      f1: { kind: 'measured', value: 0.55, low: 0.5, high: 0.64 },
      brier: { kind: 'measured', value: 0.3, low: 0.28, high: 0.33 },
    } as const
    expect(found({ live })).toEqual([
      { kind: 'score-fell', score: 'f1', validation: 0.7, live: 0.55, atBest: 0.64 },
      { kind: 'score-fell', score: 'brier', validation: 0.22, live: 0.3, atBest: 0.28 },
    ])
    expect(found({ live: { f1: { kind: 'undefined', why: 'no-positives' } } })).toEqual([
      { kind: 'not-comparable', column: 'f1', why: 'no-positives' },
    ])
  })

  test('is told in words', () => {
    const findings = [
      ...found({ recent: { ...calm.recent, rsi_14: normals('c', 300, { mean: 1.2 }) } }),
      ...found(pair({ breaksAt: 250 })),
      ...found({ live: { brier: { kind: 'measured', value: 0.3, low: 0.28, high: 0.33 } } }),
      ...found({ live: { f1: { kind: 'undefined', why: 'no-positives' } } }),
    ].map(driftWords)
    expect(findings).toContain('live Brier score is 0.300, 0.280 at best; in validation it was 0.220')
    expect(findings).toContain('f1 cannot be compared with the training: no positives')
    expect(
      findings.some((words) =>
        /^rsi_14 is another population than at the training: stability index \d\.\d\d, at most 0.25$/.test(words),
      ),
    ).toBe(true)
    expect(findings.some((words) => /^the legs no longer move together: the last \d+ windows/.test(words))).toBe(true)
  })
})
