import type { Measured } from '#domain/units.ts'

/**
 * A number of shares, counted exactly in billionths: the nine decimals that Alpaca gives fractional orders. Sums and
 * differences are exact, which doubles would not be (0.1 + 0.2).
 */
export type NanoShares = Measured<'nano-shares', bigint>

export const NANO = 1_000_000_000n
export const NO_SHARES = 0n as NanoShares

/** Nearest billionth of a share. Throws RangeError for NaN and infinities. */
export function nanoShares(shares: number): NanoShares {
  if (!Number.isFinite(shares)) throw new RangeError(`shares must be finite, got ${shares}`)
  if (Number.isInteger(shares)) return (BigInt(shares) * NANO) as NanoShares
  const [whole, fraction] = [Math.trunc(shares), shares - Math.trunc(shares)]
  return (BigInt(whole) * NANO + BigInt(Math.round(fraction * 1e9))) as NanoShares
}

/** Shares as a double, exact for whole ones up to nine million billionths of 2^53. */
export function sharesFrom(nano: NanoShares): number {
  return nano % NANO === 0n ? Number(nano / NANO) : Number(nano) / 1e9
}

/** Decimal text without an exponent and without trailing zeros: `10`, `-0.5`. */
export function decimalShares(nano: NanoShares): string {
  const magnitude = nano < 0n ? -nano : nano
  const fraction = (magnitude % NANO).toString().padStart(9, '0').replace(/0+$/, '')
  return `${nano < 0n ? '-' : ''}${magnitude / NANO}${fraction === '' ? '' : `.${fraction}`}`
}

const DECIMAL = /^(-?)(\d{1,12})(?:\.(\d{1,9}))?$/

/** The shares that decimal text says, or undefined when it is not decimal text of at most nine decimals. */
export function sharesIn(decimal: string): NanoShares | undefined {
  const match = DECIMAL.exec(decimal)
  if (!match) return undefined
  const [, sign, whole = '0', fraction = ''] = match
  const magnitude = BigInt(whole) * NANO + BigInt(fraction.padEnd(9, '0'))
  return (sign === '-' ? -magnitude : magnitude) as NanoShares
}

export function isWhole(nano: NanoShares): boolean {
  return nano % NANO === 0n
}

export function fewer(a: NanoShares, b: NanoShares): NanoShares {
  return a < b ? a : b
}

/** Without its sign. */
export function magnitudeOf(nano: NanoShares): NanoShares {
  return (nano < 0n ? -nano : nano) as NanoShares
}

export function less(from: NanoShares, taken: NanoShares): NanoShares {
  return (from - taken) as NanoShares
}

export function more(a: NanoShares, b: NanoShares): NanoShares {
  return (a + b) as NanoShares
}
