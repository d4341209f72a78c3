import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decimalAt } from './decimal.ts'

const read = (text: string) => decimalAt(Buffer.from(`,${text},`), 1, 1 + text.length)

test('a decimal text reads as the very float64 that the language reads', () => {
  const decimals = fc.tuple(fc.bigInt({ min: 0n, max: 10n ** 20n }), fc.nat(24)).map(([digits, point]) => {
    const text = digits.toString().padStart(point + 1, '0')
    return `${text.slice(0, text.length - point)}${point > 0 ? `.${text.slice(text.length - point)}` : ''}`
  })
  fc.assert(
    fc.property(
      fc.oneof(decimals, fc.double({ noNaN: true, noDefaultInfinity: true }).map(String)),
      (text) => read(text) === Number(text),
    ),
  )
})

test('signs, bare points and exponents are numbers', () => {
  expect(['+1.5', '-0.25', '.5', '5.', '1e-3', '6.02E+23', '007'].map(read)).toEqual([1.5, -0.25, 0.5, 5, 0.001, 6.02e23, 7])
})

test('anything else is not a number', () => {
  expect(['', '.', '-', '1,5', '1 5', '0x10', 'NaN', 'Infinity', '1e999', '1..2', '--1', '1e', '٣'].map(read)).toEqual(
    Array(13).fill(Number.NaN),
  )
})
