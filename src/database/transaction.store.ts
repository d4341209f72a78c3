import type pg from 'pg'
import type { Sql } from './connection.client.ts'

/** Runs `work` on one connection in one transaction: all of it is stored when it resolves, none of it when it throws. */
export async function inTransaction<T>(pool: pg.Pool, work: (sql: Sql) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  try {
    await client.query('begin')
    const result = await work(client)
    await client.query('commit')
    client.release()
    return result
  } catch (failure) {
    // A connection that cannot roll back is closed, which rolls back too.
    await client.query('rollback').then(
      () => client.release(),
      () => client.release(true),
    )
    throw failure
  }
}
