import type { Symbol_ } from './symbol.ts'

/** Two symbols, y regressed on x: ln y = α + β ln x + spread. `long the spread` buys y and sells β dollars of x for each dollar. */
export type Pair = { readonly y: Symbol_; readonly x: Symbol_ }

/** `XOM-CVX`: y first. */
export type PairName = string

export function nameOf(pair: Pair): PairName {
  return `${pair.y}-${pair.x}`
}
