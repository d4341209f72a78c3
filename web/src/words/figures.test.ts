import { describe, expect, test } from 'vitest'
import {
  directionOf,
  duration,
  money,
  percent,
  price,
  pValue,
  ratio,
  score,
  signedMoney,
  signedPercent,
  signedShares,
} from './figures.ts'

describe('money', () => {
  test('has separators, two places and a typographic minus', () => {
    expect(money('100204.183')).toBe('$100,204.18')
    expect(money(-12.5)).toBe('−$12.50')
  })

  test('carries its sign when it is a change', () => {
    expect(signedMoney('1204.18')).toBe('+$1,204.18')
    expect(signedMoney('-0.37')).toBe('−$0.37')
  })

  test('has no sign when it rounds to nothing', () => {
    expect(signedMoney('-0.004')).toBe('$0.00')
    expect(directionOf('-0.004')).toBe('flat')
  })

  test('is a gain or a loss from a cent on', () => {
    expect(directionOf('0.01')).toBe('gain')
    expect(directionOf(-0.01)).toBe('loss')
  })
})

describe('fractions', () => {
  test('read as per cent with two places', () => {
    expect(percent(0.62397)).toBe('62.40 %')
    expect(signedPercent(-0.0037)).toBe('−0.37 %')
    expect(signedPercent(0.012)).toBe('+1.20 %')
  })
})

describe('other figures', () => {
  test('a price below a dollar shows the four places of its tick', () => {
    expect(price(81.2)).toBe('81.20')
    expect(price(0.1234)).toBe('0.1234')
  })

  test('a p-value is never shown as nothing', () => {
    expect(pValue(0.0132)).toBe('0.013')
    expect(pValue(0.0002)).toBe('< 0.001')
  })

  test('ratios have two places, scores three, shares their sign', () => {
    expect(ratio(-2.314)).toBe('−2.31')
    expect(score(0.6312)).toBe('0.631')
    expect(score(42)).toBe('42')
    expect(signedShares(-1_095)).toBe('−1,095')
    expect(signedShares(0)).toBe('0')
  })

  test('a duration names its two largest units', () => {
    expect([14_000, 134_000, 8_040_000, 273_600_000].map(duration)).toEqual(['14 s', '2 m 14 s', '2 h 14 m', '3 d 4 h'])
    expect(duration(-5)).toBe('0 s')
  })
})
