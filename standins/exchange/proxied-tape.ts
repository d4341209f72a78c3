import { bySymbol, type Symbol_ } from '#domain/symbol.ts'
import type { Listing, Tape, TapeRows } from '#domain/tape.ts'
import { rowsAt } from './picked-rows.ts'

/**
 * `tape` with more symbols on it, each with the bars of another: `proxies` maps the symbol to the one whose bars it has, which
 * must be on the tape. Their listings say so in their names. Symbols that the tape has itself are not to be among them.
 */
export function proxiedTape(tape: Tape, proxies: ReadonlyMap<Symbol_, Symbol_>): Tape {
  if (proxies.size === 0) return tape
  const own = new Map(tape.listings.map((listing) => [listing.symbol, listing]))
  const added = [...proxies].flatMap(([symbol, proxy]): Listing[] => {
    const listing = own.get(proxy)
    return listing === undefined ? [] : [{ ...listing, symbol, name: `${symbol} (bars of ${proxy}, ${listing.name})` }]
  })
  const listings = [...tape.listings, ...added].sort((a, b) => bySymbol(a.symbol, b.symbol))
  const placeOf = new Map(listings.map(({ symbol }, i) => [symbol, i]))
  const places = tape.listings.map(({ symbol }) => [
    placeOf.get(symbol) ?? 0,
    ...[...proxies].flatMap(([other, proxy]) => (proxy === symbol ? [placeOf.get(other) ?? 0] : [])),
  ])
  return {
    feed: tape.feed,
    listings,
    rowsBetween: async (from, until, listed) =>
      multiplied(await tape.rowsBetween(from, until, listed && showing(listed, places)), places),
  }
}

type Listed = { readonly begin: number; readonly end: number }

/** The listings of the tape below that have a place in [begin, end), and those between them. */
function showing({ begin, end }: Listed, places: readonly (readonly number[])[]): Listed {
  const isShown = (of: readonly number[]) => of.some((place) => begin <= place && place < end)
  return { begin: Math.max(0, places.findIndex(isShown)), end: places.findLastIndex(isShown) + 1 }
}

/** Every row at all the places of its listing, in order of time, then of place. */
function multiplied(rows: TapeRows, places: readonly (readonly number[])[]): TapeRows {
  const at: { readonly row: number; readonly place: number }[] = []
  for (let row = 0; row < rows.openedAt.length; row++) {
    for (const place of places[rows.symbolIndex[row]]) at.push({ row, place })
  }
  at.sort((a, b) => rows.openedAt[a.row] - rows.openedAt[b.row] || a.place - b.place)
  const picked = rowsAt(
    rows,
    at.map(({ row }) => row),
  )
  return { ...picked, symbolIndex: Uint16Array.from(at, ({ place }) => place) }
}
