import type { Pool, PoolClient } from 'pg'
import type { Book } from '#domain/book.ts'

/**
 * A turn that lasts longer is over: its process is frozen, or its machine is gone and the server has not noticed. Opening a desk is
 * the longest that a turn should have to do.
 */
const LONGEST_TURN_MS = 60_000

/**
 * Does `work` while nobody else on this database is at the book in this way. Takes one connection of the pool meanwhile. A process
 * that was frozen in its turn loses it to the next after a minute; what both then send has the same ids.
 */
export async function inBookTurn<T>(sql: Pool, book: Book, work: () => Promise<T>): Promise<T> {
  const client = await sql.connect()
  const onLoss = () => undefined
  client.on('error', onLoss)
  let isLost = true
  try {
    await taken(client, book)
    try {
      return await work()
    } finally {
      isLost = await given(client, book).then(
        () => false,
        () => true,
      )
    }
  } finally {
    client.off('error', onLoss)
    client.release(isLost)
  }
}

const KEY = `hashtextextended('spreadworks book ' || $1, 0)`

/** The connection is idle for as long as the turn lasts, so the server itself ends one that lasts too long. */
function taken(client: PoolClient, book: Book): Promise<unknown> {
  return client.query(`select pg_advisory_lock(${KEY}), set_config('idle_session_timeout', $2, false)`, [
    book,
    `${LONGEST_TURN_MS}`,
  ])
}

function given(client: PoolClient, book: Book): Promise<unknown> {
  return client.query(`select pg_advisory_unlock(${KEY}), set_config('idle_session_timeout', '0', false)`, [book])
}
