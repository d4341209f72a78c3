import type { Pool } from 'pg'
import type { Sql } from '#database/connection.client.ts'
import { inTransaction } from '#database/transaction.store.ts'
import { dateInNewYork } from '#domain/calendar.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { type EpochMs, epochMs } from '#domain/units.ts'
import type { Company, YahooQuote } from '#sources/yahoo/company.ts'
import type { StoredCompany } from './stored-company.ts'

/** Keeps what `source` says of a company, its officers and its statistics of the day, in place of what it said before. */
export async function saveCompany(
  pool: Pool,
  company: Company,
  { symbol, source, fetchedAt }: { readonly symbol: Symbol_; readonly source: string; readonly fetchedAt: EpochMs },
): Promise<void> {
  const at = new Date(fetchedAt)
  await inTransaction(pool, async (sql) => {
    const { name, exchange, currency, sector, industry, summary, website, employees, city, country } = company
    const profile = [name, exchange, currency, sector, industry, summary, website, employees, city, country].map(orNull)
    await sql.query(
      `insert into spreadworks.companies (symbol, source, name, exchange, currency, sector, industry, summary, website, employees,
         city, country, fetched_at)
       values ($1, $2, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $3)
       on conflict (symbol) do update set source = $2, name = $4, exchange = $5, currency = $6, sector = $7, industry = $8,
         summary = $9, website = $10, employees = $11, city = $12, country = $13, fetched_at = $3`,
      [symbol, source, at, ...profile],
    )
    await saveOfficers(sql, symbol, company.officers)
    await saveStatistics(sql, company.statistics, { symbol, at })
  })
}

async function saveOfficers(sql: Sql, symbol: Symbol_, officers: Company['officers']): Promise<void> {
  await sql.query('delete from spreadworks.company_officers where symbol = $1', [symbol])
  const column = (of: (officer: Company['officers'][number]) => unknown) => officers.map((officer) => orNull(of(officer)))
  await sql.query(
    `insert into spreadworks.company_officers (symbol, place, name, title, age, year_born, fiscal_year, total_pay,
       exercised_value, unexercised_value)
     select $1, place, name, title, age, year_born, fiscal_year, total_pay, exercised_value, unexercised_value
     from unnest($2::text[], $3::text[], $4::int[], $5::int[], $6::int[], $7::numeric[], $8::numeric[], $9::numeric[])
       with ordinality as t (name, title, age, year_born, fiscal_year, total_pay, exercised_value, unexercised_value, place)`,
    [
      symbol,
      column((o) => o.name),
      column((o) => o.title),
      column((o) => o.age),
      column((o) => o.yearBorn),
      column((o) => o.fiscalYear),
      column((o) => o.totalPay),
      column((o) => o.exercisedValue),
      column((o) => o.unexercisedValue),
    ],
  )
}

/** The columns of a day's statistics, in the order of the fields. */
const STATISTICS: readonly (readonly [keyof Company['statistics'], string])[] = [
  ['marketCap', 'market_cap'],
  ['enterpriseValue', 'enterprise_value'],
  ['sharesOutstanding', 'shares_outstanding'],
  ['floatShares', 'float_shares'],
  ['shortFraction', 'short_fraction'],
  ['beta', 'beta'],
  ['trailingPe', 'trailing_pe'],
  ['forwardPe', 'forward_pe'],
  ['priceToBook', 'price_to_book'],
  ['trailingEps', 'trailing_eps'],
  ['dividendYield', 'dividend_yield'],
  ['profitMargin', 'profit_margin'],
  ['averageVolumeShares', 'average_volume_shares'],
  ['yearLow', 'year_low'],
  ['yearHigh', 'year_high'],
]

async function saveStatistics(
  sql: Sql,
  statistics: Company['statistics'],
  { symbol, at }: { readonly symbol: Symbol_; readonly at: Date },
): Promise<void> {
  const columns = STATISTICS.map(([, column]) => column)
  await sql.query(
    `insert into spreadworks.company_statistics (symbol, day, fetched_at, ${columns.join(', ')})
     values ($1, $2, $3, ${columns.map((_, i) => `$${i + 4}`).join(', ')})
     on conflict (symbol, day) do update set fetched_at = $3, ${columns.map((column, i) => `${column} = $${i + 4}`).join(', ')}`,
    [symbol, dateInNewYork(epochMs(at.getTime())), at, ...STATISTICS.map(([field]) => orNull(statistics[field]))],
  )
}

const COMPANY = `
select c.symbol, c.source, c.name, c.exchange, c.currency, c.sector, c.industry, c.summary, c.website, c.employees, c.city,
       c.country, c.fetched_at,
       (select coalesce(json_agg(json_build_object('name', o.name, 'title', o.title, 'age', o.age, 'yearBorn', o.year_born,
                 'fiscalYear', o.fiscal_year, 'totalPay', o.total_pay::float8, 'exercisedValue', o.exercised_value::float8,
                 'unexercisedValue', o.unexercised_value::float8) order by o.place), '[]')
        from spreadworks.company_officers as o where o.symbol = c.symbol) as officers,
       (select json_build_object(${STATISTICS.map(([field, column]) => `'${field}', s.${column}::float8`).join(', ')})
        from spreadworks.company_statistics as s where s.symbol = c.symbol order by s.day desc limit 1) as statistics
from spreadworks.companies as c where c.symbol = $1`

/** As a table has it: null where the domain has undefined. */
type Nullable<T> = { readonly [Field in keyof T]: undefined extends T[Field] ? Exclude<T[Field], undefined> | null : T[Field] }
type CompanyRow = Nullable<Omit<StoredCompany, 'officers' | 'statistics' | 'fetchedAt'>> & {
  readonly fetched_at: Date
  readonly officers: readonly Nullable<Company['officers'][number]>[]
  readonly statistics: Nullable<Company['statistics']>
}

/** What is kept of a company, with its newest statistics, or undefined. */
export async function companyOf(sql: Sql, symbol: Symbol_): Promise<StoredCompany | undefined> {
  const { rows } = await sql.query<CompanyRow>(COMPANY, [symbol])
  const [row] = rows
  if (row === undefined) return undefined
  const { fetched_at, officers, statistics, ...profile } = row
  const company = { ...withoutNulls(profile), officers: officers.map(withoutNulls), statistics: withoutNulls(statistics) }
  return { ...company, fetchedAt: epochMs(fetched_at.getTime()) }
}

/** When each of `symbols` was last asked for; one never asked for is missing. */
export async function companiesFetchedAt(sql: Sql, symbols: readonly Symbol_[]): Promise<ReadonlyMap<Symbol_, EpochMs>> {
  const { rows } = await sql.query<{ symbol: Symbol_; fetched_at: Date }>(
    'select symbol, fetched_at from spreadworks.companies where symbol = any($1)',
    [symbols],
  )
  return new Map(rows.map(({ symbol, fetched_at }) => [symbol, epochMs(fetched_at.getTime())]))
}

/** Keeps the last prices that `source` gave in place of earlier ones; an older trade than the one that is kept changes nothing. */
export async function saveQuotes(
  sql: Sql,
  quotes: ReadonlyMap<Symbol_, YahooQuote>,
  { source, receivedAt }: { readonly source: string; readonly receivedAt: EpochMs },
): Promise<number> {
  const rows = [...quotes]
  const column = (of: (quote: YahooQuote) => unknown) => rows.map(([, quote]) => orNull(of(quote)))
  const { rowCount } = await sql.query(
    `insert into spreadworks.quotes as q (symbol, source, price, traded_at, previous_close, bid, ask, volume_shares, currency, received_at)
     select symbol, $1, price, to_timestamp(traded_at / 1000), previous_close, bid, ask, volume_shares, currency, $2
     from unnest($3::text[], $4::float8[], $5::float8[], $6::float8[], $7::float8[], $8::float8[], $9::float8[], $10::text[])
       as t (symbol, price, traded_at, previous_close, bid, ask, volume_shares, currency)
     on conflict (symbol, source) do update set price = excluded.price, traded_at = excluded.traded_at,
       previous_close = excluded.previous_close, bid = excluded.bid, ask = excluded.ask, volume_shares = excluded.volume_shares,
       currency = excluded.currency, received_at = excluded.received_at
     where excluded.traded_at >= q.traded_at`,
    [
      source,
      new Date(receivedAt),
      rows.map(([symbol]) => symbol),
      column((q) => q.price),
      column((q) => q.tradedAt),
      column((q) => q.previousClose),
      column((q) => q.bid),
      column((q) => q.ask),
      column((q) => q.volumeShares),
      column((q) => q.currency),
    ],
  )
  return rowCount ?? 0
}

function orNull(value: unknown): unknown {
  return value ?? null
}

type WithoutNulls<T> = { readonly [Field in keyof T]: Exclude<T[Field], null> | (null extends T[Field] ? undefined : never) }

/** A table's nulls as the domain's undefined. */
function withoutNulls<T extends object>(row: T): WithoutNulls<T> {
  return Object.fromEntries(Object.entries(row).map(([field, value]) => [field, value ?? undefined])) as WithoutNulls<T>
}
