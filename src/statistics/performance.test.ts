import { expect, test } from 'vitest'
import type { Measure } from './measure.ts'
import { equityFrom, maximumDrawdown, profitFactor, sharpeRatio, winRate } from './performance.ts'
import { columnOf, isReferenceAbsent, readReference, WHY_ABSENT } from './reference.file.ts'

test('Sharpe, drawdown, win rate and profit factor agree with the reference; NaN and ∞ there are undefined here', ({ skip }) => {
  skip(isReferenceAbsent, WHY_ABSENT)
  const cases = readReference('trading').filter(({ name }) => name.startsWith('metrics'))
  for (const { name, input, params, expected } of cases) {
    const r = columnOf(input.r)
    const agrees = (measure: Measure, key: string) => {
      const value = Number(expected[key])
      if (!Number.isFinite(value)) expect(measure.kind, `${name} ${key}`).toBe('undefined')
      else if (measure.kind === 'measured')
        expect(Math.abs(measure.value - value) / Math.max(1, Math.abs(value)), `${name} ${key}`).toBeLessThan(1e-10)
      else throw new Error(`${name} ${key} is undefined: ${measure.why}`)
    }
    agrees(sharpeRatio(r, { barsPerYear: Number(params.ann), riskFreePerBar: Number(params.rf) }), 'sharpe')
    agrees(maximumDrawdown(equityFrom(r)), 'max_drawdown')
    agrees(winRate(r), 'win_rate')
    agrees(profitFactor(r), 'profit_factor')
  }
  expect(cases.length).toBeGreaterThan(20)
})

test('a return that is not a number leaves every figure undefined', () => {
  const r = Float64Array.of(0.01, Number.NaN, 0.02)
  const figures = [
    sharpeRatio(r, { barsPerYear: 252, riskFreePerBar: 0 }),
    maximumDrawdown(equityFrom(r)),
    winRate(r),
    profitFactor(r),
  ]
  expect(figures).toEqual(figures.map(() => ({ kind: 'undefined', why: 'not-finite' })))
})
