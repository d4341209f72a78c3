import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { randomStream } from '#domain/random.ts'
import { exampleWave } from './example-wave.ts'
import { kolmogorovTail } from './kolmogorov.ts'
import { kolmogorovSmirnov } from './kolmogorov-smirnov.ts'
import { populationStability } from './population-stability.ts'

const normals = (seed: number, n: number, shift = 0) => {
  const { normal } = randomStream(seed, 'samples')
  return Float64Array.from({ length: n }, () => shift + normal())
}
const column = fc.float64Array({ minLength: 3, maxLength: 30, noNaN: true, noDefaultInfinity: true })

describe('Kolmogorov–Smirnov', () => {
  // scipy 1.10.1, kstwobign.sf.
  test.each([
    [0.3, 0.9999906941986655],
    [0.6, 0.8642827790506042],
    [0.99, 0.2808738392255489],
    [1, 0.26999967167735456],
    [1.3581, 0.0499996304316674],
    [2.5, 7.453306344157342e-6],
  ])('Kolmogorov’s distribution agrees with scipy at %d', (x, tail) => {
    expect(kolmogorovTail(x) / tail).toBeCloseTo(1, 11)
  })

  // scipy 1.10.1, ks_2samp(exampleWave(m, 1.1), exampleWave(n, 1.7) + shift, mode='exact').
  test.each([
    [7, 12, 0.5, 0.4166666666666667, 0.33577439072795107],
    [40, 60, 0.3, 0.25, 0.08833076749129548],
    [25, 25, 0.4, 0.36, 0.07789836549197329],
    [300, 200, 0.1, 0.16333333333333333, 0.003020282497631377],
  ])('the exact test of %i and %i values agrees with scipy', (m, n, shift, distance, pValue) => {
    const answer = kolmogorovSmirnov(
      exampleWave(m, 1.1),
      exampleWave(n, 1.7).map((value) => value + shift),
    )
    if (answer.kind !== 'tested') throw new Error(answer.kind)
    expect(answer.distance).toBeCloseTo(distance, 12)
    expect(answer.pValue / pValue).toBeCloseTo(1, 9)
    expect(answer.method).toBe('exact')
  })

  test('exact and asymptotic answers meet where one hands over to the other', () => {
    const a = exampleWave(500, 1.1)
    const [exact, asymptotic] = [500, 501].map((n) =>
      kolmogorovSmirnov(
        a,
        exampleWave(n, 1.7).map((value) => value + 0.1),
      ),
    )
    if (exact.kind !== 'tested' || asymptotic.kind !== 'tested') throw new Error('not tested')
    expect([exact.method, asymptotic.method]).toEqual(['exact', 'asymptotic'])
    expect(asymptotic.pValue / exact.pValue).toBeCloseTo(1, 0)
  })

  test('it does not matter which sample is first, in what order it is, or in what unit both are', () => {
    fc.assert(
      fc.property(column, column, (a, b) => {
        const answer = kolmogorovSmirnov(a, b)
        expect(kolmogorovSmirnov(a.toReversed(), b)).toEqual(answer)
        const swapped = kolmogorovSmirnov(b, a)
        if (answer.kind !== 'tested' || swapped.kind !== 'tested') throw new Error('not tested')
        expect(swapped.distance).toBe(answer.distance)
        expect(swapped.pValue).toBeCloseTo(answer.pValue, 12)
        expect(answer.pValue > 0 && answer.pValue <= 1 + 1e-12).toBe(true)
      }),
      { numRuns: 50 },
    )
  })

  test('a sample against itself is 0 apart, and nothing or NaN is refused', () => {
    const a = exampleWave(20, 1.1)
    expect(kolmogorovSmirnov(a, a)).toMatchObject({ distance: 0, pValue: 1 })
    expect(kolmogorovSmirnov(a, new Float64Array(0)).kind).toBe('too-short')
    expect(kolmogorovSmirnov(a, Float64Array.of(Number.NaN))).toEqual({ kind: 'not-finite', row: 0 })
  })
})

describe('the population stability index', () => {
  test('is 0 for the same shares, never negative, and does not change with the unit', () => {
    const reference = normals(1, 500)
    expect(populationStability(reference, reference, { bins: 10 })).toMatchObject({ index: 0, pValue: 1 })
    for (let seed = 2; seed < 20; seed++) {
      const recent = normals(seed, 100, seed / 40)
      const answer = populationStability(reference, recent, { bins: 10 })
      const cents = populationStability(
        reference.map((x) => 100 * x),
        recent.map((x) => 100 * x),
        { bins: 10 },
      )
      if (answer.kind !== 'measured' || cents.kind !== 'measured') throw new Error('not measured')
      expect(answer.index).toBeGreaterThanOrEqual(0)
      expect(cents.index).toBeCloseTo(answer.index, 12)
      expect(answer.bins.reduce((sum, { recentShare }) => sum + recentShare, 0)).toBeCloseTo(1, 12)
    }
  })

  test('calls a shift of one deviation another population, and what is drawn alike seldom', () => {
    const reference = normals(1, 1000)
    const answers = Array.from({ length: 200 }, (_, i) => populationStability(reference, normals(100 + i, 300), { bins: 10 }))
    const falseAlarms = answers.filter((answer) => answer.kind === 'measured' && answer.pValue < 0.1).length
    expect(falseAlarms).toBeGreaterThan(4)
    expect(falseAlarms).toBeLessThan(40)
    expect(answers.some((answer) => answer.kind === 'measured' && answer.index > 0.25)).toBe(false)
    const shifted = populationStability(reference, normals(7, 300, 1), { bins: 10 })
    expect(shifted.kind === 'measured' && shifted.index > 0.25).toBe(true)
  })

  test('is finite where all recent values fall in one bin, and refuses a constant reference', () => {
    const still = populationStability(normals(1, 100), new Float64Array(50).fill(9), { bins: 10 })
    expect(still.kind === 'measured' && Number.isFinite(still.index) && still.index > 1).toBe(true)
    expect(populationStability(new Float64Array(50).fill(9), normals(1, 100), { bins: 10 }).kind).toBe('constant')
    expect(populationStability(normals(1, 50), new Float64Array(0), { bins: 10 }).kind).toBe('too-short')
    // Nearly all values are one: two bins are left, and the rare value is told from it.
    const rare = Float64Array.from({ length: 100 }, (_, i) => Number(i % 20 === 0))
    expect(
      populationStability(
        rare,
        rare.map((x) => 1 - x),
        { bins: 10 },
      ),
    ).toMatchObject({ bins: [{ upTo: 0 }, { upTo: Infinity }] })
  })
})
