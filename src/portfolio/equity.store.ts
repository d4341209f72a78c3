import type { Sql } from '#database/connection.client.ts'
import type { Book } from '#domain/book.ts'
import { decimalFrom, type MicroUsd, moneyFrom } from '#domain/money.ts'
import { type EpochMs, epochMs, isoFrom } from '#domain/units.ts'
import type { EquityPoint } from './value.ts'

/** Writes points of a book's equity curve; a point that is stored already stays as it is. */
export async function saveEquity(sql: Sql, book: Book, points: readonly EquityPoint[]): Promise<void> {
  await sql.query(
    `insert into spreadworks.equity (book, at, equity, cash, gross_exposure)
     select $1, * from unnest($2::timestamptz[], $3::numeric[], $4::numeric[], $5::numeric[])
     on conflict (book, at) do nothing`,
    [
      book,
      points.map(({ at }) => isoFrom(at)),
      points.map(({ equity }) => decimalFrom(equity)),
      points.map(({ cash }) => decimalFrom(cash)),
      points.map(({ grossExposure }) => decimalFrom(grossExposure)),
    ],
  )
}

type EquityRow = { at: Date; equity: string; cash: string; gross_exposure: string }

/** The book's equity curve in [from, until], ascending. */
export async function equityBetween(sql: Sql, book: Book, range: { from: EpochMs; until: EpochMs }): Promise<EquityPoint[]> {
  const { rows } = await sql.query<EquityRow>(
    `select at, equity, cash, gross_exposure from spreadworks.equity
     where book = $1 and at between $2 and $3 order by at`,
    [book, isoFrom(range.from), isoFrom(range.until)],
  )
  return rows.map((row) => ({
    at: epochMs(row.at.getTime()),
    equity: storedMoney(row.equity),
    cash: storedMoney(row.cash),
    grossExposure: storedMoney(row.gross_exposure),
  }))
}

function storedMoney(decimal: string): MicroUsd {
  const money = moneyFrom(decimal)
  if (money === undefined) throw new RangeError(`stored money must be decimal text, got ${decimal}`)
  return money
}
