import { bySymbol, type Symbol_ } from '#domain/symbol.ts'
import type { Listing, Tape, TapeRows } from '#domain/tape.ts'

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
    rowsBetween: async (from, until) => multiplied(await tape.rowsBetween(from, until), places),
  }
}

/** Every row at all the places of its listing, in order of time, then of place. */
function multiplied(rows: TapeRows, places: readonly (readonly number[])[]): TapeRows {
  const at: { readonly row: number; readonly place: number }[] = []
  for (let row = 0; row < rows.openedAt.length; row++) {
    for (const place of places[rows.symbolIndex[row]]) at.push({ row, place })
  }
  at.sort((a, b) => rows.openedAt[a.row] - rows.openedAt[b.row] || a.place - b.place)
  const picked = (column: Float64Array) => Float64Array.from(at, ({ row }) => column[row])
  return {
    openedAt: picked(rows.openedAt),
    symbolIndex: Uint16Array.from(at, ({ place }) => place),
    open: picked(rows.open),
    high: picked(rows.high),
    low: picked(rows.low),
    close: picked(rows.close),
    volumeShares: picked(rows.volumeShares),
  }
}
