import { type Symbol_, symbolFrom } from './symbol.ts'

/** Two symbols, y regressed on x: ln y = α + β ln x + spread. `long the spread` buys y and sells β dollars of x for each dollar. */
export type Pair = { readonly y: Symbol_; readonly x: Symbol_ }

/**
 * `XOM-CVX`: y first. Where a ticker has a dash of its own the two are joined by a double one, `BRK-B--KO`: no ticker has
 * two dashes in a row, so a name never stands for two pairs.
 */
export type PairName = string

export function nameOf(pair: Pair): PairName {
  return [pair.y, pair.x].join(hasDash(pair.y) || hasDash(pair.x) ? '--' : '-')
}

/** The pair of that name, or undefined for what is no pair's name. Undoes `nameOf`. */
export function pairNamed(name: PairName): Pair | undefined {
  const [y, x, ...more] = name.split(name.includes('--') ? '--' : '-').map(symbolFrom)
  if (y === undefined || x === undefined || more.length > 0) return undefined
  return nameOf({ y, x }) === name ? { y, x } : undefined
}

function hasDash(symbol: Symbol_): boolean {
  return symbol.includes('-')
}
