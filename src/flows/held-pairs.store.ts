import type { Pool } from 'pg'
import type { Book } from '#domain/book.ts'
import type { PairName } from '#domain/pair.ts'

/** A pair that a book holds, with its signed shares. */
export type HeldPair = { readonly pair: PairName; readonly yShares: number; readonly xShares: number }

/** The pairs that are not closed, ascending by name. */
export async function heldPairs(sql: Pool, book: Book): Promise<HeldPair[]> {
  const { rows } = await sql.query<HeldPair>(
    `select pair, y_shares as "yShares", x_shares as "xShares" from spreadworks.positions
     where book = $1 and state <> 'closed' order by pair collate "C"`,
    [book],
  )
  return rows
}
