import { expect, test } from 'vitest'
import { randomStream } from '#domain/random.ts'
import type { LogSpreadColumn } from '#domain/units.ts'
import { filterGarch } from '#statistics/garch.ts'
import { columnOf, isReferenceAbsent, readReference, WHY_ABSENT, worstError } from '#statistics/reference.file.ts'
import { PAIR_FEATURES, pairFeatures, reversionLabels } from './pair-features.ts'

const GARCH = { mu: 0, omega: 0.01, alpha: 0.1, beta: 0.8, initialVariance: 0.1 }

function featuresOf(spread: Float64Array) {
  const changes = spread.map((value, t) => (t === 0 ? Number.NaN : value - spread[t - 1]))
  const { volatility, standardisedResiduals } = filterGarch(changes, GARCH)
  return pairFeatures({ spread: spread as LogSpreadColumn, garchVolatility: volatility, garchResidual: standardisedResiduals })
}

function randomSpread(seed: number, rows: number): Float64Array {
  const { normal, uniform } = randomStream(seed, 'spread')
  let level = 0
  return Float64Array.from({ length: rows }, () => {
    level = 0.9 * level + 0.1 * normal()
    return uniform() < 0.02 ? Number.NaN : level
  })
}

test('lags, means, RSI and the label agree with the reference frame; volatility and residual are GARCH’s, not its stand-ins', ({
  skip,
}) => {
  skip(isReferenceAbsent, WHY_ABSENT)
  const cases = readReference('features').filter(({ name }) => name.startsWith('features_frame'))
  const shared = ['lag_1', 'lag_2', 'lag_3', 'lag_4', 'lag_5', 'ma_5', 'ma_20', 'rsi_14']
  for (const { name, input, expected } of cases) {
    const spread = columnOf(input.x) as LogSpreadColumn
    const { columns, names } = featuresOf(spread)
    const labels = reversionLabels(spread, 0)
    const index = expected.index as number[]
    const theirNames = (expected.columns as string[]).map((column) => (column === 'RSI' ? 'rsi_14' : column.toLowerCase()))
    for (const one of shared) {
      const theirs = (expected.rows as number[][]).map((row) => row[theirNames.indexOf(one)])
      const ours = index.map((row) => columns[names.indexOf(one)][row])
      expect(worstError(ours, theirs), `${name} ${one}`).toBeLessThan(1e-9)
    }
    const theirLabels = (expected.target as number[]).map(Number)
    expect(
      index.map((row, i) => (Number.isNaN(labels[row]) ? theirLabels[i] : labels[row])),
      name,
    ).toEqual(theirLabels)
  }
  expect(cases.length).toBeGreaterThan(3)
})

test('there are ten features, all known from the warm-up row on', () => {
  const spread = randomSpread(1, 80).map((value) => (Number.isNaN(value) ? 0.01 : value))
  const { names, columns, warmupRows } = featuresOf(spread)
  expect([names, columns.length]).toEqual([PAIR_FEATURES, 10])
  const isKnown = (t: number) => columns.every((column) => Number.isFinite(column[t]))
  expect([isKnown(warmupRows - 1), isKnown(warmupRows), isKnown(79)]).toEqual([false, true, true])
})

test('a label says whether the next step goes towards the mean, and is unknown beside a gap', () => {
  const spread = Float64Array.of(2, 1, 3, Number.NaN, -1, -2, -1, -1) as LogSpreadColumn
  const gap = Number.NaN
  expect([...reversionLabels(spread, 0)]).toEqual([1, 0, gap, gap, 0, 1, 0, gap])
})
