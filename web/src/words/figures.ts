/** How figures read. Signs are typographic (−), units stand in the header or behind a thin gap, unknown is never 0. */

const MINUS = '−'
/** What stands for a figure that is not known. */
export const UNKNOWN = '–'

const cents = new Intl.NumberFormat('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })
const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })

/** `$100,204.18`, `−$12.50`: money as a level. Takes dollars or decimal text. */
export function money(dollars: number | string): string {
  const value = Number(dollars)
  return `${isBelowZero(value, 2) ? MINUS : ''}$${cents.format(Math.abs(value))}`
}

/** `+$1,204.18`, `−$12.50`, `$0.00`: money as a change. */
export function signedMoney(dollars: number | string): string {
  const value = Number(dollars)
  return `${signOf(value, 2)}$${cents.format(Math.abs(value))}`
}

/** `62.40 %` of a fraction. */
export function percent(fraction: number): string {
  return `${isBelowZero(fraction * 100, 2) ? MINUS : ''}${cents.format(Math.abs(fraction * 100))} %`
}

/** `−0.37 %`, `+1.20 %` of a fraction that is a change. */
export function signedPercent(fraction: number): string {
  return `${signOf(fraction * 100, 2)}${cents.format(Math.abs(fraction * 100))} %`
}

/** `1,204`: a count in full. */
export function count(value: number): string {
  return whole.format(value)
}

/** `+120`, `−95`: shares of a leg, a short one below zero. */
export function signedShares(shares: number): string {
  return `${signOf(shares, 0)}${whole.format(Math.abs(shares))}`
}

/** `81.24`: a price of a stock above a dollar; below, to four places as the tick demands. */
export function price(usdPerShare: number): string {
  return usdPerShare < 1 ? usdPerShare.toFixed(4) : cents.format(usdPerShare)
}

/** `−2.31`: a ratio or z-score with two decimals. */
export function ratio(value: number): string {
  return `${isBelowZero(value, 2) ? MINUS : ''}${cents.format(Math.abs(value))}`
}

/** `0.631` for a score, `42` when it is a count. */
export function score(value: number): string {
  return Number.isInteger(value) ? count(value) : decimals(value)
}

/** `0.631`, `−3.745`: three decimals, a whole number too. */
export function decimals(value: number): string {
  return value.toFixed(3).replace('-', MINUS)
}

/** `0.013`, or `< 0.001`. */
export function pValue(value: number): string {
  return value < 0.001 ? '< 0.001' : value.toFixed(3)
}

/** Whether a change reads as a gain, a loss or neither once it is rounded to cents. */
export function directionOf(change: number | string): 'gain' | 'loss' | 'flat' {
  const rounded = Math.round(Number(change) * 100)
  if (rounded === 0) return 'flat'
  return rounded > 0 ? 'gain' : 'loss'
}

/** `2 m 14 s`, `2 h 14 m`, `3 d 4 h`: the two largest units of a duration; below a minute only seconds. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  const [days, hours, minutes] = [Math.floor(seconds / 86_400), Math.floor(seconds / 3_600) % 24, Math.floor(seconds / 60) % 60]
  if (days > 0) return `${days} d ${hours} h`
  if (hours > 0) return `${hours} h ${minutes} m`
  if (minutes > 0) return `${minutes} m ${seconds % 60} s`
  return `${seconds} s`
}

function signOf(value: number, decimals: number): string {
  if (Math.round(Math.abs(value) * 10 ** decimals) === 0) return ''
  return value < 0 ? MINUS : '+'
}

function isBelowZero(value: number, decimals: number): boolean {
  return signOf(value, decimals) === MINUS
}
