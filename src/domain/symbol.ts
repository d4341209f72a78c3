import type { Measured } from './units.ts'

/** A ticker as its exchange writes it, class shares with a dot: `BRK.B`. Always text: `T`, `NA` and `TRUE` are tickers. */
export type Symbol_ = Measured<'symbol', string>

const TICKER = /^[A-Z][A-Z0-9]{0,9}([.\-/][A-Z0-9]{1,5})?$/

/** The symbol, or undefined when `text` is not written like one. */
export function symbolFrom(text: string): Symbol_ | undefined {
  return TICKER.test(text) ? (text as Symbol_) : undefined
}

/** Ascending by code unit: the same on every machine and locale. */
export function bySymbol(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
