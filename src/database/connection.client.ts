import pg from 'pg'
import { connectionTo, ignore } from './session.client.ts'

/** Whatever takes a statement: the pool, or the one connection of a transaction. */
export type Sql = Pick<pg.ClientBase, 'query'>

/** An open database: SQL through `pool`, and `url` for those who connect by themselves. */
export type Database = {
  readonly pool: pg.Pool
  readonly url: string
  /** Ends the connections and, when they were the last to the embedded server, the server. */
  readonly close: () => Promise<void>
}

/** A pool of at most `connections` to `url`. Connects on first use. */
function poolTo(url: string, connections: number): pg.Pool {
  const pool = new pg.Pool({ ...connectionTo(url), max: connections })
  // An idle connection that breaks is replaced on the next query, which tells its caller if the server is gone.
  pool.on('error', ignore)
  return pool
}

/** The database behind `url`, which `close` leaves as it is. */
export function databaseAt(url: string, connections: number): Database {
  const pool = poolTo(url, connections)
  return { pool, url, close: () => pool.end() }
}
