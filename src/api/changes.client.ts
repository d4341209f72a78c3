import type pg from 'pg'
import { z } from 'zod'

const CHANNEL = 'spreadworks_changed'
const RETRY_MS = 250

const Change = z.object({ table: z.string(), book: z.string().nullable() })

/** Which table of which book changed; `book` is null where rows of no book may have. */
export type Change = z.infer<typeof Change>

/** Whoever hears of changes. `onGap`: some may have been missed, since the connection was lost and is back. */
export type ChangeListener = { readonly onChange: (change: Change) => void; readonly onGap: () => void }

/** Tells `listener` of every change in the database until closed. Holds one connection of the pool; a lost one is opened again. */
export async function listenForChanges(pool: pg.Pool, listener: ChangeListener): Promise<{ close: () => void }> {
  let isClosed = false
  let current: pg.PoolClient | undefined
  let retry: NodeJS.Timeout | undefined

  const connect = async (): Promise<void> => {
    const client = await pool.connect()
    client.on('notification', ({ channel, payload }) => {
      if (channel === CHANNEL && payload !== undefined) listener.onChange(Change.parse(JSON.parse(payload)))
    })
    client.once('error', () => lose(client))
    await client.query(`listen ${CHANNEL}`).catch((failure) => {
      client.release(true)
      throw failure
    })
    if (isClosed) client.release(true)
    else current = client
  }
  const lose = (client: pg.PoolClient): void => {
    if (current !== client) return
    current = undefined
    client.release(true)
    again()
  }
  const again = (): void => {
    if (!isClosed) retry = setTimeout(() => connect().then(listener.onGap, again), RETRY_MS)
  }

  await connect()
  return {
    close: () => {
      isClosed = true
      clearTimeout(retry)
      current?.release(true)
      current = undefined
    },
  }
}
