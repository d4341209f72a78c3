import { bySymbol, type Symbol_ } from './symbol.ts'

/** Two symbols, y regressed on x: ln y = α + β ln x + spread. `long the spread` buys y and sells β dollars of x for each dollar. */
export type Pair = { readonly y: Symbol_; readonly x: Symbol_ }

/** `XOM-CVX`: y first. */
export type PairName = string

export function nameOf(pair: Pair): PairName {
  return `${pair.y}-${pair.x}`
}

/** Every unordered pair of `symbols` once, ascending by first, then second. */
export function everyPair(symbols: readonly Symbol_[]): Pair[] {
  const sorted = [...symbols].sort(bySymbol)
  return sorted.flatMap((y, i) => sorted.slice(i + 1).map((x) => ({ y, x })))
}
