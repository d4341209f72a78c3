import { expect, test } from 'vitest'
import { randomStream } from '#domain/random.ts'
import { engleGranger } from './engle-granger.ts'
import { breakdownOf, rollingCointegration } from './rolling-cointegration.ts'

/** Two log prices whose spread reverts until `row` and wanders from there. */
function legs(rows: number, row: number) {
  const { normal } = randomStream(5, 'legs')
  const [y, x] = [new Float64Array(rows), new Float64Array(rows)]
  let [level, spread] = [4, 0]
  for (let t = 0; t < rows; t++) {
    level += 0.01 * normal()
    spread = (t < row ? 0.6 : 1) * spread + 0.005 * normal()
    x[t] = level
    y[t] = 0.3 + 1.2 * level + spread
  }
  return { y, x }
}
const RULES = { window: 100, every: 20, lagRule: 'aic' } as const

test('each row is the Engle–Granger test of its own window, and the others are not tested', () => {
  const { y, x } = legs(200, 200)
  const { pValue, beta } = rollingCointegration(y, x, RULES)
  const tested = Array.from(pValue.keys()).filter((t) => !Number.isNaN(pValue[t]))
  expect(tested).toEqual([99, 119, 139, 159, 179, 199])
  const test = engleGranger(y.slice(60, 160), x.slice(60, 160))
  expect(test.kind === 'tested' && [test.pValue, test.beta]).toEqual([pValue[159], beta[159]])
  const gap = rollingCointegration(y.with(110, Number.NaN), x, RULES)
  expect(tested.filter((t) => !Number.isNaN(gap.pValue[t]))).toEqual([99])
})

test('a pair that comes apart is broken since about then, and not before enough windows say so', () => {
  const { y, x } = legs(500, 250)
  const { pValue } = rollingCointegration(y, x, RULES)
  const rules = { maximumPValue: 0.05, consecutive: 3 }
  expect(breakdownOf(pValue.subarray(0, 251), rules).kind).toBe('holds')
  const broken = breakdownOf(pValue, rules)
  expect(broken.kind === 'broken' && broken.row > 250 && broken.row < 400).toBe(true)
  expect(breakdownOf(pValue.subarray(0, 120), rules)).toEqual({ kind: 'unknown', tests: 2 })
})

test('one window that holds again ends a breakdown', () => {
  const rules = { maximumPValue: 0.05, consecutive: 2 }
  expect(breakdownOf(Float64Array.of(0.5, 0.5, Number.NaN, 0.01), rules)).toEqual({ kind: 'holds', tests: 3 })
  expect(breakdownOf(Float64Array.of(0.01, 0.5, Number.NaN, 0.4), rules)).toEqual({
    kind: 'broken',
    row: 1,
    tests: 2,
    pValue: 0.4,
  })
})
