import type { Measured } from './units.ts'

/** Money owed, in millionths of a US dollar. Decimal text on the wire, `numeric` in SQL. */
export type MicroUsd = Measured<'micro-usd', bigint>

const SCALE = 1_000_000n

/** Nearest millionth; halves away from zero. Throws RangeError for NaN and infinities. */
export function microUsd(dollars: number): MicroUsd {
  if (!Number.isFinite(dollars)) throw new RangeError(`money must be finite, got ${dollars}`)
  const scaled = Math.abs(dollars) * 1e6
  const rounded = BigInt(Math.round(scaled))
  return (dollars < 0 ? -rounded : rounded) as MicroUsd
}

export function usdFrom(money: MicroUsd): number {
  return Number(money) / 1e6
}

/** Decimal text without an exponent, trailing zeros cut to two places at least: `-12.50`, `0.000125`. */
export function decimalFrom(money: MicroUsd): string {
  const magnitude = money < 0n ? -money : money
  const fraction = (magnitude % SCALE)
    .toString()
    .padStart(6, '0')
    .replace(/0{1,4}$/, '')
  return `${money < 0n ? '-' : ''}${magnitude / SCALE}.${fraction}`
}

const DECIMAL = /^(-?)(\d{1,15})(?:\.(\d{1,12}))?$/

/** The money that decimal text says, to the millionth (further digits are cut), or undefined when it is not decimal text. */
export function moneyFrom(decimal: string): MicroUsd | undefined {
  const match = DECIMAL.exec(decimal)
  if (!match) return undefined
  const [, sign, whole = '0', fraction = ''] = match
  const magnitude = BigInt(whole) * SCALE + BigInt(fraction.slice(0, 6).padEnd(6, '0'))
  return (sign === '-' ? -magnitude : magnitude) as MicroUsd
}
