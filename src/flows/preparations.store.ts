import type { Pool } from 'pg'
import type { BarRange } from '#domain/bars.ts'
import type { Book } from '#domain/book.ts'
import type { SessionDate } from '#domain/sessions.ts'
import { isoFrom } from '#domain/units.ts'
import type { ScreenedSymbol } from '#pairs/screened-symbol.ts'

/** The bars that a day's screen reads, and what was found of each symbol's. */
export type Preparation = {
  readonly id: string
  readonly book: Book
  readonly day: SessionDate
  readonly range: BarRange
  /** Of all bars, as hashOfBars makes it. */
  readonly dataHash: string
  readonly symbols: readonly ScreenedSymbol[]
}

/** Keeps a preparation; one of the same id that was kept before is replaced. */
export async function savePreparation(sql: Pool, { id, book, day, range, dataHash, symbols }: Preparation): Promise<void> {
  const figures = symbols.map((one) => ('stability' in one ? one.stability : undefined))
  await sql.query(
    `with gone as (delete from spreadworks.variance_stability where preparation_id = $1 and symbol <> all($8::text[])),
     kept as (
       insert into spreadworks.preparations (id, book, day, feed, from_at, until_at, data_hash) values ($1, $2, $3, $4, $5, $6, $7)
       on conflict (id) do update set data_hash = $7 returning id)
     insert into spreadworks.variance_stability
       (preparation_id, symbol, verdict, observations, arch_p_value, ljung_box_p_value, volatility_variation)
     select kept.id, looked.* from kept,
       unnest($8::text[], $9::text[], $10::int[], $11::float8[], $12::float8[], $13::float8[]) as looked
     on conflict (preparation_id, symbol) do update set
       (verdict, observations, arch_p_value, ljung_box_p_value, volatility_variation) =
       (excluded.verdict, excluded.observations, excluded.arch_p_value, excluded.ljung_box_p_value, excluded.volatility_variation)`,
    [
      ...[id, book, day, range.feed, isoFrom(range.from), isoFrom(range.until), dataHash],
      ...[symbols.map(({ symbol }) => symbol), symbols.map(({ verdict }) => verdict)],
      symbols.map(({ observations }) => observations),
      figures.map((stability) => stability?.archPValue ?? null),
      figures.map((stability) => stability?.ljungBoxPValue ?? null),
      figures.map((stability) => stability?.volatilityVariation ?? null),
    ],
  )
}

/** The hash of the bars that were looked at; undefined when there is no such preparation. */
export async function preparedHash(sql: Pool, id: string): Promise<string | undefined> {
  const { rows } = await sql.query<{ data_hash: string }>(`select data_hash from spreadworks.preparations where id = $1`, [id])
  return rows[0]?.data_hash
}
