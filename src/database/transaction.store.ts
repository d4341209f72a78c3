import type pg from 'pg'
import type { Sql } from './connection.client.ts'
import { ignore } from './session.client.ts'

/**
 * Runs `work` on one connection in one transaction: all of it is stored when it resolves, none of it when it throws. If the connection
 * breaks while `work` is about something else, the next query on it throws.
 */
export async function inTransaction<T>(pool: pg.Pool, work: (sql: Sql) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  // The pool listens to idle connections alone, and an error that nobody listens to would end the process.
  client.on('error', ignore)
  const release = (isBroken: boolean) => {
    client.off('error', ignore)
    client.release(isBroken)
  }
  try {
    await client.query('begin')
    const result = await work(client)
    await client.query('commit')
    release(false)
    return result
  } catch (failure) {
    // A connection that cannot roll back is closed, which rolls back too.
    await client.query('rollback').then(
      () => release(false),
      () => release(true),
    )
    throw failure
  }
}
