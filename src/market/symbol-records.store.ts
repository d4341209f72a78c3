import type { Pool } from 'pg'
import { z } from 'zod'
import type { Sql } from '#database/connection.client.ts'
import { inTransaction } from '#database/transaction.store.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { type EpochMs, epochMs, isoFrom } from '#domain/units.ts'
import type { SymbolEvent, SymbolRecord } from './listing.ts'
import type { Finding } from './symbol-maintenance.ts'

const ticker = z.string().transform((text) => text as Symbol_)
const instant = z
  .date()
  .nullable()
  .transform((at) => (at === null ? undefined : epochMs(at.getTime())))
const optional = <T extends z.ZodType>(value: T) => value.nullable().transform((found) => found ?? undefined)

const Row = z
  .object({
    symbol: ticker,
    name: z.string(),
    sector: optional(z.string()),
    exchange: z.string(),
    is_active: z.boolean(),
    is_simulated: z.boolean(),
    status: z.enum(['listed', 'halted', 'not-tradable', 'delisted', 'renamed']),
    status_since: instant,
    is_shortable: optional(z.boolean()),
    asset_id: optional(z.string()),
    renamed_to: optional(ticker),
    checked_at: instant,
  })
  .transform(
    (row): SymbolRecord => ({
      symbol: row.symbol,
      name: row.name,
      sector: row.sector,
      exchange: row.exchange,
      isActive: row.is_active,
      isSimulated: row.is_simulated,
      status: row.status,
      statusSince: row.status_since,
      isShortable: row.is_shortable,
      assetId: row.asset_id,
      renamedTo: row.renamed_to,
      checkedAt: row.checked_at,
    }),
  )

/** Every symbol that is kept, ascending. */
export async function symbolRecords(sql: Sql): Promise<SymbolRecord[]> {
  const { rows } = await sql.query(`select * from spreadworks.symbols order by symbol collate "C"`)
  return rows.map((row) => Row.parse(row))
}

/** Who changes something, and when. */
export type Author = { readonly by: string; readonly at: EpochMs }
/** A symbol to keep. `sector` undefined: not known. */
export type NewSymbol = { readonly symbol: Symbol_; readonly name: string; readonly sector: string | undefined }

const ADD = `
with added as (
  insert into spreadworks.symbols as s (symbol, name, sector)
  select * from unnest($1::text[], $2::text[], $3::text[])
  on conflict (symbol) do update set sector = coalesce(s.sector, excluded.sector), updated_at = now()
  where s.sector is null and excluded.sector is not null
  returning symbol, xmax = 0 as is_new
), told as (
  insert into spreadworks.symbol_events (symbol, at, what, evidence, by)
  select symbol, $4, 'added', $5, $6 from added where is_new
)
select symbol from added where is_new order by symbol collate "C"`

/** Keeps symbols that are new and gives known ones a sector where they have none; answers those that were new. */
export async function addSymbols(
  sql: Sql,
  symbols: readonly NewSymbol[],
  { by, at, evidence }: Author & { readonly evidence: string },
): Promise<Symbol_[]> {
  const entries = [...new Map(symbols.map((entry) => [entry.symbol, entry])).values()]
  const columns = [entries.map((e) => e.symbol), entries.map((e) => e.name), entries.map((e) => e.sector ?? null)]
  const { rows } = await sql.query<{ symbol: Symbol_ }>(ADD, [...columns, isoFrom(at), evidence, by])
  return rows.map(({ symbol }) => symbol)
}

const SET_ACTIVE = `
with changed as (
  update spreadworks.symbols set is_active = $2, updated_at = now() where symbol = any($1) and is_active <> $2 returning symbol
), told as (
  insert into spreadworks.symbol_events (symbol, at, what, evidence, by)
  select symbol, $3, case when $2 then 'activated' else 'deactivated' end, $4, $5 from changed
)
select symbol from changed order by symbol collate "C"`

/** Puts symbols into the active set or takes them out; answers those that changed. What is stored of them stays. */
export async function setSymbolsActive(
  sql: Sql,
  symbols: readonly Symbol_[],
  { isActive, by, at }: Author & { readonly isActive: boolean },
): Promise<Symbol_[]> {
  const evidence = isActive ? 'Put into the active set.' : 'Taken out of the active set.'
  const { rows } = await sql.query<{ symbol: Symbol_ }>(SET_ACTIVE, [symbols, isActive, isoFrom(at), evidence, by])
  return rows.map(({ symbol }) => symbol)
}

const SAVE_FINDINGS = `
update spreadworks.symbols as s
set status = f.status, status_since = f.status_since, is_shortable = f.is_shortable, asset_id = f.asset_id,
    renamed_to = f.renamed_to, checked_at = $2, updated_at = now()
from jsonb_to_recordset($1) as f
  (symbol text, status text, status_since timestamptz, is_shortable boolean, asset_id text, renamed_to text)
where s.symbol = f.symbol`

const SAVE_SUCCESSORS = `
insert into spreadworks.symbols (symbol, name, sector, exchange, is_active)
select f.renamed_to, s.name, s.sector, s.exchange, s.is_active
from jsonb_to_recordset($1) as f (symbol text, renamed_to text) join spreadworks.symbols as s using (symbol)
where f.renamed_to is not null
on conflict (symbol) do nothing
returning symbol`

const SAVE_EVENTS = `
insert into spreadworks.symbol_events (symbol, at, what, evidence, by)
select symbol, $2, what, evidence, $3 from jsonb_to_recordset($1) as e (symbol text, what text, evidence text)`

/** Keeps what a look has found, with an event for each change; a new ticker comes in with its old one's sector and place in the active set. */
export async function saveFindings(pool: Pool, findings: readonly Finding[], { by, at }: Author): Promise<void> {
  const found = findings.map(({ symbol, status, statusSince, isShortable, assetId, renamedTo }) => ({
    symbol,
    status,
    status_since: statusSince === undefined ? null : isoFrom(statusSince),
    is_shortable: isShortable ?? null,
    asset_id: assetId ?? null,
    renamed_to: renamedTo ?? null,
  }))
  const changes = findings.flatMap(({ symbol, changes: news }) => news.map((change) => ({ symbol, ...change })))
  await inTransaction(pool, async (sql) => {
    await sql.query(SAVE_FINDINGS, [JSON.stringify(found), isoFrom(at)])
    const { rows } = await sql.query<{ symbol: Symbol_ }>(SAVE_SUCCESSORS, [JSON.stringify(found)])
    const added = rows.map(({ symbol }) => ({ symbol, what: 'added', evidence: 'The new ticker of a share that was renamed.' }))
    await sql.query(SAVE_EVENTS, [JSON.stringify([...changes, ...added]), isoFrom(at), by])
  })
}

/** What happened to a symbol, or to every symbol, newest first, at most `limit`. */
export async function symbolEvents(
  sql: Sql,
  { symbol, limit }: { readonly symbol: Symbol_ | undefined; readonly limit: number },
): Promise<SymbolEvent[]> {
  const { rows } = await sql.query<Omit<SymbolEvent, 'at'> & { at: Date }>(
    `select symbol, at, what, evidence, by from spreadworks.symbol_events
     where $1::text is null or symbol = $1 order by at desc, id desc limit $2`,
    [symbol ?? null, limit],
  )
  return rows.map((row) => ({ ...row, at: epochMs(row.at.getTime()) }))
}
