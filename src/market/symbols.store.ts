import type { Sql } from '#database/connection.client.ts'
import type { Symbol_ } from '#domain/symbol.ts'

/** A symbol as it is kept. `sector` is undefined where none is known. */
export type SymbolEntry = { readonly symbol: Symbol_; readonly name: string; readonly sector: string | undefined }

/** A sector and how many active symbols it has. */
export type Sector = { readonly sector: string; readonly symbols: number }

/** Adds new symbols and corrects the name and sector of known ones; returns how many changed. Of a symbol given twice the last counts. */
export async function saveSymbols(sql: Sql, symbols: readonly SymbolEntry[]): Promise<number> {
  const entries = [...new Map(symbols.map((entry) => [entry.symbol, entry])).values()]
  const { rowCount } = await sql.query(
    `insert into spreadworks.symbols as s (symbol, name, sector)
     select * from unnest($1::text[], $2::text[], $3::text[])
     on conflict (symbol) do update set name = excluded.name, sector = coalesce(excluded.sector, s.sector), updated_at = now()
     where (s.name, s.sector) is distinct from (excluded.name, coalesce(excluded.sector, s.sector))`,
    [entries.map((e) => e.symbol), entries.map((e) => e.name), entries.map((e) => e.sector ?? null)],
  )
  return rowCount ?? 0
}

/** Every sector that has an active symbol, by name. */
export async function sectors(sql: Sql): Promise<Sector[]> {
  const { rows } = await sql.query<Sector>(
    `select sector, count(*)::int as symbols from spreadworks.symbols
     where is_active and sector is not null group by sector order by sector collate "C"`,
  )
  return rows
}

/** Active symbols of a sector, ascending; letters' case is not looked at. Empty when there is no such sector. */
export async function symbolsOfSector(sql: Sql, sector: string): Promise<Symbol_[]> {
  const { rows } = await sql.query<{ symbol: Symbol_ }>(
    `select symbol from spreadworks.symbols where is_active and lower(sector) = lower($1) order by symbol collate "C"`,
    [sector],
  )
  return rows.map((row) => row.symbol)
}

/** Marks symbols as made up, so that nobody looks for them at a broker. */
export async function markSimulated(sql: Sql, symbols: readonly Symbol_[]): Promise<void> {
  await sql.query('update spreadworks.symbols set is_simulated = true where symbol = any($1) and not is_simulated', [symbols])
}
