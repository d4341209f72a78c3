import fc from 'fast-check'
import { expect, test } from 'vitest'
import { randomStream } from '#domain/random.ts'
import { filterGarch, fitGarch, garchLogLikelihood } from './garch.ts'
import { logLikelihoodAt, type Point, scaleChanges, slopeAt } from './garch-likelihood.ts'
import { columnOf, isReferenceAbsent, type ReferenceCase, readReference, WHY_ABSENT } from './reference.file.ts'

const meanOf = ({ params }: ReferenceCase) => (params.mean === 'Zero' ? ('zero' as const) : ('constant' as const))
const normalCases = () => readReference('garch').filter(({ params }) => params.dist === 'normal' && params.o === 0)

function simulated(seed: number, n: number): Float64Array {
  const { normal } = randomStream(seed, 'garch')
  let variance = 1
  return Float64Array.from({ length: n }, () => {
    const change = Math.sqrt(variance) * normal()
    variance = 0.05 + 0.1 * change * change + 0.85 * variance
    return change
  })
}

test('the likelihood at fixed parameters agrees with arch to 1e-10', ({ skip }) => {
  skip(isReferenceAbsent, WHY_ABSENT)
  const cases = normalCases().filter(({ name }) => name.startsWith('fixed'))
  for (const one of cases) {
    const [omega, alpha, beta] = (one.input.params as number[]).slice(-3)
    const mu = meanOf(one) === 'constant' ? Number((one.input.params as number[])[0]) : 0
    const ours = garchLogLikelihood(columnOf(one.input.y), { mu, omega, alpha, beta }, { mean: meanOf(one) })
    expect(Math.abs(ours / Number(one.expected.loglikelihood) - 1), one.name).toBeLessThan(1e-10)
  }
  expect(cases.length).toBeGreaterThan(3)
})

test('fits reach the maximum that arch reaches when refined, also on returns that it needs scaled', ({ skip }) => {
  skip(isReferenceAbsent, WHY_ABSENT)
  const loose = new Set(['degenerate', 'non_stationary_input'])
  const cases = normalCases().filter(({ name, tags }) => !name.startsWith('fixed') && !tags.some((tag) => loose.has(tag)))
  for (const one of cases) {
    const scale = Number(one.expected.scale)
    const fit = fitGarch(
      columnOf(one.input.y).map((value) => value * scale),
      { mean: meanOf(one) },
    )
    if (fit.kind !== 'fitted') throw new Error(`${one.name}: ${fit.kind}`)
    const tight = one.expected.tight_optimum as { readonly loglikelihood: number } | undefined
    const best = tight?.loglikelihood ?? Number(one.expected.loglikelihood)
    expect(fit.logLikelihood, one.name).toBeGreaterThan(best - 1e-5)
  }
  expect(cases.length).toBeGreaterThan(14)
})

test('degenerate input ends in a refusal or a finite fit', ({ skip }) => {
  skip(isReferenceAbsent, WHY_ABSENT)
  const kinds = normalCases()
    .filter(({ tags }) => tags.includes('degenerate'))
    .map((one) => `${one.name}: ${fitGarch(columnOf(one.input.y), { mean: meanOf(one) }).kind}`)
  expect(kinds).toEqual(['const: constant', 'const_mean: constant', 'nan: not-finite', 'short12: too-short', 'short2: too-short'])
})

test('the same changes in another unit give the same fit in that unit', () => {
  const changes = simulated(3, 800)
  const plain = fitGarch(changes, { mean: 'constant' })
  if (plain.kind !== 'fitted') throw new Error(plain.kind)
  for (const unit of [1e-8, 0.01, 100, 1e9]) {
    const fit = fitGarch(
      changes.map((change) => change * unit),
      { mean: 'constant' },
    )
    if (fit.kind !== 'fitted') throw new Error(fit.kind)
    expect(fit.alpha).toBeCloseTo(plain.alpha, 6)
    expect(fit.omega / (unit * unit * plain.omega)).toBeCloseTo(1, 5)
    expect(fit.volatility[700] / (unit * plain.volatility[700])).toBeCloseTo(1, 6)
  }
})

test('variance that feeds on itself is fitted at a persistence of 1, not beyond', () => {
  const { normal } = randomStream(1, 'explosive')
  let variance = 1
  const changes = Float64Array.from({ length: 600 }, () => {
    const change = Math.sqrt(variance) * normal()
    variance = 0.01 + 0.4 * change * change + 0.8 * variance
    return change
  })
  const fit = fitGarch(changes, { mean: 'zero' })
  if (fit.kind !== 'fitted') throw new Error(fit.kind)
  expect(fit.alpha + fit.beta).toBeCloseTo(1, 12)
})

test('the analytic gradient is that of the likelihood', () => {
  const scaled = scaleChanges(simulated(5, 300), 0)
  const point: Point = [0.02, 0.07, 0.12, 0.8]
  const { gradient } = slopeAt(scaled, point)
  const moved = (i: number, by: number) =>
    logLikelihoodAt(scaled, [0, 1, 2, 3].map((j) => point[j] + (i === j ? by : 0)) as unknown as Point)
  gradient.forEach((slope, i) => {
    expect((moved(i, 1e-6) - moved(i, -1e-6)) / 2e-6 / slope).toBeCloseTo(1, 5)
  })
})

test('the filter at the fitted parameters repeats the fit', () => {
  const changes = simulated(8, 500)
  const fit = fitGarch(changes, { mean: 'constant' })
  if (fit.kind !== 'fitted') throw new Error(fit.kind)
  const columns = filterGarch(changes, fit)
  for (const t of [0, 1, 250, 499]) {
    expect(columns.volatility[t] / fit.volatility[t]).toBeCloseTo(1, 12)
    expect(columns.standardisedResiduals[t]).toBeCloseTo(fit.standardisedResiduals[t], 10)
  }
})

test('after a gap the variance is the forecast that was made before it', () => {
  const parameters = { mu: 0, omega: 0.05, alpha: 0.1, beta: 0.8, initialVariance: 1 }
  const { volatility } = filterGarch(Float64Array.of(3, Number.NaN, 0), parameters)
  expect(volatility[2] ** 2).toBeCloseTo(0.05 + 0.9 * volatility[1] ** 2, 14)
})

test('the filter sees nothing ahead, and a gap leaves a forecast and no residual', () => {
  const parameters = { mu: 0, omega: 0.05, alpha: 0.1, beta: 0.85, initialVariance: 1 }
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 1, max: 199 }), (seed, t) => {
      const changes = simulated(seed, 200)
      changes[0] = Number.NaN
      const whole = filterGarch(changes, parameters)
      const cut = filterGarch(changes.subarray(0, t + 1), parameters)
      expect(cut.volatility).toEqual(whole.volatility.slice(0, t + 1))
      expect(cut.standardisedResiduals).toEqual(whole.standardisedResiduals.slice(0, t + 1))
      expect(whole.standardisedResiduals[0]).toBeNaN()
      expect(whole.volatility.every(Number.isFinite)).toBe(true)
    }),
    { numRuns: 50, seed: 2 },
  )
})
