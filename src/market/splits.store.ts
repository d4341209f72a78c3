import type { Sql } from '#database/connection.client.ts'
import type { SessionDate } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import type { EpochMs } from '#domain/units.ts'
import type { Split } from './daily-closes.ts'

/** Keeps splits that `source` tells of; one that it corrects is replaced. Returns how many were new or other. */
export async function saveSplits(
  sql: Sql,
  splits: readonly Split[],
  { symbol, source, receivedAt }: { readonly symbol: Symbol_; readonly source: string; readonly receivedAt: EpochMs },
): Promise<number> {
  const { rowCount } = await sql.query(
    `insert into spreadworks.splits as s (symbol, effective_on, source, new_per_old, received_at)
     select $1, effective_on, $2, new_per_old, $3 from unnest($4::date[], $5::float8[]) as t (effective_on, new_per_old)
     on conflict (symbol, effective_on, source) do update set new_per_old = excluded.new_per_old, received_at = excluded.received_at
     where s.new_per_old <> excluded.new_per_old`,
    [symbol, source, new Date(receivedAt), splits.map((s) => s.effectiveOn), splits.map((s) => s.newPerOld)],
  )
  return rowCount ?? 0
}

/** The splits of each of `symbols` by date, whoever told of them, each once; an empty list for a symbol without any. */
export async function splitsOf(sql: Sql, symbols: readonly Symbol_[]): Promise<ReadonlyMap<Symbol_, readonly Split[]>> {
  const { rows } = await sql.query<{ symbol: Symbol_; effective_on: SessionDate; new_per_old: number }>(
    `select distinct symbol, to_char(effective_on, 'YYYY-MM-DD') as effective_on, new_per_old from spreadworks.splits
     where symbol = any($1) order by symbol, effective_on, new_per_old`,
    [symbols],
  )
  const of = Map.groupBy(rows, ({ symbol }) => symbol)
  const splitFrom = (row: (typeof rows)[number]): Split => ({ effectiveOn: row.effective_on, newPerOld: row.new_per_old })
  return new Map(symbols.map((symbol) => [symbol, (of.get(symbol) ?? []).map(splitFrom)]))
}
