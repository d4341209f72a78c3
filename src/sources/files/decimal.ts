const MINUS = 45
const PLUS = 43
const POINT = 46
const ZERO = 48
const NINE = 57

const POWERS_OF_TEN = Float64Array.from({ length: 23 }, (_, i) => 10 ** i)
const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$/

/**
 * The number that the decimal text in bytes [start, end) names, NaN when it is none or beyond what a float64 holds.
 * Exact: up to 2^53 without its point the text is a whole number divided by a power of ten that float64 holds too, so one
 * division rounds once (Clinger 1990, "How to read floating point numbers accurately"); anything longer takes the slow way.
 */
export function decimalAt(bytes: Buffer, start: number, end: number): number {
  let i = start
  const isSigned = bytes[i] === MINUS || bytes[i] === PLUS
  if (isSigned) i++
  let whole = 0
  let decimals = -1
  let digits = 0
  for (; i < end; i++) {
    const byte = bytes[i]
    if (byte >= ZERO && byte <= NINE) {
      whole = whole * 10 + (byte - ZERO)
      digits++
      if (decimals >= 0) decimals++
    } else if (byte === POINT && decimals < 0) decimals = 0
    else return slowDecimal(bytes, start, end)
  }
  if (digits === 0 || whole > Number.MAX_SAFE_INTEGER || decimals > 22) return slowDecimal(bytes, start, end)
  const magnitude = decimals > 0 ? whole / POWERS_OF_TEN[decimals] : whole
  return isSigned && bytes[start] === MINUS ? -magnitude : magnitude
}

function slowDecimal(bytes: Buffer, start: number, end: number): number {
  const text = bytes.toString('latin1', start, end)
  const value = DECIMAL.test(text) ? Number(text) : Number.NaN
  return Number.isFinite(value) ? value : Number.NaN
}
