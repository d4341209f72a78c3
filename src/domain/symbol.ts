import { wrongRequest } from './fault.ts'
import type { Measured } from './units.ts'

/** A ticker as its exchange writes it, class shares with a dot: `BRK.B`. Always text: `T`, `NA` and `TRUE` are tickers. */
export type Symbol_ = Measured<'symbol', string>

const TICKER = /^[A-Z][A-Z0-9]{0,9}([.\-/][A-Z0-9]{1,5})?$/

/** The symbol, or undefined when `text` is not written like one. */
export function symbolFrom(text: string): Symbol_ | undefined {
  return TICKER.test(text) ? (text as Symbol_) : undefined
}

/** The most of what is no ticker that is repeated to whoever wrote it. */
const REPEATED = 40

/** The symbol that a person has written. Throws SYMBOL_UNREADABLE, exit code 2, with the beginning of what was written in its place. */
export function tickerFrom(text: string): Symbol_ {
  const symbol = symbolFrom(text)
  if (symbol !== undefined) return symbol
  const said = `${text.slice(0, REPEATED).replace(/\p{C}/gu, ' ')}${text.length > REPEATED ? '…' : ''}`
  throw wrongRequest('SYMBOL_UNREADABLE', `'${said}' is not a ticker; write it in capitals, such as XOM.`)
}

/** Ascending by code unit: the same on every machine and locale. */
export function bySymbol(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
