import { describe, expect, test } from 'vitest'
import { randomStream } from '#domain/random.ts'
import { autocorrelation } from './autocorrelation.ts'
import { mcnemar } from './mcnemar.ts'
import { turnover } from './performance.ts'
import { rocInterval, wilsonInterval } from './score-intervals.ts'
import { dependentSharpe, sharpeDifference, sharpeScaling } from './sharpe-dependence.ts'
import { sharpeEvidence, sharpeInterval } from './sharpe-significance.ts'
import { bootstrapPValue, bootstrapped, percentileInterval, resampledRows } from './stationary-bootstrap.ts'

const returnsOf = (seed: number, n: number, { mean = 0, memory = 0 } = {}) => {
  const { normal } = randomStream(seed, 'returns')
  let before = 0
  return Float64Array.from({ length: n }, () => {
    before = memory * before + normal()
    return mean + before
  })
}

describe('the Sharpe ratio of returns that follow one another', () => {
  test('has the interval of independent ones where they are, and a wider one where a gain follows a gain', () => {
    const returns = returnsOf(1, 2000, { mean: 0.05 })
    const evidence = sharpeEvidence(returns)
    const dependent = dependentSharpe(returns, { confidence: 0.9, lags: 0 })
    if (evidence.kind === 'undefined' || dependent.kind !== 'estimated') throw new Error('no ratio')
    const plain = sharpeInterval(evidence, { confidence: 0.9 })
    expect(dependent.low).toBeCloseTo(plain.low, 4)
    expect(dependent.high).toBeCloseTo(plain.high, 4)
    const sticky = dependentSharpe(returnsOf(1, 2000, { memory: 0.4 }), { confidence: 0.9 })
    expect(sticky.kind === 'estimated' && sticky.standardError > 1.3 * dependent.standardError).toBe(true)
  })

  test('lies in its interval about as often as it says', () => {
    const truth = 0.1 * Math.sqrt(1 - 0.3 ** 2)
    const held = Array.from({ length: 300 }, (_, seed) => {
      const found = dependentSharpe(returnsOf(seed, 400, { mean: 0.1, memory: 0.3 }), { confidence: 0.9 })
      return found.kind === 'estimated' && found.low <= truth && truth <= found.high
    })
    expect(held.filter(Boolean).length / 300).toBeGreaterThan(0.83)
  })

  test('scales by √q without autocorrelation, by less where gains follow gains, as the variance of sums does', () => {
    expect(sharpeScaling(Float64Array.of(1, 0, 0), 12)).toBeCloseTo(Math.sqrt(12), 12)
    // Lo (2002), table 2: ρ = 0.2 decaying geometrically, q = 12.
    const decaying = Float64Array.from({ length: 12 }, (_, k) => 0.2 ** k)
    const direct = 12 / Math.sqrt(12 * (1 + ((2 * 0.2) / 0.8) * (1 - (1 - 0.2 ** 12) / (12 * 0.8))))
    expect(sharpeScaling(decaying, 12)).toBeCloseTo(direct, 10)
    const returns = returnsOf(3, 500, { memory: 0.5 })
    const known = autocorrelation(returns, { lags: 10, isAdjusted: false })
    expect(known.kind === 'measured' && (sharpeScaling(known.values, 20) ?? 99) < Math.sqrt(20)).toBe(true)
    expect(sharpeScaling(Float64Array.of(1, -1), 2)).toBeUndefined()
  })
})

describe('the difference of two Sharpe ratios', () => {
  test('is found by chance as often as the p-value says', () => {
    const pValues = Array.from({ length: 300 }, (_, seed) => {
      const answer = sharpeDifference(returnsOf(seed, 300), returnsOf(seed + 1000, 300))
      return answer.kind === 'tested' ? answer.pValue : Number.NaN
    })
    const share = pValues.filter((p) => p < 0.1).length / 300
    expect(share).toBeGreaterThan(0.05)
    expect(share).toBeLessThan(0.16)
  })

  test('changes its sign and nothing else when the two change places, and knows nothing of units', () => {
    const [a, b] = [returnsOf(1, 400, { mean: 0.4 }), returnsOf(2, 400)]
    const [ab, ba] = [sharpeDifference(a, b), sharpeDifference(b, a)]
    if (ab.kind !== 'tested' || ba.kind !== 'tested') throw new Error('not tested')
    expect(ba.difference).toBe(-ab.difference)
    expect(ba.pValue).toBeCloseTo(ab.pValue, 12)
    expect(ab.pValue).toBeLessThan(0.05)
    const scaled = sharpeDifference(
      a.map((r) => r / 100),
      b,
    )
    expect(scaled.kind === 'tested' && scaled.pValue).toBeCloseTo(ab.pValue, 9)
    expect(
      sharpeDifference(
        a,
        a.map((r) => 2 * r),
      ).kind,
    ).toBe('constant')
    expect(() => sharpeDifference(a, b.subarray(1))).toThrow(RangeError)
  })
})

describe('the stationary bootstrap', () => {
  test('draws blocks that are as long as asked on average, and every row alike', () => {
    const random = randomStream(1, 'blocks')
    const rows = resampledRows(20_000, { meanBlock: 10, random })
    const breaks = rows.filter((row, i) => i > 0 && row !== (rows[i - 1] + 1) % 20_000).length
    expect(20_000 / breaks).toBeCloseTo(10, 0)
    expect(new Set(resampledRows(50, { meanBlock: 50, random })).size).toBeGreaterThan(15)
    expect(() => resampledRows(5, { meanBlock: 0.5, random })).toThrow(RangeError)
  })

  test('sees the spread of a mean whose rows follow one another, which drawing row by row does not', () => {
    const x = returnsOf(4, 1000, { memory: 0.7 })
    const meanOf = (rows: Int32Array) => rows.reduce((sum, row) => sum + x[row], 0) / rows.length
    const widthAt = (meanBlock: number) => {
      const means = bootstrapped(1000, meanOf, { replicates: 300, meanBlock, random: randomStream(1, 'mean') })
      const { low, high } = percentileInterval(means, { confidence: 0.9 })
      return high - low
    }
    // The deviation of the mean is 1 / (1 − 0.7) / √1000 of the noise: 1.645 of it to either side.
    expect(widthAt(30) / (2 * 1.645 * (1 / 0.3 / Math.sqrt(1000)))).toBeCloseTo(1, 0)
    expect(widthAt(30)).toBeGreaterThan(1.5 * widthAt(1))
  })

  test('gives a p-value that is never 0, and 1 to no difference', () => {
    expect(bootstrapPValue(5, Float64Array.of(4.9, 5, 5.1))).toBe(0.25)
    expect(bootstrapPValue(0, Float64Array.of(-1, 0, 1))).toBe(1)
  })
})

// statsmodels 0.13.5, mcnemar([[5, b], [c, 5]], exact=True).
test.each([
  [8, 3, 0.2265625],
  [15, 15, 1],
  [0, 6, 0.03125],
  [40, 70, 0.005447429511444476],
])('McNemar’s test of %i against %i agrees with statsmodels', (b, c, pValue) => {
  const [first, second] = [
    [1, 0],
    [0, 1],
  ].map(([own, other]) => [...Array(b).fill(own), ...Array(c).fill(other), 1, 0])
  const answer = mcnemar(first, second)
  expect(answer).toMatchObject({ kind: 'tested', firstOnly: b, secondOnly: c })
  expect(answer.kind === 'tested' && answer.pValue / pValue).toBeCloseTo(1, 10)
  expect(mcnemar(first, first).kind).toBe('no-difference')
})

describe('intervals of scores', () => {
  // statsmodels 0.13.5, proportion_confint(hits, of, 0.05, 'wilson').
  test.each([
    [0, 10, 0, 0.27753279986288926],
    [7, 20, 0.18119182410108203, 0.5671457233147638],
    [20, 20, 0.8388748419471804, 1],
  ])('Wilson’s interval of %i of %i agrees with statsmodels', (hits, of, low, high) => {
    const interval = wilsonInterval(hits, of, { confidence: 0.95 })
    if (interval.kind === 'undefined') throw new Error(interval.why)
    expect(interval.low).toBeCloseTo(low, 12)
    expect(interval.high).toBeCloseTo(high, 12)
  })

  test('DeLong’s interval holds the true area about as often as it says, and has none for one of a class', () => {
    const held = Array.from({ length: 300 }, (_, seed) => {
      const labels = Uint8Array.from({ length: 120 }, (_, i) => i % 2)
      // Scores one deviation apart: the area is Φ(1/√2).
      const scores = returnsOf(seed, 120).map((value, i) => value + labels[i])
      const interval = rocInterval(labels, scores, { confidence: 0.9 })
      return interval.kind === 'measured' && interval.low <= 0.7602 && 0.7602 <= interval.high
    })
    expect(held.filter(Boolean).length / 300).toBeCloseTo(0.9, 1)
    expect(rocInterval([1, 0, 0], Float64Array.of(3, 1, 2), { confidence: 0.9 }).kind).toBe('undefined')
    expect(wilsonInterval(0, 0, { confidence: 0.9 }).kind).toBe('undefined')
  })
})

test('turnover counts each fill once: an entry and its exit in two bars of a year are 2', () => {
  expect(turnover(Float64Array.of(1, 0), { barsPerYear: 2 })).toEqual({ kind: 'measured', value: 2 })
  expect(turnover(Float64Array.of(0, -1, 1, 1), { barsPerYear: 4 })).toEqual({ kind: 'measured', value: 3 })
  expect(turnover(new Float64Array(0), { barsPerYear: 4 }).kind).toBe('undefined')
})
