import type { Sql } from '#database/connection.client.ts'
import type { Feed } from '#domain/bars.ts'
import { bySymbol, type Symbol_ } from '#domain/symbol.ts'
import type { Listing, Tape, TapeRows } from '#domain/tape.ts'
import type { EpochMs } from '#domain/units.ts'
import { packed, unpackDoubles, unpackInstants, unpackShorts } from './packed-columns.ts'

const EXCHANGES = ['NYSE', 'NASDAQ', 'ARCA', 'AMEX', 'BATS'] as const

const ORDER = 'opened_at, place'
const ROWS_BETWEEN = `
select ${packed('timestamptz_send(opened_at)', ORDER)} as opened_at, ${packed('int2send(place::int2)', ORDER)} as place,
       ${packed('float8send(open)', ORDER)} as open, ${packed('float8send(high)', ORDER)} as high,
       ${packed('float8send(low)', ORDER)} as low, ${packed('float8send(close)', ORDER)} as close,
       ${packed('float8send(volume)', ORDER)} as volume
from (select b.*, l.place - 1 + $5 as place
      from unnest($1::text[]) with ordinality as l (symbol, place) join spreadworks.trusted_bars as b on b.symbol = l.symbol
      where b.symbol = any($1) and b.timeframe = '1m' and b.feed = $2 and b.opened_at >= $3 and b.opened_at < $4) as rows`

type PackedRows = Readonly<Record<'opened_at' | 'place' | 'open' | 'high' | 'low' | 'close' | 'volume', Buffer | null>>

/**
 * The stored 1-minute bars of `symbols` in one feed as a tape; nothing outside [from, until) is on it. Names and exchanges are
 * those of the symbols table; a symbol that it lacks is listed under its own ticker at the NYSE.
 */
export async function storedTape(
  sql: Sql,
  {
    feed,
    symbols,
    from,
    until,
  }: { readonly feed: Feed; readonly symbols: readonly Symbol_[]; readonly from: EpochMs; readonly until: EpochMs },
): Promise<Tape> {
  const listed = [...new Set(symbols)].sort(bySymbol)
  const listings = await listingsOf(sql, listed)
  const rowsBetween: Tape['rowsBetween'] = async (first, end, places = { begin: 0, end: listed.length }) => {
    const span = [new Date(Math.max(from, first)), new Date(Math.min(until, end))]
    const asked = listed.slice(places.begin, places.end)
    const { rows } = await sql.query<PackedRows>(ROWS_BETWEEN, [asked, feed, ...span, places.begin])
    return tapeRowsFrom(rows[0])
  }
  return { feed, listings, rowsBetween }
}

async function listingsOf(sql: Sql, symbols: readonly Symbol_[]): Promise<Listing[]> {
  const { rows } = await sql.query<{ symbol: Symbol_; name: string; exchange: string }>(
    'select symbol, name, exchange from spreadworks.symbols where symbol = any($1)',
    [symbols],
  )
  const known = new Map(rows.map((row) => [row.symbol, row]))
  return symbols.map((symbol) => {
    const { name = symbol, exchange = 'NYSE' } = known.get(symbol) ?? {}
    return { symbol, name, exchange: EXCHANGES.find((one) => one === exchange) ?? 'NYSE', shortable: true }
  })
}

const NO_BYTES = Buffer.alloc(0)

function tapeRowsFrom({ opened_at, place, open, high, low, close, volume }: PackedRows): TapeRows {
  return {
    openedAt: unpackInstants(opened_at ?? NO_BYTES),
    symbolIndex: unpackShorts(place ?? NO_BYTES),
    open: unpackDoubles(open ?? NO_BYTES),
    high: unpackDoubles(high ?? NO_BYTES),
    low: unpackDoubles(low ?? NO_BYTES),
    close: unpackDoubles(close ?? NO_BYTES),
    volumeShares: unpackDoubles(volume ?? NO_BYTES),
  }
}
