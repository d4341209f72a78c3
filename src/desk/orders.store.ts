import type { Sql } from '#database/connection.client.ts'
import type { FillView, OrderView } from './views.ts'

/** The newest orders of a book, newest first, at most `limit`. */
export async function ordersOf(sql: Sql, book: string, limit: number): Promise<OrderView[]> {
  const { rows } = await sql.query<OrderView>(
    `${ORDERS} where book = $1 order by at desc, pair, leg desc, client_order_id limit $2`,
    [book, limit],
  )
  return rows
}

/** The order of this client id with the decision that made it, or undefined. */
export async function orderNamed(
  sql: Sql,
  id: string,
): Promise<{ order: OrderView; decisionId: string; book: string } | undefined> {
  const { rows } = await sql.query<OrderView>(`${ORDERS} where client_order_id = $1`, [id])
  const { rows: causes } = await sql.query<{ decisionId: string; book: string }>(
    'select decision_id as "decisionId", book from spreadworks.orders where client_order_id = $1',
    [id],
  )
  const [[order], [cause]] = [rows, causes]
  return order && cause && { order, ...cause }
}

/** The fills of an order, oldest first. */
export async function fillsOf(sql: Sql, id: string): Promise<FillView[]> {
  const { rows } = await sql.query<FillView>(
    `select execution_id as id, (extract(epoch from at) * 1000)::float8 as at, quantity_shares as "quantityShares", price,
       fees::text as "feesUsd"
     from spreadworks.fills where client_order_id = $1 order by at, execution_id`,
    [id],
  )
  return rows
}

const ORDERS = `
  select client_order_id as id, (extract(epoch from at) * 1000)::float8 as at, pair, leg, symbol, side,
    quantity_shares as "quantityShares", filled_shares as "filledShares", average_price as "averagePrice",
    reference_price as "referencePrice", purpose, state, reason,
    (extract(epoch from updated_at) * 1000)::float8 as "updatedAt"
  from spreadworks.orders`
